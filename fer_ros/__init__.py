"""Facial expression events for robots: a core without ROS, and thin ROS 2 nodes around it."""

import os

# Before OpenCV is imported, which reads it once: a picture of a kilobyte may ask for gigabytes.
# The same limit as MAX_PIXELS of core/images.py, which reads headers before OpenCV does.
os.environ.setdefault('OPENCV_IO_MAX_IMAGE_PIXELS', '100000000')

__version__ = '0.1.0'
