"""The camera of a browser: its frames arrive over a WebSocket and are not stored."""

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

#: Largest number of cameras at the same time. They share the processor.
MOST_CAMERAS = 2

#: Pixels of a frame.
MOST_PIXELS = 2_100_000


class CameraBusyError(Exception):
    """The largest number of cameras is already in use."""


class CameraService:
    """Processes the frames of browsers' cameras on a separate thread.

    Args:
        make_pipeline: Creates a pipeline for each camera. It can raise FerError.
    """

    def __init__(self, make_pipeline: Callable[[], Pipeline]) -> None:
        self._make_pipeline = make_pipeline
        self._thread = ThreadPoolExecutor(1, 'web cameras')
        self._cameras = 0

    async def open(self) -> BrowserCamera:
        """Return an object that processes the frames of one camera. The caller must close it.

        Raises:
            CameraBusyError: Too many cameras are in use.
            FerError: The model cannot be used.
        """
        if self._cameras >= MOST_CAMERAS:
            raise CameraBusyError(
                f'{self._cameras} browser cameras are already in use: try again later'
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
        """End the thread after the current frame."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _closed(self) -> None:
        self._cameras -= 1


class BrowserCamera:
    """One camera. Its faces keep their ids from frame to frame. No frame is stored."""

    def __init__(
        self,
        pipeline: Pipeline,
        thread: ThreadPoolExecutor,
        closed: Callable[[], None],
    ) -> None:
        self._pipeline = pipeline
        self._thread = thread
        self._closed = closed

    async def process(self, data: bytes) -> EmotionSet | None:
        """Return the expressions in a frame, or None if it cannot be decoded."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._process, data)

    def close(self) -> None:
        """Free the place for another camera."""
        self._closed()

    def _process(self, data: bytes) -> EmotionSet | None:
        try:
            image = decode_image(data, 'the frame', most_pixels=MOST_PIXELS)
            frame = Frame(image, 'bgr8', time.time_ns())
            camera = CameraModel.from_fov(frame.width, frame.height)
            return self._pipeline.process(frame, camera).emotions
        except (EncodingError, LateError):
            return None
