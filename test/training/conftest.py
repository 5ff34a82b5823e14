"""Small generated data for the training tests: every class has its own pattern."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from support.training_runs import EPOCHS, OPTIONS, make_images, train

from training.__main__ import main
from training.base.backend import choose_backend
from training.data.labels import EXPRESSIONS

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
if importlib.util.find_spec('tensorflow'):  # which export needs; a process has one backend
    os.environ.setdefault('KERAS_BACKEND', 'tensorflow')


@pytest.fixture(scope='session')
def faces_npz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """140 pictures of seven classes; every fifth is a test picture."""
    path = tmp_path_factory.mktemp('data') / 'faces.npz'
    count = 140
    np.savez(
        path,
        images=make_images(count, 7),
        labels=np.arange(count) % 7,
        classes=np.array(EXPRESSIONS),
        splits=np.where(np.arange(count) // 7 % 5 == 0, 'test', 'train'),
    )
    return path


@pytest.fixture
def write_picture() -> Callable[[Path, int], Path]:
    """Return a function that writes a noise picture of a seed to a path and returns the path."""

    def write(path: Path, seed: int) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.random.default_rng(seed).integers(0, 256, (50, 50)).astype('u1'))
        return path

    return write


def _require(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        pytest.skip(f'{module} is not installed; see training/requirements.txt')


@pytest.fixture
def keras_backend() -> str:
    """Return the backend that Keras uses here, or skip."""
    _require('keras')
    from training.base.backend import choose_backend
    from training.errors import TrainingError

    try:
        return choose_backend()
    except TrainingError as error:
        pytest.skip(str(error))


@pytest.fixture
def tensorflow(keras_backend: str) -> None:
    """Skip where Keras does not run on TensorFlow."""
    if keras_backend != 'tensorflow':
        pytest.skip(f'needs TensorFlow, but Keras runs on {keras_backend}')


@pytest.fixture(scope='session')
def trained_run(faces_npz: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train tiny_xception for a few epochs with the command and return its run folder.

    A copy next to it, 'interrupted', is the run two epochs before its end.
    """
    _require('keras')
    choose_backend()
    # Keras looks for its backend when it is imported.
    from training.learning import callbacks

    run = tmp_path_factory.mktemp('runs') / 'tiny'
    draw_curves = callbacks.draw_curves

    def draw_and_copy(history: list[Any], path: Path) -> None:
        draw_curves(history, path)
        if len(history) == EPOCHS - 2:
            shutil.copytree(run, run.with_name('interrupted'))

    with pytest.MonkeyPatch.context() as patch:
        # Nothing is written in an epoch after its curves.
        patch.setattr(callbacks, 'draw_curves', draw_and_copy)
        train(faces_npz, run, *OPTIONS)
    return run


@pytest.fixture
def interrupted_run(trained_run: Path, tmp_path: Path) -> Path:
    """Return a copy of that run two epochs before its end, for OPTIONS to resume."""
    return Path(shutil.copytree(trained_run.with_name('interrupted'), tmp_path / 'interrupted'))


@pytest.fixture(scope='session')
def model_folder(trained_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Export that run with the command and return its model folder. Do not change it."""
    _require('tensorflow')
    _require('tf2onnx')
    folder = tmp_path_factory.mktemp('models') / 'tiny'
    assert main(['export', str(trained_run), '--out', str(folder)]) == 0
    return folder


@pytest.fixture
def own_folder(model_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the model folder that a test may change."""
    return Path(shutil.copytree(model_folder, tmp_path / 'tiny'))
