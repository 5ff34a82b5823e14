"""How nodes are started: which, with what, in which processes. Only launching imports ROS."""
