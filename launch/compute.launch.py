"""Emotion classifier on the compute host, for the faces of an edge device."""

from fer_ros.ros.bringup.launching import launch_description


def generate_launch_description():
    """Return what `ros2 launch fer_ros compute.launch.py` starts."""
    return launch_description('compute')
