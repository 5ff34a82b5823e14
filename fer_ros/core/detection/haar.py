"""The Haar cascade of OpenCV 4. It needs only OpenCV and returns boxes without landmarks.

Method: Viola and Jones, Rapid Object Detection using a Boosted Cascade of Simple Features, 2001.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fer_ros.core.detection.base import (
    SMALL_BOX_ERROR,
    BoxMapping,
    DetectorConfig,
    FaceDetector,
    scaled_image,
)
from fer_ros.core.detection.window import merged
from fer_ros.core.errors import DetectorError
from fer_ros.core.imaging.channels import to_channels
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.types import Detection, Frame

CASCADE_FILE = 'haarcascade_frontalface_default.xml'

#: Folders of the cascades in Debian and Ubuntu, whose python3-opencv has no cv2.data.
DEBIAN_FOLDERS = (
    Path('/usr/share/opencv4/haarcascades'),
    Path('/usr/share/opencv/haarcascades'),
)

#: Score of the last stage of the cascade at which half of the hits are faces. The slope there is
#: 1. Logistic regression on 262 faces and 37 false hits (five photographs of PASCAL VOC, Solvay,
#: astronaut, every 20th frame of three clips; histogram equalised, 3 and 5 neighbours).
WEIGHT_CENTER = 2.7

#: Medians on 442 of 600 FER2013 pictures (enlarged to 192 pixels, with a border) where YuNet found
#: the face as well: 0.80, 1.06, 0.00, -0.01; on 150 faces of photographs and clips: 0.79, 1.11,
#: -0.01, 0.03. The quartiles differ by 0.04 (width) and 0.08 (height).
REFERENCE = BoxMapping(width=0.80, height=1.08, shift_x=0.0, shift_y=0.01)


class HaarDetector(FaceDetector):
    """Finds upright frontal faces, without landmarks."""

    name = 'haar'
    graded_confidence = False
    has_landmarks = False
    #: The cascade searches all sizes.
    largest_face = math.inf
    #: It takes ten times as long per pixel as the networks.
    max_pixels = 12_000_000

    def __init__(self, config: DetectorConfig) -> None:
        """Load the cascade.

        Raises:
            DetectorError: OpenCV has no cascade classifier, or the file is missing.
        """
        if not hasattr(cv2, 'CascadeClassifier'):
            raise DetectorError(
                f'OpenCV {cv2.__version__} has no Haar cascades; use another detector or '
                "OpenCV 4, for example pip install 'opencv-python-headless<5'"
            )
        set_opencv_threads(config.threads)
        self.config = config
        self._cascade: Any = cv2.CascadeClassifier()
        path = _find_cascade()
        try:
            loaded = self._cascade.load(str(path))
        except cv2.error:
            loaded = False
        if not loaded:
            raise DetectorError(
                f'OpenCV {cv2.__version__} cannot read {path}: install OpenCV again'
            )

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame, with the highest confidence first."""
        image = scaled_image(frame, self.config.input_scale * scale)
        image = to_channels(image, frame.encoding, 'gray')
        if self.config.haar_equalize_hist:
            image = cv2.equalizeHist(image)
        scale_x, scale_y = image.shape[1] / frame.width, image.shape[0] / frame.height
        least_height = max(self.config.min_face_size * scale_y - SMALL_BOX_ERROR, 0.0)
        smallest = int(least_height / REFERENCE.height)
        rectangles, _, weights = self._cascade.detectMultiScale3(
            image,
            scaleFactor=self.config.haar_scale_factor,
            minNeighbors=self.config.haar_min_neighbors,
            minSize=(smallest, smallest),
            outputRejectLevels=True,
        )
        least = self.config.confidence if confidence is None else confidence
        detections = []
        for (x, y, width, height), weight in zip(
            np.reshape(rectangles, (-1, 4)).tolist(), np.ravel(weights).tolist(), strict=True
        ):
            box = REFERENCE.to_reference(
                x / scale_x, y / scale_y, width / scale_x, height / scale_y
            )
            certainty = _confidence(weight)
            if certainty >= least and self.config.large_enough(box, scale_y):
                detections.append(Detection(box, certainty))
        # The cascade also reports whole persons and eyes as faces.
        return merged([], detections)

    def set_config(self, config: DetectorConfig) -> None:
        """Apply another configuration from the next frame on."""
        set_opencv_threads(config.threads)
        self.config = config


def _find_cascade() -> Path:
    folders = list(DEBIAN_FOLDERS)
    if hasattr(cv2, 'data'):
        folders.insert(0, Path(cv2.data.haarcascades))
    for folder in folders:
        if (folder / CASCADE_FILE).is_file():
            return folder / CASCADE_FILE
    raise DetectorError(
        f'no {CASCADE_FILE} in {", ".join(map(str, folders))}; install Debian package opencv-data'
    )


def _confidence(weight: float) -> float:
    """Return the probability that a hit is a face, from the score of the last stage."""
    return 1.0 / (1.0 + math.exp(WEIGHT_CENTER - weight))
