"""The camera of a browser: its frames come over a WebSocket, are looked at, and forgotten."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fer_ros.core.errors import EncodingError, LateError
from fer_ros.core.imaging.decoding import decode_image
from fer_ros.core.pipeline import Pipeline
from fer_ros.core.position import CameraModel
from fer_ros.core.types import EmotionSet, Frame

#: Cameras at once: each gets its part of the processor.
MOST_CAMERAS = 2

#: Pixels of a frame.
MOST_PIXELS = 2_100_000


class CameraBusyError(Exception):
    """As many cameras as can be looked at are in use."""


class CameraService:
    """Looks at the frames of browsers' cameras, on a thread of its own.

    make_pipeline: makes a new pipeline for each camera; raises FerError.
    """

    def __init__(self, make_pipeline: Callable[[], Pipeline]) -> None:
        self._make_pipeline = make_pipeline
        self._thread = ThreadPoolExecutor(1, 'web cameras')
        self._cameras = 0

    async def open(self) -> BrowserCamera:
        """Return what looks at the frames of one camera; close() it.

        Raises CameraBusyError, and FerError where the model cannot be used.
        """
        if self._cameras >= MOST_CAMERAS:
            raise CameraBusyError(
                f'{self._cameras} cameras of browsers are in use: come again later'
            )
        self._cameras += 1
        try:
            loop = asyncio.get_running_loop()
            pipeline = await loop.run_in_executor(self._thread, self._make_pipeline)
        except BaseException:
            self._cameras -= 1
            raise
        return BrowserCamera(pipeline, self._thread, self._closed)

    def close(self) -> None:
        """End the thread after the frame in hand."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _closed(self) -> None:
        self._cameras -= 1


class BrowserCamera:
    """One camera: its faces keep their ids from frame to frame. Nothing of a frame is kept."""

    def __init__(
        self,
        pipeline: Pipeline,
        thread: ThreadPoolExecutor,
        closed: Callable[[], None],
    ) -> None:
        self._pipeline = pipeline
        self._thread = thread
        self._closed = closed

    async def look(self, data: bytes) -> EmotionSet | None:
        """Return the expressions on a frame, None for one that cannot be decoded."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._look, data)

    def close(self) -> None:
        """Let another camera have the place."""
        self._closed()

    def _look(self, data: bytes) -> EmotionSet | None:
        try:
            image = decode_image(data, 'the frame', most_pixels=MOST_PIXELS)
            frame = Frame(image, 'bgr8', time.time_ns())
            camera = CameraModel.from_fov(frame.width, frame.height)
            return self._pipeline.process(frame, camera).emotions
        except (EncodingError, LateError):
            return None
