"""What there is to annotate: pictures, videos and bags, and how bags are read without ROS."""
