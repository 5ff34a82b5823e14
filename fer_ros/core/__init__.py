"""Frames to events with numpy and dataclasses: source, detect, track, crop, classify, smooth."""
