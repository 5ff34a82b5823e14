"""Calibration warns about models and data for which a temperature means little."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from fer_ros.core.classification import load_classifier
from training.data.dataset import make_dataset
from training.evaluation.calibration import calibrate


@pytest.mark.parametrize('right', [False, True])
def test_a_model_that_does_not_fit_the_labels_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], right: bool
) -> None:
    card = write_tiny_model(tmp_path / 'tiny')
    images = make_images(60, 7, side=card.crop_spec.size)
    logits = load_classifier(card).logits(list(images))
    # The right labels are drawn with the probabilities of the model, the others are unlikely.
    drawn = (logits + np.random.default_rng(1).gumbel(size=logits.shape)).argmax(axis=1)
    labels = drawn if right else logits.argmin(axis=1)
    calibrate(card, make_dataset(images, labels, card.labels))
    told = capsys.readouterr().out
    assert ('the temperature is at the end of its range' in told) != right
    assert '60 pictures are few' in told
    assert 'by chance' in told
