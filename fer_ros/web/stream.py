"""The live image: each is paired with its results and encoded once, while there is a viewer."""

from __future__ import annotations

import json
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.overlay import bgr_copy, faces_on, lateness
from fer_ros.core.display.result_matching import Match, ResultMatcher
from fer_ros.core.imaging.decoding import encoded_size
from fer_ros.core.imaging.files import encode_picture
from fer_ros.core.types import S_TO_NS, EmotionSet, FaceEmotion, Frame
from fer_ros.core.worker import LatestWorker
from fer_ros.web.colours import web_colour, web_ink
from fer_ros.web.state.people import People

#: Seconds that an image waits for its results before it is shown without them.
MAX_DELAY = 0.5

#: Largest size in bytes of the images that wait for their results.
MAX_BYTES = 128_000_000

#: Longest side in pixels of a sent image. Larger images are reduced.
LONGEST_SIDE = 1280

JPEG_QUALITY = 80

#: Seconds without an image after which the stream counts as stopped.
SILENCE = 2.0


@dataclass(frozen=True, slots=True)
class LiveImage:
    """An image as it arrived.

    Attributes:
        load: Returns its frame and can be called repeatedly.
        size: Bytes that it keeps in memory.
        jpeg: The image as it arrived over a network, None if it arrived as pixels.
    """

    stamp: int
    load: Callable[[], Frame]
    size: int
    jpeg: bytes | memoryview | None = None


class Viewer(Protocol):
    """A viewer. offer() is called on the stream's thread and must not block."""

    def offer(self, message: bytes) -> None:
        """Take the newest message. A message that was not sent yet can be dropped for it."""


class PictureStream:
    """Pairs images with results and gives each pair to all viewers as one message.

    A message is the length of a JSON head (4 bytes, big-endian), the head, and a JPEG.

    Args:
        people: People of the pipeline state, so that boxes and cards use the same name for a
            person.
    """

    def __init__(
        self,
        people: People | None = None,
        jpeg_quality: int = JPEG_QUALITY,
        longest_side: int = LONGEST_SIDE,
    ) -> None:
        self._people = people or People()
        self.jpeg_quality = jpeg_quality
        self.longest_side = longest_side
        self.encoded = 0
        self._matcher: ResultMatcher[LiveImage] = ResultMatcher(MAX_DELAY, MAX_BYTES)
        self._worker: LatestWorker[Match[LiveImage]] = LatestWorker(self._handle, 'web pictures')
        self._lock = threading.Lock()
        self._viewers: tuple[Viewer, ...] = ()
        self._number = 0
        self._last_picture = -SILENCE

    @property
    def is_watched(self) -> bool:
        """Return whether there is a viewer. Without one, images are not needed."""
        return bool(self._viewers)

    @property
    def viewers(self) -> int:
        """Return the number of viewers."""
        return len(self._viewers)

    @property
    def images_arrive(self) -> bool:
        """Return whether images arrived recently, or there was no viewer so far."""
        return not self._viewers or time.monotonic() - self._last_picture < SILENCE

    @property
    def failed(self) -> int:
        """Return the number of images that could not be shown."""
        return self._worker.failed

    @property
    def tolerance(self) -> int:
        """Largest difference in nanoseconds between the stamps of a result and its image."""
        return self._matcher.tolerance

    @tolerance.setter
    def tolerance(self, nanoseconds: int) -> None:
        self._matcher.tolerance = nanoseconds

    def take_picture(self, picture: LiveImage) -> None:
        """Take an image. Returns immediately. Without viewers, the image is ignored."""
        if self._viewers:
            self._last_picture = time.monotonic()
            self._show(self._matcher.add_picture(picture.stamp, picture, picture.size))

    def take_emotions(self, emotions: EmotionSet) -> None:
        """Take the results of an image. Returns immediately."""
        if self._viewers:
            self._show(self._matcher.add_result(emotions))

    def add(self, viewer: Viewer) -> None:
        """Add a viewer."""
        with self._lock:
            if not self._viewers:
                self._last_picture = time.monotonic()
            self._viewers = (*self._viewers, viewer)
            self._worker.start()

    def remove(self, viewer: Viewer) -> None:
        """Remove a viewer. When the last viewer is removed, all work ends."""
        with self._lock:
            self._viewers = tuple(other for other in self._viewers if other is not viewer)
            if not self._viewers:
                self._worker.stop()
                self._matcher.clear()

    def _show(self, match: Match[LiveImage] | None) -> None:
        if match is not None:
            self._worker.submit(match)

    def _handle(self, match: Match[LiveImage]) -> None:
        """Encode one message on the worker thread."""
        self._number += 1
        message = self._message(match)
        self.encoded += 1
        for viewer in self._viewers:
            viewer.offer(message)

    def _message(self, match: Match[LiveImage]) -> bytes:
        picture = match.picture
        frame: Frame | None = None
        jpeg = self._ready_jpeg(picture)
        if jpeg is None:
            frame = picture.load()
            jpeg = self._encode(frame)
        if match.late:
            frame = frame or picture.load()
            own = match.own.load() if match.own is not None else None
            late = Match(frame, match.emotions, own, True, match.age, match.silence)
            faces, notice = faces_on(late, bgr_copy(frame)), lateness(late)
        else:
            assert match.emotions is not None
            faces, notice = match.emotions.faces, ''
        head = {
            'number': self._number,
            'stamp': picture.stamp / S_TO_NS,
            'late': match.late,
            'notice': notice,
            'faces': self._faces(match.emotions, faces),
        }
        # Browsers cannot read NaN, which a publisher may send.
        encoded = json.dumps(head, allow_nan=False).encode()
        return b''.join((struct.pack('>I', len(encoded)), encoded, jpeg))

    def _ready_jpeg(self, picture: LiveImage) -> bytes | memoryview | None:
        """Return the JPEG that arrived, if it can be sent unchanged."""
        if picture.jpeg is None:
            return None
        size = encoded_size(np.frombuffer(picture.jpeg, np.uint8))
        is_jpeg = bytes(picture.jpeg[:2]) == b'\xff\xd8'
        fits = size is not None and max(size) <= self.longest_side
        return picture.jpeg if is_jpeg and fits else None

    def _encode(self, frame: Frame) -> bytes:
        image: NDArray[Any] = frame.image
        if frame.encoding not in ('bgr8', 'mono8'):
            image = bgr_copy(frame)
        scale = self.longest_side / max(frame.width, frame.height)
        if scale < 1:
            size = round(frame.width * scale), round(frame.height * scale)
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        return encode_picture('.jpg', image, self.jpeg_quality)

    def _faces(
        self,
        emotions: EmotionSet | None,
        faces: Sequence[FaceEmotion],
    ) -> list[dict[str, Any]]:
        """Return the data to draw for each face. Positions are fractions of the image."""
        if emotions is None:
            return []
        width, height = emotions.image_width, emotions.image_height
        if not (width and height):  # Without them, the place of a face is not known.
            return []
        return [
            {
                'id': face.face_id,
                'person': self._people.number(face.face_id),
                'label': face.label_text,
                'confidence': round(face.confidence, 3),
                'x': round(face.box.x / width, 4),
                'y': round(face.box.y / height, 4),
                'width': round(face.box.width / width, 4),
                'height': round(face.box.height / height, 4),
                'colour': web_colour(face.label_now, emotions.class_names),
                'ink': web_ink(face.label_now, emotions.class_names),
            }
            for face in faces
        ]
