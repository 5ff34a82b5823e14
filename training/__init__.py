"""Training: every step from labelled faces to a calibrated, exported model."""
