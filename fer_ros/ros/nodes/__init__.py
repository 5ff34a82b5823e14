"""The nodes, one file for each, and the process of the whole pipeline."""
