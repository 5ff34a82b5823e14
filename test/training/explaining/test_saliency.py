"""Saliency maps depend on the class and on the weights, and show the evidence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from training.zoo import ARCHITECTURES

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


def test_the_maps_of_all_features_that_the_head_takes_are_added() -> None:
    """The heads of dlib_resnet and mobilenet take the means of features of two sizes."""
    import keras
    from keras import layers

    from training.explaining.saliency import grad_cam

    picture = keras.Input((8, 8, 1))
    large = layers.ReLU()(picture)
    small = layers.AveragePooling2D(4)(large)
    means = [layers.GlobalAveragePooling2D()(features) for features in (large, small)]
    logits = layers.Dense(1, kernel_initializer='ones')(layers.Concatenate()(means))
    inputs = np.random.default_rng(0).random((1, 8, 8, 1), np.float32)
    expected = inputs[0, ..., 0] + cv2.resize(
        inputs[0, ..., 0].reshape(2, 4, 2, 4).mean((1, 3)), (8, 8), interpolation=cv2.INTER_CUBIC
    )
    heat = grad_cam(keras.Model(picture, logits), inputs, 0)
    assert np.allclose(heat, expected / expected.max(), atol=1e-5)


@pytest.mark.parametrize('name', ARCHITECTURES)
def test_the_logits_of_each_architecture_depend_on_its_last_features_only(name: str) -> None:
    import keras

    from training import zoo
    from training.explaining.saliency import _last_features

    network = zoo.build(name, *ARCHITECTURES[name], classes=3)
    keras.Model(_last_features(network), network.outputs[0])


def test_a_model_for_bgr_pictures_gets_bgr_pictures(tmp_path: Path) -> None:
    import keras
    from keras import layers

    from training.explaining.explanation import explain

    card = write_tiny_model(tmp_path / 'tiny', channels='bgr')
    picture = keras.Input(card.crop_spec.shape)
    means = layers.GlobalAveragePooling2D()(layers.ReLU()(picture))
    kernel = np.zeros((3, 7), np.float32)
    for channel, label in enumerate(('sad', 'fear', 'happy')):
        kernel[channel, card.labels.index(label)] = 1
    network = keras.Model(picture, layers.Dense(7)(means))
    network.layers[-1].set_weights([kernel, np.zeros(7)])
    network.save(card.folder / 'model.keras')
    red = np.zeros((12, 12, 3), np.uint8)
    red[..., 2] = 255
    cv2.imwrite(str(tmp_path / 'red.png'), red)
    found = explain(card.folder, tmp_path / 'red.png')
    assert found.label == 'happy'
    assert found.image[0, 0].tolist() == [255, 0, 0]
