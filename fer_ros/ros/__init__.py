"""ROS 2 around the core: nodes, their contract and messages, and bring-up."""
