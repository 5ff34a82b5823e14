"""Every model file is compared with the hash in its card or in the package before it runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.tiny_model import write_tiny_model

from fer_ros.core.classification import load_classifier
from fer_ros.core.classification.select import RUNTIMES
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import DETECTORS, create_detector
from fer_ros.core.detection.yunet import MODEL_FILE
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelStore

ROOT = Path(__file__).resolve().parents[2]
#: Every module that hands a network to a runtime, and where its bytes were compared with a hash.
LOADERS = {
    # Gets the bytes that retinaface.py and onnxruntime_runtime.py compared.
    'fer_ros/core/onnx_session.py': 'create_session',
    'fer_ros/core/classification/litert_runtime.py': 'load_classifier',
    'fer_ros/core/classification/onnxruntime_runtime.py': 'load_classifier',
    'fer_ros/core/classification/opencv_runtime.py': 'load_classifier',
    'fer_ros/core/detection/retinaface.py': 'WEIGHTS_SHA256',
    'fer_ros/core/detection/yunet.py': 'MODEL_SHA256',
    # The cascade comes with OpenCV and is XML without code.
    'fer_ros/core/detection/haar.py': 'CascadeClassifier',
}
LOADING = re.compile(
    r'create_session\(|InferenceSession\(|model_content=|readNet\w*\(|FaceDetectorYN\.create\(|CascadeClassifier\('
)


@pytest.mark.parametrize('runtime', RUNTIMES)
def test_no_runtime_loads_an_altered_model(tmp_path, runtime):
    missing = RUNTIMES[runtime].why_missing()
    if missing:
        pytest.skip(missing)
    card = write_tiny_model(tmp_path / 'tiny')
    entry = card.files[RUNTIMES[runtime].file_format]
    path = card.folder / entry.file
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match='altered or truncated'):
        load_classifier(card, runtime)


def test_an_altered_detector_is_not_loaded(tmp_path):
    (tmp_path / MODEL_FILE).write_bytes(b'another network')
    with pytest.raises(ModelError, match='altered or truncated'):
        create_detector(DetectorConfig(detector='yunet'), ModelStore([tmp_path]))


def test_every_place_that_loads_a_network_is_listed_here():
    """A new place must compare a hash and be added to the list."""
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / 'fer_ros').rglob('*.py')
        if LOADING.search(path.read_text(encoding='utf-8'))
    }
    assert found == set(LOADERS)
    for path in ('fer_ros/core/detection/retinaface.py', 'fer_ros/core/detection/yunet.py'):
        assert LOADERS[path] in (ROOT / path).read_text(encoding='utf-8')
    assert set(DETECTORS) == {'retinaface', 'yunet', 'haar'}
