"""The optional libraries of the web server, and what to say where they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from fer_ros.core.missing import install_command, is_wheel
from fer_ros.web.errors import WebError

#: Import name to what pip calls it; versions stand in requirements/web.txt.
LIBRARIES = {
    'nicegui': 'nicegui',
    'fastapi_offline': 'fastapi-offline',
    'prometheus_client': 'prometheus-client',
}


def missing_libraries() -> list[str]:
    """Return what pip has to install before the web server can run."""
    return [package for name, package in LIBRARIES.items() if find_spec(name) is None]


def install_libraries() -> str:
    """Return the command that installs them."""
    return install_command('web', 'requirements/web.txt')


def require_libraries() -> None:
    """Raise WebError where the web server cannot run, with the command that changes that."""
    missing = missing_libraries()
    if missing:
        by_name = f'pip install {" ".join(missing)} (versions are in requirements/web.txt)'
        raise WebError(
            f'the web server needs {", ".join(missing)}: '
            f'{install_libraries() if is_wheel() else by_name}, or start without web'
        )
