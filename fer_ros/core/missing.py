"""The installed parts, and the errors for missing Python packages.

It imports only the standard library, so it works without any package.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

#: Set it to 1 to use no ROS 2. scripts/environment.bash does that if the set-up omitted ROS 2.
WITHOUT_ROS_VARIABLE = 'FER_ROS_WITHOUT_ROS'

#: Packages that every part needs, by import name, and their installation.
REQUIRED = {
    'numpy': 'pip install numpy (Debian: python3-numpy)',
    'cv2': "pip install 'opencv-python-headless<5' (Debian: python3-opencv)",
    'yaml': 'pip install pyyaml (Debian: python3-yaml)',
}

#: Packages that some commands need, and their installation.
OPTIONAL = {
    'tqdm': 'pip install tqdm (Debian: python3-tqdm)',
}

_SOURCE_ROS = (
    'source your ROS 2 and the workspace with fer_ros (in a checkout: make build, then '
    '. scripts/environment.bash)'
)
_ROS_PACKAGES = ('rclpy', 'launch', 'launch_ros', 'ament_index_python', 'rosgraph_msgs')
_OWN = ('fer_ros', 'training', 'benchmark')


def is_wheel() -> bool:
    """Return whether pip installed this package. Only a wheel contains the models."""
    return (Path(__file__).resolve().parents[1] / 'share').is_dir()


def is_without_ros() -> bool:
    """Return whether fer_ros runs without ROS 2 by intention, so that no message is necessary.

    That is so if FER_ROS_WITHOUT_ROS is set, and in a wheel if no ROS 2 is sourced.
    """
    chosen = os.environ.get(WITHOUT_ROS_VARIABLE, '')
    if chosen:
        return chosen != '0'
    return is_wheel() and find_spec('rclpy') is None


def install_command(extra: str, file: str) -> str:
    """Return the command that installs an optional part.

    Args:
        extra: Its name as an extra of the wheel.
        file: Its requirements file in a checkout.
    """
    return f"pip install 'fer-ros[{extra}]'" if is_wheel() else f'pip install -r {file}'


def all_at_once() -> str:
    """Return the command that installs all that fer_ros can use when it runs."""
    command = install_command('all', 'requirements/runtime.txt')
    return f'All at once: {command}' if is_wheel() else f'In a checkout all at once: {command}'


def how_to_install(error: ImportError, all_of_it: str = '') -> str | None:
    """Return one line with the package that cannot be imported, and the remedy.

    Args:
        all_of_it: A sentence with the command that installs all packages. By default, the one of
            all_at_once().

    Returns:
        The text. None if the missing module belongs to this project, because then the traceback
        helps.
    """
    name = (error.name or '').partition('.')[0]
    if not name or name in _OWN:
        return None
    if isinstance(error, ModuleNotFoundError):
        fault = f'needs the Python package {name}, which is not installed'
    else:
        fault = f'needs the Python package {name}, which cannot be imported ({error})'
    if name in _ROS_PACKAGES or name.endswith(('_msgs', '_srvs', '_interfaces')):
        return f'{fault}: {_SOURCE_ROS}'
    command = {**REQUIRED, **OPTIONAL}.get(name, f'pip install {name}')
    return f'{fault}: {command}. {all_of_it or all_at_once()}'
