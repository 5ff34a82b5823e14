"""A network rounded to float16 computes the same in every file, and almost the same as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures('tensorflow')

#: By which share of the largest logit one may change: three digits are what float16 has.
ROUNDING = 0.02

#: What comes before the pooling: names of layers and their arguments.
MIDDLES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    'convolution': [
        ('Conv2D', {'filters': 6, 'kernel_size': 3}),
        ('BatchNormalization', {}),
        ('ReLU', {}),
    ],
    'depthwise': [
        ('DepthwiseConv2D', {'kernel_size': 3, 'depth_multiplier': 2}),
        ('BatchNormalization', {}),
    ],
    'separable': [
        ('SeparableConv2D', {'filters': 6, 'kernel_size': 3, 'use_bias': False}),
        ('BatchNormalization', {'scale': False}),
    ],
    'dense': [('Dense', {'units': 6}), ('BatchNormalization', {})],
    'nothing before it takes the scale': [
        ('BatchNormalization', {}),
        ('Conv2D', {'filters': 6, 'kernel_size': 3}),
    ],
    'an activation between': [
        ('Conv2D', {'filters': 6, 'kernel_size': 3, 'activation': 'relu'}),
        ('BatchNormalization', {}),
    ],
    'no offset to take the mean': [
        ('Conv2D', {'filters': 6, 'kernel_size': 3}),
        ('BatchNormalization', {'center': False}),
    ],
}


def network(middle: str) -> Any:
    """Return a network with statistics as after training, far from 0 and 1."""
    import keras

    keras.utils.set_random_seed(3)
    built = keras.Sequential(
        [
            keras.Input((12, 12, 2)),
            *(getattr(keras.layers, name)(**given) for name, given in MIDDLES[middle]),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(5),
        ]
    )
    random = np.random.default_rng(4)
    for layer in built.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights(
                [
                    random.uniform(0.5, 2.0, weight.shape).astype(np.float32)
                    for weight in layer.get_weights()
                ]
            )
    return built


def computed(built: Any, pictures: np.ndarray) -> np.ndarray:
    from keras import ops

    return ops.convert_to_numpy(built(pictures, training=False))


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(5).uniform(-1, 1, (7, 12, 12, 2)).astype(np.float32)


@pytest.mark.parametrize('middle', MIDDLES)
def test_float16_represents_every_weight_and_changes_the_result_within_the_bound(middle, pictures):
    from keras import ops

    from training.exporting.rounding import round_to_float16

    built = network(middle)
    before = computed(built, pictures)
    round_to_float16(built)
    change = np.abs(computed(built, pictures) - before).max()
    assert 0 < change < ROUNDING * np.abs(before).max()
    for variable in built.trainable_variables:
        weight = ops.convert_to_numpy(variable.value)
        np.testing.assert_array_equal(weight.astype(np.float16).astype(np.float32), weight)


def test_frozen_weights_are_rounded_too(pictures):
    from training.exporting.rounding import round_to_float16

    frozen, trained = network('convolution'), network('convolution')
    frozen.layers[0].trainable = False
    for built in (frozen, trained):
        round_to_float16(built)
    for variable, expected in zip(frozen.variables, trained.variables, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected.numpy())


@pytest.mark.parametrize('middle', ['convolution', 'separable'])
def test_exported_files_compute_the_result_of_the_network(middle, pictures):
    from training.exporting.onnx import run_onnx, to_onnx
    from training.exporting.rounding import round_to_float16
    from training.exporting.tflite import run_tflite, to_tflite

    built = network(middle)
    round_to_float16(built)
    expected = computed(built, pictures)
    tflite = run_tflite(to_tflite(built, 'float16'), pictures)
    np.testing.assert_allclose(tflite, expected, atol=1e-5)
    np.testing.assert_allclose(run_onnx(to_onnx(built), pictures), expected, atol=1e-5)
