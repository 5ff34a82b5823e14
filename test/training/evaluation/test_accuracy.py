"""The evaluation of a model folder on labelled faces."""

from __future__ import annotations

import numpy as np

from fer_ros.core.models import ModelStore
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.evaluation.accuracy import evaluate, for_card


def test_votes_without_a_majority_give_no_agreement() -> None:
    """For example, votes belong to another data set that was merged with these pictures."""
    data = make_dataset(
        np.zeros((2, 48, 48), np.uint8), [0, 1], EXPRESSIONS,
        votes=np.zeros((2, len(EXPRESSIONS)), np.float32),
    )  # fmt: skip
    figures = evaluate(ModelStore().load_card('tiny'), data, np.zeros(2, bool)).figures
    assert 'ferplus' not in figures
    assert 'ferplus_agreement' not in for_card(figures)
