"""The pipeline in a browser and over HTTP: a dashboard, a view for headsets, an API. No ROS.

Whoever runs a pipeline feeds a Board and a PictureStream; a WebServer shows what they hold.
"""
