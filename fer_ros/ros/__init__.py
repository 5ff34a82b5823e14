"""ROS 2 around the core: the nodes, what they say to each other, and how they are started."""
