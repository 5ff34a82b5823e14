"""Camera, face detector and emotion classifier on one host."""

from fer_ros.ros.bringup.launching import launch_description


def generate_launch_description():
    """Return what `ros2 launch fer_ros pipeline.launch.py` starts."""
    return launch_description('pipeline')
