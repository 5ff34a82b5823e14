"""Calibration warns about models and data for which a temperature means little."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from fer_ros.core.classification import load_classifier
from training.data.dataset import make_dataset
from training.evaluation.calibration import calibrate, with_temperature


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


def test_a_new_temperature_keeps_the_tolerance_of_the_card(tmp_path: Path) -> None:
    """The files of an int8 model differ by more than those of other models."""
    card = write_tiny_model(tmp_path / 'tiny')
    card = replace(card, check=replace(card.check, tolerance=0.1)).write(card.folder)
    assert with_temperature(card, 2.0).check.tolerance == 0.1
