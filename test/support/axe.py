"""axe-core, which checks accessibility, in the browser of the tests.

It comes from npm if it is installed there (npm install --global axe-core). Otherwise, it comes
from PyPI's older package axe-core-python.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from support.browser import Browser

#: Rules about colours. Another theme of the same page can break only these.
COLOURS = ('color-contrast', 'link-in-text-block')

#: The impacts, as axe names them, that count as faults.
FAULTS = ('serious', 'critical')

_RUN = """
    const [rules, done] = arguments;
    const options = {resultTypes: ['violations']};
    if (rules.length) options.runOnly = {type: 'rule', values: rules};
    const moves = (one) => one.playState === 'running'
        && one.effect.getTiming().iterations !== Infinity;
    let still = 0;
    // A fading text has less contrast, so wait until the page stands still.
    const judge = () => {
        still = document.getAnimations().some(moves) ? 0 : still + 1;
        if (still < 15) requestAnimationFrame(judge);
        else axe.run(document, options).then((found) => done(found.violations));
    };
    judge();"""


@cache
def _script() -> str:
    """Return the code of axe, '' if it is not installed."""
    for path in _places():
        if path.is_file():
            return path.read_text(encoding='utf-8')
    return ''


def _places() -> list[Path]:
    places = []
    if npm := shutil.which('npm'):
        root = subprocess.run(
            [npm, 'root', '--global'], capture_output=True, text=True, check=False
        ).stdout.strip()
        places.append(Path(root) / 'axe-core' / 'axe.min.js')
    found = find_spec('axe_core_python')
    if found is not None and found.origin is not None:
        places.append(Path(found.origin).parent / 'axe.min.js')
    return places


def faults(page: Browser, rules: Sequence[str] = ()) -> list[str]:
    """Return the serious and critical faults that axe finds on the current page, or skip.

    Args:
        rules: Names of the rules to check. Empty checks all that are on by default.
    """
    code = _script()
    if not code:
        pytest.skip('no axe-core: pip install axe-core-python, or npm install --global axe-core')
    # A text that fades has less contrast while axe checks it.
    page.driver.execute_cdp_cmd(
        'Emulation.setEmulatedMedia',
        {'features': [{'name': 'prefers-reduced-motion', 'value': 'reduce'}]},
    )
    page.script(code)
    page.driver.set_script_timeout(120)
    violations: list[dict[str, Any]] = page.driver.execute_async_script(_RUN, rules)
    return [
        f'{violation["id"]}: {node["html"][:200]}: {node["failureSummary"]}'
        for violation in violations
        if violation['impact'] in FAULTS
        for node in violation['nodes']
    ]
