"""Processing of one input frame by frame, and of many inputs on all cores or on a cluster."""
