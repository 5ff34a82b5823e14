"""Dashboard, headset view and HTTP API of a pipeline. Imports no ROS.

The program that runs a pipeline updates a PipelineState and a PictureStream. A WebServer shows
their content.
"""
