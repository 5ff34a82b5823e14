"""The kinds of data sets that are read, one per file."""
