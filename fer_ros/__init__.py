"""Facial expression events for robots: a core without ROS, and thin ROS 2 nodes around it."""

import os

# Before OpenCV is imported, which reads it once: a picture of a kilobyte may ask for gigabytes.
# The same limit as MAX_PIXELS of core/imaging/decoding.py, which reads headers before OpenCV does.
os.environ.setdefault('OPENCV_IO_MAX_IMAGE_PIXELS', '100000000')

# Before onnxruntime is imported: from 1.29 on it writes a number of this machine into a file and
# reports to its maker. Its disable_telemetry_events() comes too late to prevent either.
os.environ['ORT_DISABLE_TELEMETRY'] = '1'

__version__ = '0.1.0'
