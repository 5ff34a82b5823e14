"""The readers of data sets, one per file."""
