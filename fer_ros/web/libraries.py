"""The optional libraries of the web server, and the error if they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from fer_ros.core.missing import install_command, is_wheel
from fer_ros.web.errors import WebError

#: Import name to the name for pip. requirements/web.txt contains the versions.
LIBRARIES = {
    'nicegui': 'nicegui',
    'fastapi_offline': 'fastapi-offline',
    'prometheus_client': 'prometheus-client',
}


def missing_libraries() -> list[str]:
    """Return the packages that the web server lacks, by their names for pip."""
    return [package for name, package in LIBRARIES.items() if find_spec(name) is None]


def install_libraries() -> str:
    """Return the command that installs them."""
    return install_command('web', 'requirements/web.txt')


def require_libraries() -> None:
    """Raise WebError with the install command if the web server lacks libraries."""
    missing = missing_libraries()
    if missing:
        by_name = f'pip install {" ".join(missing)} (versions are in requirements/web.txt)'
        raise WebError(
            f'the web server needs {", ".join(missing)}: '
            f'{install_libraries() if is_wheel() else by_name}, or start without web'
        )
