"""Bags in the layout of rosbag2, written without rosbag2."""
