"""YuNet of OpenCV Zoo with cv2.FaceDetectorYN. Its file must be in a model folder.

Network: Wu et al., YuNet: A Tiny Millisecond-level Face Detector, 2023.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from fer_ros.core.detection.base import DetectorConfig, FaceDetector, FileStore, scaled_image
from fer_ros.core.detection.size_cache import SizeCache
from fer_ros.core.errors import DetectorError
from fer_ros.core.imaging.channels import to_channels
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.types import Box, Detection, Frame

MODEL_FILE = 'face_detection_yunet_2023mar.onnx'
MODEL_SHA256 = '8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4'
MODEL_URL = (
    'https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/' + MODEL_FILE
)

#: The first OpenCV that reads this file.
MIN_OPENCV = (4, 8)

MAX_IOU = 0.3
MAX_CANDIDATES = 5000


class YuNetDetector(FaceDetector):
    """Finds faces with five landmarks. Its box is the reference box."""

    name = 'yunet'

    def __init__(self, config: DetectorConfig, store: FileStore) -> None:
        """Load the network.

        Raises:
            DetectorError: OpenCV is too old, or the file is missing.
        """
        version = tuple(int(part) for part in cv2.__version__.split('.')[:2])
        if version < MIN_OPENCV:
            raise DetectorError(
                f'YuNet needs OpenCV {MIN_OPENCV[0]}.{MIN_OPENCV[1]} or later, '
                f'this is {cv2.__version__}'
            )
        path = store.find_file(MODEL_FILE, MODEL_SHA256)
        if path is None:
            raise DetectorError(
                f'YuNet needs {MODEL_FILE}, which is in no model folder; get it with '
                f'fetch_models or from {MODEL_URL}'
            )
        set_opencv_threads(config.threads)
        self.config = config
        self._path = path
        # One network for each size. Loading one takes 4 ms once, and changing its size takes 1 ms
        # each time.
        self._networks = SizeCache(self._load)
        self._load(32, 32)

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, with the highest confidence first."""
        image = scaled_image(frame, self.config.input_scale * scale)
        image = to_channels(image, frame.encoding, 'bgr')
        network = self._networks.get(image)
        network.setScoreThreshold(self.config.confidence if confidence is None else confidence)
        _, rows = network.detect(image)
        if rows is None:
            return []
        to_source = np.array(
            [frame.width / image.shape[1], frame.height / image.shape[0]], np.float32
        )
        detections = []
        for row in sorted(rows, key=lambda row: -row[14]):
            points = row[:14].reshape(7, 2) * to_source
            box = Box(*points[:2].ravel().tolist())
            if self.config.large_enough(box, image.shape[0] / frame.height):
                detections.append(Detection(box, float(row[14]), points[2:]))
        return detections

    def set_config(self, config: DetectorConfig) -> None:
        """Apply another configuration from the next frame on."""
        set_opencv_threads(config.threads)
        self.config = config

    def _load(self, width: int, height: int) -> Any:
        try:
            return cv2.FaceDetectorYN.create(
                str(self._path),
                '',
                (width, height),
                self.config.confidence,
                MAX_IOU,
                MAX_CANDIDATES,
            )
        except cv2.error as error:
            raise DetectorError(
                f'OpenCV {cv2.__version__} cannot load {self._path}: {error}'
            ) from error
