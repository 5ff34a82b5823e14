"""Pictures, videos and bags annotated as fast as the cores allow; imports no ROS.

An input is found in inputs, goes through the core frame by frame in running, and leaves tables,
charts and annotated pictures in results. settings decides how results come out.
"""
