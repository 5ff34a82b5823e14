"""Errors of the training tools. Each message names the thing, the reason and the remedy."""

from __future__ import annotations

from fer_ros.core.errors import FerError


class TrainingError(FerError):
    """A training command cannot continue."""


class DataError(TrainingError):
    """A data set cannot be read, or is not suitable for the command."""
