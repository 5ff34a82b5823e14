"""Camera and face detector on the edge device. It sends only face crops."""

from fer_ros.ros.bringup.launching import launch_description


def generate_launch_description():
    """Return the launch description of edge.launch.py."""
    return launch_description('edge')
