"""Saliency maps depend on the class and on the weights, and show the evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.training_runs import make_images

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


def test_the_evidence_is_where_the_network_looks() -> None:
    import keras

    from training.explaining.saliency import guided_backpropagation

    picture = keras.Input((48, 48, 1))
    left = keras.layers.Cropping2D(((0, 0), (0, 24)))(picture)
    logits = keras.layers.Dense(2)(keras.layers.Flatten()(keras.layers.ReLU()(left)))
    network = keras.Model(picture, logits)
    shown = guided_backpropagation(network, np.ones((1, 48, 48, 1), np.float32), 1)
    assert shown[:, :24].max() == 1
    assert shown[:, 24:].max() == 0
