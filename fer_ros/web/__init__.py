"""The pipeline in a browser and over HTTP: a dashboard, a view for headsets, an API. No ROS.

Who runs a pipeline feeds a PipelineState and a PictureStream; a WebServer shows what they hold.
"""
