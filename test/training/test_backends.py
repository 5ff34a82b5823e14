"""Data needs no backend; training runs on torch and on several JAX devices where installed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _train_elsewhere(
    data: Path, run: Path, *options: str, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Train one epoch in a process of its own: a process has one backend."""
    command = [
        sys.executable, '-m', 'training', 'train', '--data', str(data), '--out', str(run),
        '--model', 'tiny_xception', '--epochs', '1', '--batch-size', '16', '--copies', 'exact',
        '--development', '0.2', *options,
    ]  # fmt: skip
    environment = {**os.environ, **environment}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


def test_reading_and_augmenting_imports_no_backend(faces_npz: Path) -> None:
    script = (
        'import sys, pathlib, numpy as np\n'
        'from training.data.npz import read_npz\n'
        'from training.augment import AugmentConfig, augment_batch\n'
        f'data = read_npz(pathlib.Path({str(faces_npz)!r}))\n'
        'augment_batch(data.pictures.load(slice(4)), AugmentConfig(), np.random.default_rng(0))\n'
        'assert not {"tensorflow", "keras", "torch", "jax"} & set(sys.modules)\n'
    )
    subprocess.run([sys.executable, '-c', script], check=True, cwd=ROOT)


def test_it_trains_on_torch(faces_npz: Path, tmp_path: Path) -> None:
    for module in ('keras', 'torch'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    done = _train_elsewhere(faces_npz, tmp_path / 'run', environment={'KERAS_BACKEND': 'torch'})
    assert done.returncode == 0, done.stderr[-800:]
    assert (tmp_path / 'run' / 'best.keras').exists()


def test_it_shares_batches_over_two_jax_devices(faces_npz: Path, tmp_path: Path) -> None:
    for module in ('keras', 'jax'):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f'{module} is not installed')
    two_devices = {
        'KERAS_BACKEND': 'jax', 'JAX_PLATFORMS': 'cpu',
        'XLA_FLAGS': '--xla_force_host_platform_device_count=2',
    }  # fmt: skip
    done = _train_elsewhere(faces_npz, tmp_path / 'run', '--devices', '2', environment=two_devices)
    assert done.returncode == 0, done.stderr[-800:]
    assert (tmp_path / 'run' / 'best.keras').exists()


def test_a_backend_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, keras_backend: str
) -> None:
    from training.backend import choose_backend
    from training.errors import TrainingError

    with pytest.raises(TrainingError, match="'mlx' is not installed"):
        choose_backend('mlx')
