"""The start of nodes: their arguments, environment and processes. Only launching imports ROS."""
