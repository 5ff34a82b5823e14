"""Optional message packages."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from fer_ros.core.errors import FerError

#: Address of the source by package.
SOURCES = {
    'tf2_msgs': 'github.com/ros2/geometry2',
    'hri_msgs': 'github.com/ros4hri/hri_msgs, branch humble-devel',
    'vision_msgs': 'github.com/ros-perception/vision_msgs',
    'foxglove_msgs': 'github.com/foxglove/foxglove-sdk',
}


def messages_of(package: str) -> Any:
    """Return the module <package>.msg.

    Raises:
        FerError: The package is not installed.
    """
    try:
        return import_module(f'{package}.msg')
    except ImportError as error:
        apt_name = package.replace('_', '-')
        raise FerError(
            f'{package} cannot be imported ({error}): install ros-<distro>-{apt_name}, or build '
            f'{SOURCES[package]} in your workspace, and source it'
        ) from error
