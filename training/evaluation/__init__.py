"""Evaluation of models: metrics, latency, corruptions, and frames with faces."""
