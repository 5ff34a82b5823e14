"""Emotion classifier on the compute host, for the faces of an edge device."""

from fer_ros.ros.bringup.launching import launch_description


def generate_launch_description():
    """Return the launch description of compute.launch.py."""
    return launch_description('compute')
