"""The kind of installation, and the error if a Python package is missing.

It imports only the standard library, so it works without any package.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

#: Set to 1 where no ROS 2 is to be used. scripts/environment.bash does so where the set-up built
#: none.
WITHOUT_ROS_VARIABLE = 'FER_ROS_WITHOUT_ROS'

#: Packages that no part can do without, by import name: how to install them.
REQUIRED = {
    'numpy': 'pip install numpy (Debian: python3-numpy)',
    'cv2': "pip install 'opencv-python-headless<5' (Debian: python3-opencv)",
    'yaml': 'pip install pyyaml (Debian: python3-yaml)',
}

#: Packages that some commands need: how to install them.
OPTIONAL = {
    'sklearn': 'pip install scikit-learn (Debian: python3-sklearn)',
    'tqdm': 'pip install tqdm (Debian: python3-tqdm)',
}

_SOURCE_ROS = (
    'source your ROS 2 and the workspace with fer_ros (in a checkout: make build, then '
    '. scripts/environment.bash)'
)
_ROS_PACKAGES = ('rclpy', 'launch', 'launch_ros', 'ament_index_python', 'rosgraph_msgs')
_OWN = ('fer_ros', 'training', 'benchmark')


def is_wheel() -> bool:
    """Return whether pip installed this package: only a wheel has the models inside."""
    return (Path(__file__).resolve().parents[1] / 'share').is_dir()


def is_without_ros() -> bool:
    """Return whether fer_ros runs without ROS 2 here, and no message about that is wanted.

    So it is where FER_ROS_WITHOUT_ROS says so, and in a wheel as long as no ROS 2 is sourced.
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
    """Return in one line which package cannot be imported and what to do.

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
