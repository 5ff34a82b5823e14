"""The source of ROS 2 on this machine, and the Debian packages that a build needs."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from enum import Enum
from pathlib import Path

from setup_commands import ROOT, SetupError

#: The newest Python with wheels for requirements/ros.txt.
NEWEST_ROS_PYTHON = (3, 14)


class Ros(Enum):
    """The source of ROS 2. The value is whether this shell has sourced it."""

    SOURCED = True
    PYPI = False
    NONE = None


def which_ros() -> Ros:
    """Return the source of ROS 2 on this machine.

    Raises:
        SetupError: A ROS 2 is sourced, but this Python cannot use it.
    """
    if os.environ.get('FER_ROS_WITHOUT_ROS', '0') not in ('', '0'):
        return Ros.NONE
    if ros_is_sourced():
        return Ros.SOURCED
    return Ros.PYPI if has_ros_wheels() else Ros.NONE


def has_ros_wheels() -> bool:
    """Return whether PyPI has ROS 2 for this machine and Python."""
    return (
        sys.platform == 'linux'
        and platform.machine() == 'x86_64'
        and platform.libc_ver()[0] == 'glibc'
        and platform.python_implementation() == 'CPython'
        and sys.version_info[:2] <= NEWEST_ROS_PYTHON
    )


def why_without_ros() -> str:
    """Return the reason why ROS is omitted."""
    if has_ros_wheels():
        return 'FER_ROS_WITHOUT_ROS is set'
    version = '.'.join(map(str, sys.version_info[:2]))
    return (
        f'no ROS 2 is sourced, and PyPI has none for Python {version} on {platform.system()} '
        f'{platform.machine()}'
    )


def ros_is_sourced() -> bool:
    """Return whether this shell has a ROS 2 other than the one in this checkout.

    Raises:
        SetupError: A ROS 2 is sourced, but this Python cannot use it.
    """
    prefixes = [Path(p) for p in os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep) if p]
    if all(prefix.is_relative_to(ROOT) for prefix in prefixes):
        return False
    command = [base_python(), '-c', 'import rclpy']
    if subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode:
        raise SetupError(
            f'a ROS 2 is sourced ({os.environ.get("ROS_DISTRO", prefixes[0])}), but '
            f'{base_python()} cannot import its rclpy: pass its Python with make PYTHON=..., or '
            'use a shell without ROS'
        )
    return True


def base_python() -> str:
    """Return this Python outside any virtual environment, because .venv can be removed."""
    return str(getattr(sys, '_base_executable', sys.executable))


def missing_debian_packages(ros: Ros) -> list[str]:
    """Return the names of the missing Debian packages."""
    missing = []
    if ros is not Ros.NONE:
        if not all(shutil.which(tool) for tool in ('cc', 'c++', 'make')):
            missing.append('build-essential')
        if not (Path(sysconfig.get_paths()['include']) / 'Python.h').is_file():
            missing.append('python3-dev')
    if not all(importlib.util.find_spec(module) for module in ('venv', 'ensurepip')):
        missing.append('python3-venv')
    return missing
