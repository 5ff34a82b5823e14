#!/usr/bin/env bash
# Run a command with ROS 2, the workspace and the packages of PyPI.
set -e
. "/opt/ros/$ROS_DISTRO/setup.bash"
. /ws/install/setup.bash
export PATH=/venv/bin:$PATH
exec "$@"
