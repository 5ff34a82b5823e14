"""The work: one input frame by frame, many inputs on all cores or on a cluster."""
