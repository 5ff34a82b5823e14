"""The live image: encoded once, only for viewers, with the faces of that image."""

from __future__ import annotations

import json
import struct
import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.nodes import emotion_set, face_emotion
from support.waiting import wait_for

from fer_ros.core.display.palette import COLOURS
from fer_ros.core.types import Box, Frame
from fer_ros.web.stream import LiveImage, PictureStream

SECOND = 1_000_000_000


class Eye:
    """A viewer that keeps its images."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self._came = threading.Condition()

    def offer(self, message: bytes) -> None:
        with self._came:
            self.messages.append(message)
            self._came.notify_all()

    def see(self, count: int = 1):
        with self._came:
            assert self._came.wait_for(lambda: len(self.messages) >= count, 30)
        return read(self.messages[count - 1])


def read(message: bytes):
    (length,) = struct.unpack('>I', message[:4])
    jpeg = message[4 + length :]
    return json.loads(message[4 : 4 + length]), cv2.imdecode(np.frombuffer(jpeg, np.uint8), 1)


def picture(stamp: int, level: int = 90, size=(480, 640), jpeg=None) -> LiveImage:
    image = np.full((*size, 3), level, np.uint8)
    return LiveImage(stamp, lambda: Frame(image, 'bgr8', stamp), image.nbytes, jpeg)


@pytest.fixture
def stream():
    return PictureStream()


@pytest.fixture
def eye(stream):
    eye = Eye()
    stream.add(eye)
    yield eye
    stream.remove(eye)


def test_without_a_viewer_nothing_is_kept_or_encoded(stream):
    stream.take_picture(picture(1))
    stream.take_emotions(emotion_set(1))
    eye = Eye()
    stream.add(eye)
    stream.take_emotions(emotion_set(1))
    stream.take_picture(picture(2, 200))
    stream.take_emotions(emotion_set(2))
    assert eye.see()[1].mean() > 190
    stream.remove(eye)
    assert stream.encoded == 1
    assert not stream.is_watched


def test_an_image_is_shown_with_its_own_faces_and_their_colours(stream, eye):
    stream.take_picture(picture(1, 60))
    stream.take_picture(picture(2, 200))
    stream.take_emotions(emotion_set(1, face_emotion('f1', 'happy', Box(64, 48, 128, 96))))
    head, image = eye.see()
    assert abs(image.mean() - 60) < 3
    (face,) = head['faces']
    assert (face['x'], face['y'], face['width'], face['height']) == (0.1, 0.1, 0.2, 0.2)
    blue, green, red = COLOURS['happy']
    assert face['colour'] == f'#{red:02x}{green:02x}{blue:02x}'
    assert not head['late']


def test_all_viewers_get_the_same_bytes(stream, eye):
    other = Eye()
    stream.add(other)
    stream.take_picture(picture(1))
    stream.take_emotions(emotion_set(1))
    eye.see()
    other.see()
    assert other.messages[0] is eye.messages[0]
    assert stream.encoded == 1
    stream.remove(other)


def test_a_jpeg_from_the_network_is_sent_unchanged(stream, eye):
    jpeg = cv2.imencode('.jpg', np.full((48, 64, 3), 7, np.uint8))[1].tobytes()
    stream.take_picture(picture(1, jpeg=memoryview(jpeg)))
    stream.take_emotions(emotion_set(1))
    eye.see()
    assert eye.messages[0].endswith(jpeg)


def test_large_images_are_scaled_down(stream, eye):
    stream.take_picture(picture(1, size=(1440, 2560)))
    stream.take_emotions(emotion_set(1))
    assert eye.see()[1].shape == (720, 1280, 3)


def test_without_results_the_image_is_shown_with_a_notice(stream, eye):
    for number in range(12):
        stream.take_picture(picture(1 + number * SECOND // 4))
    head, _ = eye.see()
    while not head['notice']:
        head, _ = eye.see(len(eye.messages))
    assert head['late']
    assert head['notice'].startswith('no results for')
    assert head['faces'] == []


def test_a_value_that_browsers_cannot_read_is_counted_and_not_sent(stream, eye):
    """JSON.parse refuses NaN, so the page would stop to show images."""
    broken = replace(face_emotion(), confidence=float('nan'))
    stream.take_picture(picture(SECOND))
    stream.take_emotions(emotion_set(SECOND, broken))
    wait_for(lambda: stream.failed == 1, 'the count')
    assert eye.messages == []


def test_without_the_size_of_the_image_no_box_is_drawn(stream, eye):
    stream.take_picture(picture(SECOND))
    stream.take_emotions(replace(emotion_set(SECOND, face_emotion()), image_width=0))
    assert eye.see()[0]['faces'] == []
