"""The nodes, one file each, and the process that runs all of the pipeline."""
