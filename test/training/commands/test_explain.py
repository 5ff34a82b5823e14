"""Explanations depend on the class and on what was learned, and show where the evidence is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.training_runs import make_images

from training.__main__ import main

pytestmark = pytest.mark.usefixtures('keras_backend')


@pytest.mark.parametrize('method', ['guided_backpropagation', 'grad_cam'])
def test_maps_change_with_the_class_and_with_random_weights(
    trained_run: Path, method: str
) -> None:
    from training import zoo
    from training.data.normalisation import normalise
    from training.explaining import saliency
    from training.learning.networks import load_network

    function = getattr(saliency, method)
    inputs = normalise(make_images(1, 7))
    learned = load_network(trained_run)
    random = zoo.build('tiny_xception', 48, 'gray', 7)
    first, other = function(learned, inputs, 0), function(learned, inputs, 3)
    assert first.shape == (48, 48)
    assert 0 <= first.min() <= first.max() == 1
    assert np.abs(first - other).mean() > 0.01
    assert np.abs(first - function(random, inputs, 0)).mean() > 0.01
    assert np.array_equal(first, function(learned, inputs, 0))


def test_the_evidence_lies_where_the_network_looks() -> None:
    import keras

    from training.explaining.saliency import guided_backpropagation

    picture = keras.Input((48, 48, 1))
    left = keras.layers.Cropping2D(((0, 0), (0, 24)))(picture)
    logits = keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.ReLU()(left)))
    network = keras.Model(picture, logits)
    shown = guided_backpropagation(network, np.ones((1, 48, 48, 1), np.float32), 1)
    assert shown[:, :24].max() == 1
    assert shown[:, 24:].max() == 0


def test_the_command_writes_a_picture(trained_run: Path, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'face.png'), make_images(1, 7)[0])
    out = tmp_path / 'out' / 'why.png'
    arguments = ['--model', str(trained_run), '--picture', str(tmp_path / 'face.png')]
    assert main(['explain', *arguments, '--class', 'Happiness', '--out', str(out)]) == 0
    assert cv2.imread(str(out)).shape[1] > 500


@pytest.mark.parametrize('given', [['--model', 'm'], ['--model', 'm', 'p.png'], ['m'], []])
def test_a_model_and_a_picture_are_asked_for(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['explain', *given]) == 1
    assert '--model and --picture' in capsys.readouterr().err


def test_a_class_the_model_lacks_is_named(
    trained_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv2.imwrite(str(tmp_path / 'face.png'), make_images(1, 7)[0])
    arguments = ['explain', str(trained_run), str(tmp_path / 'face.png'), '--class', 'bored']
    assert main(arguments) == 1
    assert "no class 'bored'" in capsys.readouterr().err
