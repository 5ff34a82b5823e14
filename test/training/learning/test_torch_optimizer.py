"""The steps with PyTorch's operations learn what Keras's optimizers learn."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

NETWORK = """
import keras, numpy as np, pathlib, sys, torch
from training.learning.checkpoint import load_checkpoint, save_checkpoint
from training.learning.fit import KERAS_OPTIMIZERS
from training.learning.rates import rate_factors, with_factors
from training.learning.torch_optimizer import store_channels_last, with_torch_steps
from training.zoo.face_resnet import build_face_resnet

def create(kind, wrap, decay):
    keras.utils.set_random_seed(0)
    network = build_face_resnet('net', (12, 12, 1), 3, 2, (4, 6), 0.0)
    options = dict(momentum=0.9, nesterov=True) if kind == 'sgd' else {}
    factors = rate_factors(network, decay)
    optimizer = wrap(KERAS_OPTIMIZERS[kind], factors)(
        learning_rate=0.05, weight_decay=0.1, use_ema=True, ema_momentum=0.8, **options
    )
    optimizer.exclude_from_weight_decay(var_names=['gamma', 'beta', 'bias'])
    optimizer.build(network.trainable_variables)
    return network, optimizer

def step(network, optimizer, seed):
    rng = np.random.default_rng(seed)
    variables = network.trainable_variables
    gradients = [torch.tensor(rng.normal(size=v.shape).astype('float32')) for v in variables]
    with torch.no_grad():
        optimizer.apply(gradients, variables)

def all_equal(network, optimizer, other_network, other_optimizer):
    pairs = zip(
        network.variables + optimizer.variables,
        other_network.variables + other_optimizer.variables, strict=True,
    )
    for one, other in pairs:
        values, others = one.value.detach().numpy(), other.value.detach().numpy()
        # Keras rounds the corrections of Adam's means to float32.
        assert np.allclose(values, others, rtol=1e-4, atol=2e-5), one.path
"""

STEPS = """
for kind in ('adam', 'adamw', 'sgd'):
    for decay in (1.0, 0.9):
        by_keras = create(kind, with_factors, decay)
        in_place = create(kind, with_torch_steps, decay)
        store_channels_last(in_place[0].variables)
        for seed in range(4):
            step(*by_keras, seed)
            step(*in_place, seed)
        all_equal(*by_keras, *in_place)
"""

EARLIER_RUN = """
path = pathlib.Path(sys.argv[1]) / 'last.npz'
earlier = create('adamw', lambda kind, factors: kind, 1.0)
step(*earlier, 0)
save_checkpoint(path, *earlier, {})
resumed = create('adamw', with_torch_steps, 1.0)
load_checkpoint(path, *resumed)
for seed in (1, 2):
    step(*earlier, seed)
    step(*resumed, seed)
all_equal(*earlier, *resumed)
"""

LAYOUT = """
from training.learning.torch_forward import native_forward
network, optimizer = create('adamw', with_torch_steps, 1.0)
store_channels_last(network.variables)
native_forward(network)(torch.rand((2, 12, 12, 1)), True).sum().backward()
kernels = [v for v in network.trainable_variables if len(v.shape) == 4]
assert kernels
for kernel in kernels:
    seen = kernel.value.permute(3, 2, 0, 1)
    assert seen.is_contiguous(memory_format=torch.channels_last), kernel.path
    if min(kernel.shape[2:]) > 1:
        assert kernel.value.grad.stride() == kernel.value.stride(), kernel.path
by_shape = {tuple(v.shape): v.value.stride() for v in kernels}
for variable in optimizer.variables:
    if len(variable.shape) == 4:
        assert variable.value.stride() == by_shape[tuple(variable.shape)], variable.path
"""


@pytest.mark.parametrize(
    'checks', [STEPS, EARLIER_RUN, LAYOUT], ids=['same steps', 'checkpoint of Keras', 'no copies']
)
def test_steps_in_place_equal_those_of_keras(checks: str, tmp_path: Path) -> None:
    for module in ('keras', 'torch'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    done = subprocess.run(
        [sys.executable, '-c', NETWORK + checks, str(tmp_path)], cwd=ROOT, capture_output=True,
        text=True, env={**os.environ, 'KERAS_BACKEND': 'torch'}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1500:]
