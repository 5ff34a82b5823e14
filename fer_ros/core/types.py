"""The data types from source to event.

Stamps are nanoseconds, positions metres, boxes pixels of the source image.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

UNCERTAIN = 'uncertain'

#: Nanoseconds of a second.
S_TO_NS = 1_000_000_000

#: Encodings of a Frame: 8 bits per channel, names as in sensor_msgs/image_encodings.
ENCODING_CHANNELS = {'mono8': 1, 'bgr8': 3, 'rgb8': 3, 'bgra8': 4, 'rgba8': 4}


@dataclass(frozen=True, slots=True)
class Frame:
    """An image with its time and camera.

    Attributes:
        image: uint8, (H, W) for mono8, otherwise (H, W, channels). It can be a read-only view.
        encoding: A key of ENCODING_CHANNELS.
        stamp: Capture time on the clock of the source, nanoseconds.
        frame_id: The camera's optical frame. Another frame_id means another view: faces of
            different views are never the same face.
    """

    image: NDArray[np.uint8]
    encoding: str
    stamp: int
    frame_id: str = 'camera_optical_frame'

    @property
    def width(self) -> int:
        """Return the width in pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Return the height in pixels."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-aligned box in source pixels, not clipped: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def center(self) -> tuple[float, float]:
        """Return the centre as x, y."""
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def area(self) -> float:
        """Return the area in square pixels."""
        return self.width * self.height

    def iou(self, other: Box) -> float:
        """Return the intersection over union of two boxes, [0, 1]."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        if width <= 0.0:
            return 0.0
        height = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if height <= 0.0:
            return 0.0
        intersection = width * height
        return intersection / (self.area + other.area - intersection)

    def clipped(self, image_width: int, image_height: int) -> tuple[int, int, int, int]:
        """Return the whole-pixel part inside the image as left, top, width, height."""
        left = min(max(round(self.x), 0), image_width)
        top = min(max(round(self.y), 0), image_height)
        right = min(max(round(self.x + self.width), left), image_width)
        bottom = min(max(round(self.y + self.height), top), image_height)
        return left, top, right - left, bottom - top


@dataclass(frozen=True, slots=True)
class Detection:
    """A face found in one frame.

    Attributes:
        box: The reference box, which is the same for all detectors (see detection/base.py).
        confidence: [0, 1].
        landmarks: (5, 2) float32, pixels of the frame: right eye, left eye, nose tip, right and
            left corner of the mouth. Left and right are those of the person, so the right eye is
            on the left of the frame. None if the detector does not find landmarks.
    """

    box: Box
    confidence: float
    landmarks: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """A detection with a lasting identity: `face_id` starts with a letter, is never reused."""

    face_id: str
    detection: Detection


@dataclass(frozen=True, slots=True)
class Crop:
    """A face cut out for a classifier.

    Attributes:
        image: uint8, (S, S) gray, or (S, S, 3) in the channel order of the crop_channels.
        affine: (2, 3) float32, maps pixels of the frame to pixels of the crop.
    """

    image: NDArray[np.uint8]
    affine: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Position:
    """A point in the camera's optical frame (x right, y down, z forward) in metres.

    Attributes:
        stddev: Standard deviation along the line of sight, metres.
    """

    x: float
    y: float
    z: float
    stddev: float


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Position and orientation of a head in the camera's optical frame.

    Attributes:
        position: (x, y, z) of the point between the eyes, metres.
        orientation: Unit quaternion (x, y, z, w) of the face frame of REP-155: x out of the face,
            y to the person's left, z up.
        covariance: (6, 6) of x, y, z in metres and of the rotation around the x, y and z axes of
            the camera in radians. It includes the differences between faces, the noise of
            landmarks, and the uncertainty of the distance.
    """

    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float]
    covariance: NDArray[np.float64]

    @property
    def forward(self) -> tuple[float, float, float]:
        """Return the direction in which the face points, of length 1."""
        x, y, z, w = self.orientation
        return 1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)

    @property
    def angles(self) -> tuple[float, float, float]:
        """Return yaw, pitch and roll in degrees, all 0 for an upright head along the optical axis.

        yaw: [-180, 180], above 0 to the person's left, which is the right of the image.
        pitch: [-90, 90], above 0 down.
        roll: [-180, 180], above 0 towards the person's right shoulder.
        """
        x, y, z, w = self.orientation
        right, down, ahead = self.forward
        # The downward components of the axes to the person's left and up.
        left, up = 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)
        return (
            math.degrees(math.atan2(right, -ahead)),
            math.degrees(math.asin(max(-1.0, min(1.0, down)))),
            math.degrees(math.atan2(-left, -up)),
        )


@dataclass(frozen=True, slots=True)
class Face:
    """A tracked face of one frame, with the input of the classifier.

    Attributes:
        head_pose: None without landmarks or camera, or if it is not requested.
    """

    face_id: str
    box: Box
    confidence: float
    landmarks: NDArray[np.float32] | None = None
    position: Position | None = None
    crop: Crop | None = None
    head_pose: HeadPose | None = None


@dataclass(frozen=True, slots=True)
class FaceSet:
    """All faces of one frame.

    Attributes:
        crop_geometry: Name of the framing of the crops. Empty without crops.
        crop_channels: Channels of the crops: gray, bgr or rgb. Empty without crops.
    """

    stamp: int
    frame_id: str
    image_width: int
    image_height: int
    faces: tuple[Face, ...] = ()
    crop_geometry: str = ''
    crop_channels: str = ''


@dataclass(frozen=True, slots=True)
class FaceEmotion:
    """The apparent expression of one face.

    Attributes:
        label: The label of the last event. Before the first event, the most probable class so far,
            or 'uncertain'.
        confidence: Smoothed probability of label, [0, 1]. If label is 'uncertain', that of the
            most probable class.
        uncertain: Whether no class is probable enough in this frame. label is then the latest
            accepted label. Always True if label is 'uncertain'.
        appeared: Whether the face has been in view for appear_time, so that it has an event.
        raw_label: The most probable class of this frame.
        raw_confidence: Its probability in this frame, [0, 1].
        probabilities: (K,) float32 over EmotionSet.class_names, smoothed, sum 1.
        valence: [-1, 1]. NaN for a model without the basic expressions.
        arousal: [-1, 1]. NaN for a model without the basic expressions.
        attributes: Scores by name, [0, 1].
        head_pose: None without landmarks or camera, or if it is not requested.
        attention: Probability in this frame that the head is turned to the point of regard,
            [0, 1]. None without a head pose.
        looks: Whether the last AttentionEvent of the face was LOOKS. On a single picture, whether
            attention is clearly more probable than not.
    """

    face_id: str
    box: Box
    label: str
    confidence: float
    raw_label: str
    raw_confidence: float
    probabilities: NDArray[np.float32]
    valence: float
    arousal: float
    position: Position | None = None
    attributes: Mapping[str, float] = field(default_factory=dict)
    uncertain: bool = False
    appeared: bool = False
    head_pose: HeadPose | None = None
    attention: float | None = None
    looks: bool = False

    @property
    def label_now(self) -> str:
        """Return the label, or 'uncertain' while it is not reliable."""
        return UNCERTAIN if self.uncertain else self.label

    @property
    def label_text(self) -> str:
        """Return the label as a person reads it, with a question mark while it is uncertain."""
        return f'{self.label}?' if self.uncertain and self.label != UNCERTAIN else self.label


@dataclass(frozen=True, slots=True)
class EmotionSet:
    """Apparent expressions of all faces of one frame."""

    stamp: int
    frame_id: str
    image_width: int
    image_height: int
    class_names: tuple[str, ...]
    model_name: str
    model_hash: str
    faces: tuple[FaceEmotion, ...] = ()


class EventType(Enum):
    """The kind of an ExpressionEvent. The values are those of ExpressionEvent.msg."""

    APPEARED = 1
    CHANGED = 2
    LEFT = 3


@dataclass(frozen=True, slots=True)
class ExpressionEvent:
    """A face appeared, its label changed, or it left.

    Attributes:
        stamp: Stamp of the frame that caused the event, in nanoseconds.
        image_width: Width of the frame of the box in pixels. 0 if it is unknown.
        image_height: Height of the frame of the box in pixels. 0 if it is unknown.
        duration: CHANGED: seconds of previous_label. LEFT: seconds for which the face was in view.
            APPEARED: 0.
    """

    type: EventType
    stamp: int
    frame_id: str
    face_id: str
    label: str
    previous_label: str
    confidence: float
    duration: float
    box: Box
    position: Position | None = None
    image_width: int = 0
    image_height: int = 0


class AttentionType(Enum):
    """The kind of an AttentionEvent. The values are those of AttentionEvent.msg."""

    LOOKS = 1
    LOOKS_AWAY = 2


@dataclass(frozen=True, slots=True)
class AttentionEvent:
    """A head turned to the point of regard, or away from it. It describes the head, not the eyes.

    Attributes:
        stamp: Stamp of the frame that caused the event, in nanoseconds.
        image_width: Width of the frame of the box in pixels. 0 if it is unknown.
        image_height: Height of the frame of the box in pixels. 0 if it is unknown.
        probability: Probability that the head is turned there, in this frame or in the last frame
            with the face.
        duration: LOOKS_AWAY: seconds for which the head was turned there. LOOKS: 0.
    """

    type: AttentionType
    stamp: int
    frame_id: str
    face_id: str
    probability: float
    duration: float
    box: Box
    position: Position | None = None
    image_width: int = 0
    image_height: int = 0


#: Any event of a face.
Event = ExpressionEvent | AttentionEvent


def in_order(events: Sequence[ExpressionEvent], turns: Sequence[AttentionEvent]) -> list[Event]:
    """Return the events of one moment in their order.

    A head looks away before its face leaves, and looks after it appeared.
    """
    away = [turn for turn in turns if turn.type is AttentionType.LOOKS_AWAY]
    looks = [turn for turn in turns if turn.type is AttentionType.LOOKS]
    return [*away, *events, *looks]


def labels_of(event: Event) -> tuple[str, str, float]:
    """Return label, previous label and probability of any event, for tables.

    Events of attention have empty labels, and the probability that the head is turned to the
    point of regard.
    """
    if isinstance(event, AttentionEvent):
        return '', '', event.probability
    return event.label, event.previous_label, event.confidence
