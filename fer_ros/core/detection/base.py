"""The interface and configuration of all face detectors, and the reference box.

The reference box is the box YuNet gives on a frontal face: on FER2013 pictures 0.79 x 1.03 of the
picture's side, centred at (0.50, 0.49), so from mid-forehead to chin and from cheek to cheek.
Every other detector maps its own box to it with a BoxMapping that was measured against YuNet.
Crop, tracker and position use only the reference box. Boxes and landmarks are continuous source
coordinates: pixel i covers [i, i + 1).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.imaging.channels import check_image
from fer_ros.core.onnx_session import DEVICE_TEXT, PROVIDERS
from fer_ros.core.options import check_options, documented, option
from fer_ros.core.types import Box, Detection, Frame


class FileStore(Protocol):
    """Finds the files of detectors. ModelStore is one."""

    def find_file(self, filename: str, sha256: str) -> Path | None:
        """Return the first file of this name and hash, or None."""


#: Pixels of the searched image by which the box of a face of 16 to 30 pixels may be too short:
#: RetinaFace measures 14 to 16 on faces of 20, YuNet 18 to 20.
SMALL_BOX_ERROR = 5.0

#: The detectors, the best first.
DETECTOR_NAMES = ('retinaface', 'yunet', 'haar')


class Search(Enum):
    """The searched part of each frame."""

    FULL = 'full'
    FAST = 'fast'
    ECONOMY = 'economy'


@documented
@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """How faces are searched.

    Raises:
        ValueError: A value is out of range.
    """

    detector: str = option(
        'auto',
        'Face detector. auto selects the best one that is installed.',
        choices=('auto', *DETECTOR_NAMES),
    )
    search: Search = option(
        Search.FAST,
        'How much of each frame is searched. full searches every whole frame at full resolution. '
        'fast searches a whole frame ten times a second at less than half the resolution (an '
        'overview), and at full resolution where faces are small or uncertain. Between overviews, '
        'it searches only around known faces and in one tile of each frame in turn. economy makes '
        'five overviews a second, and searches a region that does not change only once every 5 s.',
        choices=tuple(search.value for search in Search),
    )
    overview_rate: float = option(
        0.0,
        'Overviews per second of fast and economy. A new face is found with the next overview. 0 '
        'selects the default rate of the search.',
        minimum=0.0,
        maximum=1000.0,
    )
    confidence: float = option(
        0.7,
        'Lowest confidence of a detection. With a larger value, fewer false faces are reported '
        'and more faces are missed.',
        minimum=0.0,
        maximum=1.0,
    )
    input_scale: float = option(
        1.0,
        'Factor by which the image is resized before the search. With a smaller factor, the '
        'search is faster. With a larger factor, it finds smaller faces.',
        minimum=0.05,
        maximum=4.0,
    )
    min_face_size: float = option(
        20.0, 'Height in pixels of the smallest face to report.', minimum=0.0, maximum=4096.0
    )
    threads: int = option(1, 'Processor threads of the detector.', minimum=1, maximum=64)
    device: str = option('cpu', f'{DEVICE_TEXT} Only for retinaface.', choices=tuple(PROVIDERS))
    haar_scale_factor: float = option(
        1.1,
        'Haar only: factor between the searched sizes. A larger factor is faster and misses more '
        'faces.',
        minimum=1.01,
        maximum=2.0,
    )
    haar_min_neighbors: int = option(
        5,
        'Haar only: number of raw detections that a face needs. With a larger number, fewer false '
        'faces are reported and more faces are missed.',
        minimum=1,
        maximum=50,
    )
    haar_equalize_hist: bool = option(
        True, 'Haar only: equalize the histogram of the image first.'
    )

    def __post_init__(self) -> None:
        check_options(self)

    def large_enough(self, box: Box, scale: float) -> bool:
        """Return whether a box from an image resized by `scale` is tall enough to report.

        A face is omitted if its box is shorter than min_face_size by more than SMALL_BOX_ERROR.
        """
        return box.height >= self.min_face_size - SMALL_BOX_ERROR / scale


class FaceDetector(ABC):
    """Finds faces in single frames. It reuses buffers, so only one thread may call it.

    Attributes:
        name: Name of the detector, as in DetectorConfig.
        selection_reason: Why this detector was chosen, for the log.
        graded_confidence: Whether a face that is hard to see gets a low confidence instead of
            being missed. FaceSearch needs that.
        has_landmarks: Whether faces have landmarks, which head poses need.
        largest_face: Height in pixels up to which one pass finds a face as one face. On enlarged
            photographs of three people, the networks do so up to 640 pixels, with an overlap of at
            least 0.74. At 800 pixels RetinaFace finds one or two faces, YuNet one or none.
        max_pixels: Largest number of searched pixels. A larger image is shrunk.
        config: The configuration. Change it with set_config().
    """

    name: str
    config: DetectorConfig = DetectorConfig()
    selection_reason: str = ''
    graded_confidence: bool = True
    has_landmarks: bool = True
    largest_face: float = 640.0
    max_pixels: int = 64_000_000

    @abstractmethod
    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        """Return the faces of a frame as reference boxes, with the highest confidence first.

        Args:
            frame: The frame.
            scale: Factor for the size of the image in addition to input_scale, > 0.
            confidence: Lower limit instead of the configured one, [0, 1].
        """

    def set_config(self, config: DetectorConfig) -> None:
        """Apply another configuration from the next frame on.

        No network is loaded again, unless the number of threads changes. The `detector` field is
        ignored; the detector is not replaced.

        Raises:
            DetectorError: The detector cannot run with this configuration.
        """
        self.config = config

    def restart(self) -> None:  # noqa: B027
        """Treat the next frame as the first of a sequence."""


@dataclass(frozen=True, slots=True)
class BoxMapping:
    """Conversion of the box of a detector to the reference box.

    Attributes:
        width: Reference width divided by the width of the box.
        height: Reference height divided by the height of the box.
        shift_x: Reference centre minus centre of the box, in widths of the box.
        shift_y: The same in y, in heights of the box.
    """

    width: float
    height: float
    shift_x: float
    shift_y: float

    def to_reference(self, x: float, y: float, width: float, height: float) -> Box:
        """Convert a box of the detector (left, top, width, height) to the reference box."""
        center_x = x + (0.5 + self.shift_x) * width
        center_y = y + (0.5 + self.shift_y) * height
        reference_width = self.width * width
        reference_height = self.height * height
        return Box(
            center_x - reference_width / 2,
            center_y - reference_height / 2,
            reference_width,
            reference_height,
        )


@dataclass(frozen=True, slots=True)
class HalvedFrame(Frame):
    """A frame with its image at half the size, for several steps that need it.

    Attributes:
        half: As half_of() returns it.
    """

    half: Any = None


def half_of(frame: Frame) -> Any:
    """Return the image of a frame at half the size, computed only if it is not known.

    Raises:
        EncodingError: The image does not match its encoding.
    """
    if isinstance(frame, HalvedFrame):
        return frame.half
    check_image(frame)
    return halved(frame.image)


def scaled_image(frame: Frame, scale: float) -> Any:
    """Return the image of a frame resized by `scale`, uint8. Scale 1 returns the image itself.

    Raises:
        EncodingError: The image does not match its encoding.
    """
    check_image(frame)
    size = (max(round(frame.width * scale), 1), max(round(frame.height * scale), 1))
    image = frame.image
    if scale <= 0.5:
        image, scale = half_of(frame), 2 * scale
    while scale <= 0.5:
        image, scale = halved(image), 2 * scale
    if size == (image.shape[1], image.shape[0]):
        return image
    return cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)


def halved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the means of squares of 2 x 2 pixels, uint8.

    This is the only size to which OpenCV averages fast: 15 times faster than 237 to 118 pixels,
    and two halves are 3 times faster than a quarter.
    """
    height, width = image.shape[:2]
    half = (max(width // 2, 1), max(height // 2, 1))
    return np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)


def suppress_overlaps(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], max_iou: float
) -> list[int]:
    """Return the indices that greedy non-maximum suppression keeps, with the highest score first.

    Args:
        boxes: (N, 4) left, top, right, bottom.
        scores: (N,), above 0.
    """
    if not len(boxes):
        return []
    sized: Any = boxes.copy()
    sized[:, 2:] -= sized[:, :2]
    certainties: Any = scores
    kept = cv2.dnn.NMSBoxes(sized, certainties, score_threshold=0.0, nms_threshold=max_iou)
    indices: list[int] = np.asarray(kept, int).ravel().tolist()
    return indices
