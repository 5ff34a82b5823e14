# Make this shell ready to run fer_ros from the checkout, after the set-up:
#     . scripts/environment.bash

_fer_ros_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

. "$_fer_ros_root/.venv/bin/activate"
if [ -f "$_fer_ros_root/.venv/without_ros" ]; then
  export FER_ROS_WITHOUT_ROS=1
else
  . "$_fer_ros_root/install/setup.bash"
fi

# The checkout itself, so that a new module is there without a build.
export PYTHONPATH="$_fer_ros_root${PYTHONPATH:+:$PYTHONPATH}"

# What programs write on the side stays in the checkout.
export ROS_LOG_DIR="${ROS_LOG_DIR:-$_fer_ros_root/log/ros}"

unset _fer_ros_root
