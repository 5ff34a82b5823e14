"""A training run: network, batches, losses, schedules, checkpoints, record."""
