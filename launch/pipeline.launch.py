"""Camera, face detector and emotion classifier on one host."""

from fer_ros.ros.bringup.launching import launch_description


def generate_launch_description():
    """Return the launch description of pipeline.launch.py."""
    return launch_description('pipeline')
