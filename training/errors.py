"""Errors of the training tools. Each message names the thing, the reason and the remedy."""

from __future__ import annotations

from fer_ros.core.errors import FerError


class TrainingError(FerError):
    """A training command cannot go on."""


class DataError(TrainingError):
    """A data set cannot be read or does not fit what is asked of it."""
