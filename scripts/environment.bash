# Prepare this shell to run fer_ros from the checkout, after the set-up:
#     . scripts/environment.bash

_fer_ros_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

. "$_fer_ros_root/.venv/bin/activate"
if [ -f "$_fer_ros_root/.venv/without_ros" ]; then
  export FER_ROS_WITHOUT_ROS=1
else
  . "$_fer_ros_root/install/setup.bash"
fi

# The checkout, so that a new module can be imported without a build.
export PYTHONPATH="$_fer_ros_root${PYTHONPATH:+:$PYTHONPATH}"

# Caches of programs stay in the checkout.
export ROS_LOG_DIR="${ROS_LOG_DIR:-$_fer_ros_root/log/ros}"

unset _fer_ros_root
