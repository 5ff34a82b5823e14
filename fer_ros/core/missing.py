"""What to say where a Python package is missing: its name and a command, in place of a traceback.

Imports the standard library alone, so that it works where nothing else does.
"""

from __future__ import annotations

#: Packages that no part can do without, by import name: how to install them.
REQUIRED = {
    'numpy': 'pip install numpy (Debian: python3-numpy)',
    'cv2': "pip install 'opencv-python-headless<5' (Debian: python3-opencv)",
    'scipy': 'pip install scipy (Debian: python3-scipy)',
    'yaml': 'pip install pyyaml (Debian: python3-yaml)',
}

#: Packages that some commands need: how to install them.
OPTIONAL = {
    'sklearn': 'pip install scikit-learn (Debian: python3-sklearn)',
    'tqdm': 'pip install tqdm (Debian: python3-tqdm)',
}

_IN_A_CHECKOUT = 'In a checkout all at once: pip install -r requirements/runtime.txt'
_SOURCE_ROS = (
    'source your ROS 2 and the workspace with fer_ros (in a checkout: make build, then '
    '. scripts/environment.bash)'
)
_ROS_PACKAGES = ('rclpy', 'launch', 'launch_ros', 'ament_index_python', 'rosgraph_msgs')
_OWN = ('fer_ros', 'training', 'benchmark')


def how_to_install(error: ImportError, all_at_once: str = _IN_A_CHECKOUT) -> str | None:
    """Return in one line which package cannot be imported and what to do.

    all_at_once: a sentence with the command that installs all there is to install.
    None where the fault is in this project: its traceback is what helps then.
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
    return f'{fault}: {command}. {all_at_once}'
