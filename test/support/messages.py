"""Messages with any contradiction, as hypothesis strategies."""

from __future__ import annotations

import array
import math
from typing import Any

import numpy as np
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point, Pose, PoseWithCovariance, Quaternion
from hypothesis import strategies as st
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, RegionOfInterest
from std_msgs.msg import Header
from support.tiny_model import LABELS as NAMES

from fer_msgs.msg import (
    AttentionEvent,
    ExpressionEvent,
    Face,
    FaceArray,
    FaceEmotion,
    FaceEmotionArray,
)
from fer_ros.core.position import DISTORTION_MODELS

uint32 = st.one_of(st.integers(0, 700), st.sampled_from([0, 1, 2**31, 2**32 - 1]))
reals = st.one_of(
    st.floats(0, 1), st.floats(width=32), st.sampled_from([math.nan, math.inf, -math.inf, -1.0])
)
#: Bytes that are not UTF-8, as Python receives them, and unexpected characters in names.
texts = st.one_of(
    st.sampled_from(['', 'happy', 'f1', '\ufffd\ufffd', 'a/b', '../x', 'x' * 300, '%s%n', '<b>']),
    st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=12),
)
encodings = st.one_of(
    st.sampled_from(
        [
            'mono8',
            'bgr8',
            'rgb8',
            'bgra8',
            'rgba8',
            '8UC1',
            '8UC3',
            '8UC4',
            'mono16',
            '16UC1',
            '32FC1',
            'bayer_rggb8',
            'yuv422',
            'bgr16',
            '8UC13',
            'BGR8',
            '',
        ]
    ),
    texts,
)

times = st.builds(
    Time,
    sec=st.one_of(st.integers(0, 3), st.sampled_from([-(2**31), -1, 2**31 - 1])),
    nanosec=st.one_of(st.integers(0, 10**9 - 1), st.just(2**32 - 1)),
)
headers = st.builds(Header, stamp=times, frame_id=texts)
durations = st.builds(
    Duration, sec=st.sampled_from([0, 1, -1, 2**31 - 1]), nanosec=st.sampled_from([0, 2**32 - 1])
)
rois = st.builds(RegionOfInterest, x_offset=uint32, y_offset=uint32, width=uint32, height=uint32)
points = st.builds(Point, x=reals, y=reals, z=reals)


def bytes_of(data: bytes) -> array.array[int]:
    """Return the value of a byte field for a sequence of bytes."""
    return array.array('B', data)


@st.composite
def images(draw: Any) -> Image:
    """An image whose size, step, encoding and data match or not."""
    width, height = draw(uint32), draw(uint32)
    step = draw(st.one_of(uint32, st.just(min(width * 3, 2**32 - 1))))
    needed = min(step * height, 1 << 16)
    length = draw(st.one_of(st.integers(0, 64), st.just(needed), st.just(max(needed - 1, 0))))
    return Image(
        header=draw(headers),
        width=width,
        height=height,
        step=step,
        encoding=draw(encodings),
        is_bigendian=draw(st.sampled_from([0, 1, 255])),
        data=bytes_of(bytes(length)),
    )


@st.composite
def fitting_images(draw: Any, side: int = 48) -> Image:
    """A crop for the default model."""
    data = draw(st.binary(min_size=side * side, max_size=side * side))
    return Image(width=side, height=side, step=side, encoding='mono8', data=bytes_of(data))


def float32(count: int, values: Any = reals) -> Any:
    """Return a strategy of a float32 array of a fixed size, as a message field takes it."""
    return st.lists(values, min_size=count, max_size=count).map(
        lambda numbers: np.array(numbers, np.float32)
    )


poses = st.builds(
    PoseWithCovariance,
    pose=st.builds(
        Pose,
        position=points,
        orientation=st.builds(Quaternion, x=reals, y=reals, z=reals, w=reals),
    ),
    covariance=st.lists(reals, min_size=36, max_size=36).map(np.array),
)
faces = st.builds(
    Face,
    face_id=texts,
    roi=rois,
    confidence=reals.map(np.float32).map(float),
    position=points,
    position_stddev=reals.map(np.float32).map(float),
    landmarks=float32(10),
    head_pose=poses,
    crop=st.one_of(images(), fitting_images(), st.just(Image())),
    crop_affine=float32(6),
)
face_arrays = st.builds(
    FaceArray,
    header=headers,
    image_width=uint32,
    image_height=uint32,
    crop_geometry=st.one_of(st.just('fer2013'), texts),
    faces=st.lists(faces, max_size=3),
)


def _floats(values: list[float]) -> array.array[float]:
    return array.array('f', values)


float_lists = st.one_of(
    st.lists(st.floats(0, 1), min_size=7, max_size=7), st.lists(reals, max_size=9)
).map(_floats)
small = reals.map(np.float32).map(float)
face_emotions = st.builds(
    FaceEmotion,
    face_id=texts,
    roi=rois,
    position=points,
    position_stddev=small,
    head_pose=poses,
    attention=small,
    looks=st.booleans(),
    label=texts,
    confidence=small,
    raw_label=texts,
    raw_confidence=small,
    probabilities=float_lists,
    valence=small,
    arousal=small,
    attribute_names=st.lists(texts, max_size=3),
    attribute_scores=st.lists(reals, max_size=3).map(_floats),
)
emotion_arrays = st.builds(
    FaceEmotionArray,
    header=headers,
    image_width=uint32,
    image_height=uint32,
    class_names=st.one_of(st.just(list(NAMES)), st.lists(texts, max_size=9)),
    model_name=texts,
    model_hash=texts,
    faces=st.lists(face_emotions, max_size=3),
)
expression_events = st.builds(
    ExpressionEvent,
    header=headers,
    type=st.integers(0, 255),
    face_id=texts,
    label=texts,
    previous_label=texts,
    confidence=small,
    duration=durations,
    roi=rois,
    position=points,
)
attention_events = st.builds(
    AttentionEvent,
    header=headers,
    type=st.integers(0, 255),
    face_id=texts,
    probability=small,
    duration=durations,
    roi=rois,
    position=points,
)
camera_infos = st.builds(
    CameraInfo,
    header=headers,
    width=uint32,
    height=uint32,
    distortion_model=texts | st.sampled_from(sorted(DISTORTION_MODELS)),
    d=st.lists(reals, max_size=14),
    k=st.lists(reals, min_size=9, max_size=9).map(np.array),
)


def compressed(data: bytes) -> CompressedImage:
    """Return the message of some bytes that may be a picture."""
    return CompressedImage(format='jpeg', data=bytes_of(data))
