"""The choice between the detectors."""

from __future__ import annotations

from collections.abc import Callable

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, FileStore
from fer_ros.core.detection.haar import HaarDetector
from fer_ros.core.detection.pyramid import PyramidDetector
from fer_ros.core.detection.retinaface import RetinaFaceDetector
from fer_ros.core.detection.yunet import YuNetDetector
from fer_ros.core.errors import DetectorError, FerError

#: By name, in the order of DETECTOR_NAMES.
DETECTORS: dict[str, Callable[[DetectorConfig, FileStore], FaceDetector]] = {
    'retinaface': RetinaFaceDetector,
    'yunet': YuNetDetector,
    'haar': lambda config, store: HaarDetector(config),
}


#: The detector that runs on every device.
ON_ANY_DEVICE = 'retinaface'


def create_detector(config: DetectorConfig, store: FileStore) -> FaceDetector:
    """Return the configured detector, for single pictures of any size.

    Args:
        config: Names the detector; 'auto' is the best that is installed. For sequences, wrap it
            in FaceSearch, which applies `search`.
        store: Searched for the files of detectors.

    Returns:
        A detector. Its selection_reason names it and, after 'auto', the reason why better ones are
        not used, with the remedy.

    Raises:
        DetectorError: The detector cannot be used here.
        ModelError: The file of the named detector was altered.
    """
    name = config.detector
    if name == 'auto' and config.device == 'cpu':
        return _create_best(config, store)
    name = ON_ANY_DEVICE if name == 'auto' else name
    if config.device != 'cpu' and name != ON_ANY_DEVICE:
        raise DetectorError(
            f'detector {name} runs only on the processor: set device to cpu, or detector to '
            f'{ON_ANY_DEVICE} for device {config.device}'
        )
    detector = PyramidDetector(DETECTORS[name](config, store))
    detector.selection_reason = (
        f'{name}: requested by name'
        if config.device == 'cpu'
        else f'{name}: it can run on {config.device}'
    )
    return detector


def _create_best(config: DetectorConfig, store: FileStore) -> FaceDetector:
    missing: list[str] = []
    for name, create in DETECTORS.items():
        try:
            detector = PyramidDetector(create(config, store))
        except FerError as error:
            missing.append(f'no {name}: {error}')
            continue
        detector.selection_reason = '; '.join([f'{name}: the best available one', *missing])
        return detector
    raise DetectorError('no face detector is available; ' + '; '.join(missing))
