"""Pictures, videos and bags annotated as fast as the cores allow; imports no ROS.

The way of an input: inputs finds it, sources opens it, annotate takes it frame by frame through
the core, output keeps what came of it. processes and cluster do that for many inputs at once.
"""
