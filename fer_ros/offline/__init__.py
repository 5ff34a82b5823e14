"""Annotation of pictures, videos and bags on all cores. Imports no ROS.

inputs finds the inputs, running processes each frame by frame with the core, and results writes
tables, charts and annotated pictures. settings contains everything that the results depend on.
"""
