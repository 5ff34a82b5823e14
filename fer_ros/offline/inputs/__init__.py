"""The inputs to annotate: pictures, videos and bags. Bags are read without ROS."""
