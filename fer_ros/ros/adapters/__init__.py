"""Nodes that publish the results in messages of other packages, if these are installed."""
