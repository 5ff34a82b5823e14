"""Output of the figures of a model: printing, recording and the model card."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from fer_ros.core.classification import Classifier
from fer_ros.core.models import ModelCard
from training.evaluation.public_runs import record_run


def publish(
    options: argparse.Namespace,
    purpose: str,
    classifier: Classifier,
    lines: Iterable[str],
    for_card: Mapping[str, Any],
) -> None:
    """Print the figures of a model, and record the run if it used PublicTest.

    Args:
        options: With `split` and `log`.
        purpose: The subject of the figures, for the record.
        classifier: The model that ran.
        lines: The figures as text.
        for_card: The figures for the record and the card.

    Raises:
        TrainingError: The record cannot be written.
    """
    for line in lines:
        print(line)
    record_run(options.log, options.split, purpose, classifier, for_card)


def write_into_card(card: ModelCard, name: str, figures: Mapping[str, Any]) -> None:
    """Write figures into the card of a model folder, under a name."""
    replace(card, metrics={**card.metrics, name: dict(figures)}).write(card.folder)
