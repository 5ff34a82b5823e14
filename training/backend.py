"""Choose the Keras backend before Keras is imported, and make a run repeatable."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform

from training.errors import TrainingError

#: Keras backend to the module that it needs, in order of preference.
BACKENDS = {'tensorflow': 'tensorflow', 'torch': 'torch', 'jax': 'jax'}


def choose_backend(name: str = 'auto') -> str:
    """Set the backend Keras will use: the one named, $KERAS_BACKEND, or the first installed.

    Must run before the first import of keras. Raises TrainingError when it is not installed.
    """
    wanted = name if name != 'auto' else os.environ.get('KERAS_BACKEND', '')
    installed = [key for key, module in BACKENDS.items() if importlib.util.find_spec(module)]
    if not importlib.util.find_spec('keras'):
        raise TrainingError('Keras is not installed; pip install -r training/requirements.txt')
    if wanted and wanted not in installed:
        raise TrainingError(
            f'the backend {wanted!r} is not installed; installed: {", ".join(installed) or "none"}'
        )
    if not installed:
        raise TrainingError(f'no backend is installed; install one of {", ".join(BACKENDS)}')
    backend = wanted or installed[0]
    os.environ['KERAS_BACKEND'] = backend
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
    return backend


#: What a run's result depends on.
PACKAGES = (
    'keras', 'tensorflow', 'tensorflow_cpu', 'torch', 'jax', 'numpy', 'opencv-python',
    'opencv-python-headless', 'onnx', 'tf2onnx',
)  # fmt: skip


def versions() -> dict[str, str]:
    """Return the versions of Python and of PACKAGES, where installed."""
    found = {'python': platform.python_version(), 'machine': platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
