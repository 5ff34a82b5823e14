"""Initial weights: published ones, and those of a wider network."""
