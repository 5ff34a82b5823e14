"""Pictures that clients send. They are checked before decoding and classified one by one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException

from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.display.drawing import draw_emotions
from fer_ros.core.errors import EncodingError, FerError, OversizedError
from fer_ros.core.handover import Handover
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.imaging.files import encode_picture
from fer_ros.core.imaging.formats import READABLE_NAMES, format_of
from fer_ros.core.picture_classifier import MOST_WAITING, PictureClassifier
from fer_ros.core.types import EmotionSet, Frame

#: Larger pictures are refused after reading the header: 25 megapixels take 75 MB of memory.
MAX_PIXELS = 25_000_000

#: JPEG quality of annotated pictures.
JPEG_QUALITY = 92

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """The results of a picture.

    Attributes:
        annotated: The annotated picture as a file, if requested.
    """

    emotions: EmotionSet
    annotated: bytes | None = None


class PictureService:
    """Classifies pictures on a separate thread. Pictures are not stored.

    Args:
        load: Creates the classifier. It is called for the first picture, and again if it raised
            FerError.
    """

    def __init__(self, load: Callable[[], PictureClassifier]) -> None:
        self._load = load
        self._classifier: PictureClassifier | None = None
        self._next_config: Handover[tuple[DetectorConfig, float]] = Handover()
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, 'web uploads')

    async def classify(self, data: bytes, annotate: str = '') -> Answer:
        """Return the results of a picture in any supported format.

        Args:
            annotate: Format of the annotated picture, 'png' or 'jpeg'; '' creates none.

        Raises:
            HTTPException: 413 if it is too large, 415 for an unsupported format, 422 if it
                cannot be decoded, 503 if too many are waiting or the model cannot be used.
        """
        check_format(data)
        if self._waiting >= MOST_WAITING:
            raise HTTPException(
                503,
                f'{self._waiting} pictures are waiting: try again later',
                {'retry-after': '1'},
            )
        self._waiting += 1
        work = asyncio.get_running_loop().run_in_executor(
            self._thread, self._classify, data, annotate
        )
        # Also if the client disconnects, because the thread still processes the picture.
        work.add_done_callback(self._done)
        return await asyncio.shield(work)

    def set_config(self, detector: DetectorConfig, uncertain_threshold: float) -> None:
        """Use another configuration from the next picture on."""
        self._next_config.put((detector, uncertain_threshold))

    def reload(self) -> None:
        """Load the classifier again for the next picture, because another one was chosen."""
        # On the thread: it may be loading the one of before.
        self._thread.submit(self._forget)

    def close(self) -> None:
        """End the thread. Waiting pictures are dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        self._classifier = None

    def _done(self, work: asyncio.Future[Answer]) -> None:
        self._waiting -= 1
        if not work.cancelled():
            # Retrieve the error, even if no client waits for it.
            work.exception()

    def _classify(self, data: bytes, annotate: str) -> Answer:
        try:
            image = decode_image(data, 'the picture', rotate=True, most_pixels=MAX_PIXELS)
        except OversizedError as error:
            raise HTTPException(413, str(error)) from error
        except EncodingError as error:
            raise HTTPException(422, str(error)) from error
        try:
            classifier = self._classifier
            if classifier is None:
                classifier = self._classifier = self._load()
            config = self._next_config.take()
            if config is not None:
                classifier.set_config(*config)
            emotions = classifier.classify(Frame(image, 'bgr8', 0))
        except FerError as error:
            _logger.error('a picture could not be classified: %s', error)
            raise HTTPException(503, str(error)) from error
        if not annotate:
            return Answer(emotions)
        draw_emotions(image, emotions)
        try:
            return Answer(emotions, encode_picture(f'.{annotate}', image, JPEG_QUALITY))
        except EncodingError as error:
            raise HTTPException(422, str(error)) from error


def check_format(data: bytes) -> None:
    """Raise HTTPException if the first bytes do not belong to a readable picture."""
    kind = format_of(data)
    if kind is None or kind.layout is None:
        what = f'{len(data)} bytes that are not a picture' if kind is None else kind.name
        raise HTTPException(415, f'{what}: send one of {READABLE_NAMES}')


def with_stamp(emotions: EmotionSet, stamp: int) -> EmotionSet:
    """Return the expressions with a stamp in nanoseconds, because an upload has no stamp."""
    return replace(emotions, stamp=stamp)
