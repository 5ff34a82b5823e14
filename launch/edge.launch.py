"""Camera and face detector on the edge device: only face crops travel."""

from fer_ros.ros.bringup.launching import launch_description


def generate_launch_description():
    """Return what `ros2 launch fer_ros edge.launch.py` starts."""
    return launch_description('edge')
