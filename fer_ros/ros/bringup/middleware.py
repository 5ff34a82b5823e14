"""Environment variables of the middleware: size of the shared memory, and peers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fer_ros.ros.base.peers import PEERS_VARIABLE

#: Variables of Fast DDS. Humble and Jazzy read the first, Kilted and later the second.
PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
FAST_DDS = ('', 'rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp')


def share_folder() -> Path:
    """Return the folder with config/ and models/: of the checkout, install space or wheel."""
    package = Path(__file__).resolve().parents[2]
    shares = (p / 'share' / 'fer_ros' for p in package.parents)
    for folder in (package.parent, *shares, package / 'share'):
        if (folder / 'config' / 'fastdds.xml').is_file():
            return folder
    raise FileNotFoundError(
        f'the folder config/ of {package} is missing: install fer_ros with colcon or run it from '
        'its checkout'
    )


def static_peers(peer: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variable with the hosts to reach without multicast (ROS 2 Iron and later)."""
    added = [name.strip() for name in peer.split(',') if name.strip()]
    known = [name for name in environment.get(PEERS_VARIABLE, '').split(';') if name]
    return {PEERS_VARIABLE: ';'.join([*known, *added])} if added else {}


def middleware_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for shared memory that is large enough for images.

    There are none for other middlewares than Fast DDS, or if the user has a profile.
    """
    if environment.get('RMW_IMPLEMENTATION', '') not in FAST_DDS or any(
        environment.get(name) for name in PROFILE_VARIABLES
    ):
        return {}
    profile = str(share_folder() / 'config' / 'fastdds.xml')
    return {name: profile for name in _profile_variables(environment)}


def _profile_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return those of the Fast DDS in this ROS, because version 3 warns about the older name."""
    prefixes = environment.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    is_version_3 = any(
        prefix and (Path(prefix) / 'share' / 'fastdds').is_dir() for prefix in prefixes
    )
    return PROFILE_VARIABLES[1:] if is_version_3 else PROFILE_VARIABLES
