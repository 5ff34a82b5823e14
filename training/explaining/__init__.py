"""Saliency maps: the parts of a picture that support a class."""
