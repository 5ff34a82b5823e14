"""Showing what in a picture speaks for a class."""
