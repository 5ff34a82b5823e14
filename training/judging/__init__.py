"""Measuring models: metrics, latency, corruptions, frames with faces in them."""
