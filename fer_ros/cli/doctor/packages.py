"""The Python packages without which nothing else can be looked at."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from fer_ros.cli.doctor.finding import Finding, ok, problem
from fer_ros.core.missing import OPTIONAL, REQUIRED
from fer_ros.web.libraries import missing_libraries


def check_packages() -> list[Finding]:
    """Import what every part needs, and tell which optional packages are not here."""
    findings = []
    versions = []
    for name, command in REQUIRED.items():
        try:
            module = import_module(name)
        except ImportError as error:
            findings.append(
                problem(
                    f'the Python package {name} cannot be imported ({error})',
                    'no part of fer_ros can run with this Python',
                    f'{command}; in a checkout all at once: pip install -r '
                    'requirements/runtime.txt',
                )
            )
        else:
            versions.append(f'{name} {getattr(module, "__version__", "of unknown version")}')
    if findings:
        return findings
    findings.append(ok(', '.join(versions)))
    for name, command in OPTIONAL.items():
        if find_spec(name) is None:
            findings.append(ok(f'{name} is not here, which annotate needs: {command}'))
    if missing := missing_libraries():
        findings.append(
            ok(
                f'{", ".join(missing)} are not here, which the dashboard needs: '
                'pip install -r requirements/web.txt'
            )
        )
    return findings
