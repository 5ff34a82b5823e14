"""Selection of the Keras backend before Keras is imported, and versions for the record."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from fer_ros.core.notes import without_notes
from training.errors import TrainingError

#: Keras backends, which are named like their modules, in order of preference.
BACKENDS = ('tensorflow', 'torch', 'jax')

#: Beginnings of messages of TensorFlow's import that say nothing about a fault.
NOTES = (b'I0000 ', b'WARNING: All log messages before absl::InitializeLog()')

#: Programs that end with 0 if a backend can use a GPU.
GPU_TESTS = {
    'tensorflow': 'import tensorflow as t; exit(not t.config.list_physical_devices("GPU"))',
    'torch': 'import torch; exit(not torch.cuda.is_available())',
    'jax': 'import jax; exit(jax.default_backend() != "gpu")',
}


def choose_backend(name: str = 'auto', fast: bool = False) -> str:
    """Set the backend that Keras will use. Must run before the first import of keras.

    Args:
        name: 'tensorflow', 'torch', 'jax', or 'auto' for $KERAS_BACKEND or the first installed.
        fast: With 'auto', select the fastest backend on this processor, and print the reason.

    Returns:
        The name of the backend.

    Raises:
        TrainingError: It is not installed.
    """
    wanted = name if name != 'auto' else os.environ.get('KERAS_BACKEND', '')
    installed = [each for each in BACKENDS if importlib.util.find_spec(each)]
    if not importlib.util.find_spec('keras'):
        raise TrainingError('Keras is not installed: run pip install -r training/requirements.txt')
    if wanted and wanted not in installed:
        raise TrainingError(
            f'the backend {wanted!r} is not installed: install it, or use one that is installed: '
            f'{", ".join(installed) or "none"}'
        )
    if not installed:
        raise TrainingError(f'no backend is installed: install one of {", ".join(BACKENDS)}')
    backend = wanted or (_fastest(installed) if fast else installed[0])
    os.environ['KERAS_BACKEND'] = backend
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
    # Without AVX-512, TensorFlow does not use oneDNN by default. With oneDNN, it is about twice as
    # fast.
    os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '1')
    if backend == 'torch':
        _import_triton()
    _import_tensorflow()
    return backend


def _import_triton() -> None:
    """Import the compiler of PyTorch's GPU packages, if it is installed.

    TensorFlow 2.20 and later share their LLVM with all libraries that are loaded after them.
    Triton's own LLVM then crashes (https://github.com/tensorflow/tensorflow/issues/124205).
    """
    if 'tensorflow' not in sys.modules and importlib.util.find_spec('triton'):
        with suppress(ImportError):
            importlib.import_module('triton')


def _import_tensorflow() -> None:
    """Import TensorFlow without NOTES, if it is installed.

    Keras imports it on every backend when it saves a network.
    """
    if 'tensorflow' not in sys.modules and importlib.util.find_spec('tensorflow'):
        with without_notes(*NOTES), suppress(ImportError):
            importlib.import_module('tensorflow')


def _fastest(installed: Sequence[str]) -> str:
    """Return the installed backend that trains fastest on this machine.

    A backend with a GPU is faster than any processor. On processors with AVX-512, PyTorch needs
    five sixths of TensorFlow's time for face_resnet and mini_xception, on others a third.
    """
    backend = 'torch' if 'torch' in installed else installed[0]
    if _may_have_gpu() and (with_gpu := [name for name in installed if _sees_gpu(name)]):
        backend = with_gpu[0]
        print(f'training with {backend}, which has a GPU (--backend selects another)')
    else:
        print(f'training with {backend} (--backend selects another)')
    return backend


def _may_have_gpu(devices: Path = Path('/dev')) -> bool:
    """Return whether the system shows a GPU for computing, so that a search is worth its time."""
    return any((devices / name).exists() for name in ('nvidiactl', 'nvhost-gpu', 'kfd'))


def _sees_gpu(backend: str) -> bool:
    """Return whether a backend can use a GPU. It is imported in another process.

    Two backends in one process would each take memory of the GPU.
    """
    done = subprocess.run(
        [sys.executable, '-c', GPU_TESTS[backend]], stderr=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0


#: Packages that the result of a run depends on.
PACKAGES = (
    'keras', 'tensorflow', 'tensorflow_cpu', 'torch', 'jax', 'numpy', 'opencv-python',
    'opencv-python-headless', 'onnx', 'tf2onnx',
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of Python and of the installed PACKAGES."""
    found = {'python': platform.python_version(), 'machine': platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
