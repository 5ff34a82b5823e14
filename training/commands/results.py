"""What commands do with the figures of a model: print them, record them, put them on its card."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from fer_ros.core.classification import Classifier
from fer_ros.core.models import ModelCard
from training.judging.public_runs import record_run


def publish(
    options: argparse.Namespace,
    purpose: str,
    classifier: Classifier,
    lines: Iterable[str],
    for_card: Mapping[str, Any],
) -> None:
    """Print the figures of a model, and record the run where it was on PublicTest.

    Args:
        options: with `split` and `log`.
        purpose: what the figures are about, for the record.
        classifier: what ran.
        lines: the figures in words.
        for_card: the figures that the record and a card keep.

    Raises:
        TrainingError: the record cannot be written.
    """
    for line in lines:
        print(line)
    record_run(options.log, options.split, purpose, classifier, for_card)


def write_into_card(card: ModelCard, name: str, figures: Mapping[str, Any]) -> None:
    """Write figures into the card of a model folder, under a name."""
    replace(card, metrics={**card.metrics, name: dict(figures)}).write(card.folder)
