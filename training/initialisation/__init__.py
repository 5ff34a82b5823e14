"""Weights to begin training with: published ones, and those of a wider network."""
