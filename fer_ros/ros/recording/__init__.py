"""Bags as rosbag2 lays them out, written without rosbag2."""
