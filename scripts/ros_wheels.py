"""Preparation of the ROS 2 wheels of PyPI in a virtual environment for builds."""

from __future__ import annotations

import re
from pathlib import Path

# The wheels contain the include folders of the machine that built them.
BUILDER_PYTHON_INCLUDE = re.compile(r'/opt/python/[^/;"]+/include/python3\.\d+t?')
BUILDER_NUMPY_INCLUDE = re.compile(
    r'/opt/python/[^/;"]+/lib/python3\.\d+t?/site-packages/numpy/_core/include'
)

UNDERLAY_SCRIPT = """\
# Written by the set-up of fer_ros: makes this environment an underlay that colcon can chain.
case ":${{AMENT_PREFIX_PATH:-}}:" in
  *:{prefix}:*) ;;
  *) export AMENT_PREFIX_PATH="{prefix}${{AMENT_PREFIX_PATH:+:$AMENT_PREFIX_PATH}}" ;;
esac
case ":$PATH:" in
  *:{prefix}/bin:*) ;;
  *) export PATH="{prefix}/bin:$PATH" ;;
esac
"""


def fix_exported_paths(prefix: Path, python_include: Path, numpy_include: Path) -> None:
    """Set the include folders in the exported CMake files to those of the environment."""
    pattern = '*/cmake/export_*__rosidl_generator_pyExport.cmake'
    for file in (prefix / 'share').glob(pattern):
        text = file.read_text()
        fixed = BUILDER_NUMPY_INCLUDE.sub(str(numpy_include), text)
        fixed = BUILDER_PYTHON_INCLUDE.sub(str(python_include), fixed)
        if fixed != text:
            file.write_text(fixed)


def make_underlay(prefix: Path) -> None:
    """Write the setup files with which a colcon workspace finds this environment."""
    for name in ('local_setup.sh', 'local_setup.bash', 'setup.sh', 'setup.bash'):
        (prefix / name).write_text(UNDERLAY_SCRIPT.format(prefix=prefix))
