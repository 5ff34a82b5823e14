"""Nodes that say what we say in the messages of others, where their packages are installed."""
