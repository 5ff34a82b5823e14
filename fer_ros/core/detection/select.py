"""The choice between the detectors."""

from __future__ import annotations

from collections.abc import Callable

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, FileStore
from fer_ros.core.detection.haar import HaarDetector
from fer_ros.core.detection.pyramid import PyramidDetector
from fer_ros.core.detection.retinaface import RetinaFaceDetector
from fer_ros.core.detection.yunet import YuNetDetector
from fer_ros.core.errors import DetectorError, FerError

#: By name, the best first.
DETECTORS: dict[str, Callable[[DetectorConfig, FileStore], FaceDetector]] = {
    'retinaface': RetinaFaceDetector,
    'yunet': YuNetDetector,
    'haar': lambda config, store: HaarDetector(config),
}


def create_detector(name: str, config: DetectorConfig, store: FileStore) -> FaceDetector:
    """Return a detector by name for pictures of any size; 'auto' is the best that can be had here.

    Its selection_reason says which it is and, after 'auto', why better ones are not used and
    how to get them. Raises DetectorError for an unknown name or a detector that cannot be had,
    ModelError for an altered file of a detector asked for by name.
    """
    if name == 'auto':
        return _create_best(config, store)
    if name not in DETECTORS:
        raise DetectorError(
            f'there is no detector {name!r}: take one of auto, {", ".join(DETECTORS)}'
        )
    detector = PyramidDetector(DETECTORS[name](config, store), config)
    detector.selection_reason = f'{name}: asked for by name'
    return detector


def _create_best(config: DetectorConfig, store: FileStore) -> FaceDetector:
    missing: list[str] = []
    for name, create in DETECTORS.items():
        try:
            detector = PyramidDetector(create(config, store), config)
        except FerError as error:
            missing.append(f'no {name}: {error}')
            continue
        detector.selection_reason = '; '.join([f'{name}: the best there is here', *missing])
        return detector
    raise DetectorError('no face detector can be had here; ' + '; '.join(missing))
