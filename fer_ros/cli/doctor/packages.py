"""Checks of the required Python packages."""

from __future__ import annotations

from importlib import import_module, metadata
from importlib.util import find_spec

from fer_ros.cli.doctor.catalogue import Packages
from fer_ros.cli.doctor.finding import Finding, ok
from fer_ros.core.missing import OPTIONAL, REQUIRED, all_at_once
from fer_ros.web.libraries import install_libraries, missing_libraries

#: Names of the OpenCV builds on PyPI.
OPENCV_PACKAGES = (
    'opencv-python',
    'opencv-python-headless',
    'opencv-contrib-python',
    'opencv-contrib-python-headless',
)


def check_packages() -> list[Finding]:
    """Import the required packages, and list the missing optional packages."""
    findings = []
    versions = []
    for name, command in REQUIRED.items():
        try:
            module = import_module(name)
        except ImportError as error:
            findings.append(
                Packages.MISSING.found(
                    name=name, error=error, commands=f'{command}. {all_at_once()}'
                )
            )
        else:
            versions.append(f'{name} {getattr(module, "__version__", "of unknown version")}')
    if findings:
        return findings
    findings.append(ok(', '.join(versions)))
    findings += _check_opencv()
    for name, command in OPTIONAL.items():
        if find_spec(name) is None:
            findings.append(ok(f'{name} is not installed, and annotate needs it: {command}'))
    if missing := missing_libraries():
        findings.append(
            ok(
                f'{", ".join(missing)} are not installed, and the dashboard needs them: '
                f'{install_libraries()}'
            )
        )
    return findings


def _check_opencv() -> list[Finding]:
    """Report several pip packages with cv2, because they overwrite each other's files."""
    packages = [name for name in OPENCV_PACKAGES if _is_installed(name)]
    if len(packages) < 2:
        return []
    return [
        Packages.SEVERAL_OPENCV.found(
            count=len(packages), names=', '.join(packages), packages=' '.join(packages)
        )
    ]


def _is_installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True
