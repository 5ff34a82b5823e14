"""Thin ROS 2 nodes around the core. Only conversion.py knows both messages and core types."""
