"""The dashboard without ROS: a pipeline in the process of the server."""
