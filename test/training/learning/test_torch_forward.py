"""PyTorch's operations compute the results of Keras's layers and learn alike."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import keras, numpy as np, torch
from training.learning.torch_forward import native_forward
from training.zoo import build, made_for

torch.manual_seed(0)
for name in {names!r}:
    size, channels = made_for(name)
    network = build(name, size, channels, 5)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.moving_mean.assign(torch.randn(layer.moving_mean.shape) * 0.1)
            layer.moving_variance.assign(torch.rand(layer.moving_mean.shape) + 0.5)
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
    pictures = torch.rand((4, *network.input_shape[1:])) * 2 - 1
    native = native_forward(network)
    for training in (False, True):
        kept = [np.array(v.value.detach()) for v in network.non_trainable_variables]
        expected = network(pictures, training=training)
        seen = [np.array(v.value.detach()) for v in network.non_trainable_variables]
        for variable, value in zip(network.non_trainable_variables, kept, strict=True):
            variable.assign(value)
        given = native(pictures, training)
        assert torch.allclose(given, expected, atol=1e-3), (name, training)
        for variable, value in zip(network.non_trainable_variables, seen, strict=True):
            now = np.array(variable.value.detach())
            # PyTorch's variance is of n - 1.
            assert np.allclose(now, value, rtol=0.02, atol=1e-3), (name, variable.path)
    given.sum().backward()
    assert all(v.value.grad is not None for v in network.trainable_variables), name
"""


@pytest.mark.parametrize(
    'names',
    [('mini_xception', 'simple_cnn'), ('dlib_resnet_small', 'mobilenet', 'face_resnet-4-8-16-se')],
    ids=lambda names: names[0],
)
def test_the_torch_forward_pass_equals_that_of_keras(names: tuple[str, ...]) -> None:
    for module in ('keras', 'torch'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    script = SCRIPT.format(names=names)
    done = subprocess.run(
        [sys.executable, '-c', script], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, 'KERAS_BACKEND': 'torch'}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1500:]
