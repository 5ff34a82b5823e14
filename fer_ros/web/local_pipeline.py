"""The pipeline in this process, without ROS: a source, the two stages, and who looks at it."""

from __future__ import annotations

import logging
import threading
import time

from fer_ros.core.errors import FerError, SourceError
from fer_ros.core.pipeline import Pipeline
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.position import CameraModel
from fer_ros.core.sources import FrameSource
from fer_ros.core.types import Frame
from fer_ros.core.worker import LatestWorker
from fer_ros.web.board import Board
from fer_ros.web.health import Level, NodeHealth
from fer_ros.web.stream import Picture, PictureStream

#: Seconds until a camera or stream that went away is tried again.
RECONNECT_DELAY = 1.0

#: Seconds between two words of the pipeline about itself.
REPORT_PERIOD = 1.0

#: Degrees, for the positions of faces: usual for a webcam.
HORIZONTAL_FOV = 60.0

_NAME = 'pipeline'
_logger = logging.getLogger(__name__)


class LocalPipeline:
    """Reads a source on one thread and works on its newest frame on another.

    stream: gets each picture; None shows none.
    """

    def __init__(
        self,
        source: FrameSource,
        pipeline: Pipeline,
        board: Board,
        stream: PictureStream | None,
    ) -> None:
        self._source = source
        self._pipeline = pipeline
        self._board = board
        self._stream = stream
        self._stopping = threading.Event()
        self._worker: LatestWorker[Frame] = LatestWorker(
            self._process, 'pipeline', self._report, REPORT_PERIOD / 2
        )
        self._reader = threading.Thread(target=self._read, name='source', daemon=True)
        self._problem = ''
        self._reported = 0.0
        self._camera: CameraModel | None = None
        self._last: tuple[int, int] | None = None

    @property
    def source_description(self) -> str:
        """Return what it reads, in words."""
        return self._source.description

    def start(self) -> None:
        """Open the source and begin. Raises SourceError for one that is not live and fails."""
        if not self._source.live:
            self._source.open()
        self._worker.start()
        self._reader.start()

    def stop(self) -> None:
        """End both threads, close the source, and let everybody leave."""
        self._stopping.set()
        while self._reader.is_alive():
            # Again and again: the thread may be about to open the source anew.
            self._source.close()
            self._reader.join(0.2)
        self._source.close()
        self._worker.stop()
        if self._last is not None:
            for event in self._pipeline.emotions.close(self._stamp_now(self._last)):
                self._board.take_event(event)
            self._last = None

    def smooth(self, config: PipelineConfig) -> None:
        """Smooth by another configuration from the next frame on."""
        self._pipeline.emotions.set_config(config.smoothing, config.events, config.attention)

    def _read(self) -> None:
        is_open = not self._source.live
        while not self._stopping.is_set():
            try:
                if not is_open:
                    self._source.open()
                    is_open = True
                frame = self._source.read()
            except SourceError as error:
                self._problem = str(error)
                if not self._source.live:
                    return
                self._source.close()
                is_open = False
                self._stopping.wait(RECONNECT_DELAY)
                continue
            if frame is None:
                self._problem = '' if self._stopping.is_set() else 'the source has ended'
                return
            self._problem = ''
            self._take(frame)

    def _take(self, frame: Frame) -> None:
        if self._stream is not None:
            self._stream.take_picture(Picture(frame.stamp, lambda: frame, frame.image.nbytes))
        self._worker.submit(frame)

    def _process(self, frame: Frame) -> None:
        """Work on one frame; runs on the worker thread."""
        try:
            result = self._pipeline.process(frame, self._camera_of(frame))
        except FerError as error:
            self._problem = str(error)
            return
        self._last = frame.stamp, time.time_ns()
        self._board.take_emotions(result.emotions, (time.time_ns() - frame.stamp) * 1e-9)
        if self._stream is not None:
            self._stream.take_emotions(result.emotions)
        for event in result.events:
            self._board.take_event(event)
        self._report()

    def _camera_of(self, frame: Frame) -> CameraModel:
        camera = self._camera
        if camera is None or (camera.width, camera.height) != (frame.width, frame.height):
            camera = CameraModel.from_fov(frame.width, frame.height, HORIZONTAL_FOV)
            self._camera = camera
        return camera

    @staticmethod
    def _stamp_now(last: tuple[int, int]) -> int:
        """Return the stamp that a frame of now would have."""
        stamp, clock = last
        return stamp + time.time_ns() - clock

    def _report(self) -> None:
        """Let faces leave though no frame comes, and report the state once a second."""
        if self._last is not None:
            for event in self._pipeline.emotions.expire(self._stamp_now(self._last)):
                self._board.take_event(event)
        now = self._board.clock()
        if now - self._reported < REPORT_PERIOD:
            return
        self._reported = now
        figures = self._board.figures()
        warning = self._problem or self._source.warning
        self._board.take_health(
            NodeHealth(
                _NAME,
                self._board.host,
                Level.WARN if warning else Level.OK,
                warning or self._source.description,
                now,
                figures.rate,
                figures.latency,
                self._source.dropped + self._worker.dropped,
            )
        )
