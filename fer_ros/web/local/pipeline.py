"""The pipeline in this process, without ROS: a source, the two stages, and the viewers."""

from __future__ import annotations

import logging
import time

from fer_ros.core.errors import FerError, LateError, SourceError
from fer_ros.core.pipeline import EmotionResult, Pipeline
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.position import CameraModel
from fer_ros.core.sources import FrameSource
from fer_ros.core.sources.reader import SourceReader
from fer_ros.core.types import S_TO_NS, AttentionEvent, ExpressionEvent, Frame, in_order
from fer_ros.core.worker import LatestWorker
from fer_ros.web.state.health import Level, NodeHealth
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import LiveImage, PictureStream

#: Seconds between two reports of the pipeline about itself.
REPORT_PERIOD = 1.0

_NAME = 'pipeline'
_logger = logging.getLogger(__name__)


class LocalPipeline:
    """Reads a source on one thread and processes the newest frame on another.

    Args:
        stream: Receives each frame. None shows no frames.
    """

    def __init__(
        self,
        source: FrameSource,
        pipeline: Pipeline,
        pipeline_state: PipelineState,
        stream: PictureStream | None,
    ) -> None:
        self._pipeline = pipeline
        self._pipeline_state = pipeline_state
        self._stream = stream
        self._worker: LatestWorker[Frame] = LatestWorker(
            self._process, 'pipeline', self._report, REPORT_PERIOD / 2
        )
        self._reader = SourceReader(source, self._take, self._on_failure, on_end=self._on_end)
        self._problem = ''
        self._fault = ''
        self._late = 0
        self._reported = 0.0
        self._camera: CameraModel | None = None
        self._last_time = time.monotonic_ns()

    @property
    def source_description(self) -> str:
        """Return a description of the source."""
        return self._reader.source.description

    def start(self) -> None:
        """Open the source and start.

        Raises:
            SourceError: The source cannot be opened and is not live.
        """
        self._worker.start()
        try:
            self._reader.start()
        except BaseException:
            self._worker.stop()
            raise

    def stop(self) -> None:
        """End both threads, close the source, and let all faces leave."""
        self._reader.stop()
        self._worker.stop()
        self._report_events(*self._pipeline.emotions.close(time.monotonic_ns() - self._last_time))

    def smooth(self, config: PipelineConfig) -> None:
        """Use another smoothing configuration from the next frame on."""
        self._pipeline.emotions.set_config(config.smoothing, config.events, config.attention)

    def _on_failure(self, error: Exception, again: bool) -> None:
        if not isinstance(error, SourceError):
            _logger.error('the pipeline stopped reading', exc_info=error)
        self._problem = str(error)

    def _on_end(self) -> None:
        self._problem = 'the source has ended'

    def _take(self, frame: Frame) -> None:
        self._problem = ''
        if self._stream is not None:
            self._stream.take_picture(LiveImage(frame.stamp, lambda: frame, frame.image.nbytes))
        self._worker.submit(frame)

    def _process(self, frame: Frame) -> None:
        """Process one frame on the worker thread."""
        try:
            self._show(frame, self._pipeline.process(frame, self._camera_of(frame)))
            self._fault = ''
        except LateError:
            self._late += 1
        except FerError as error:
            self._fault = str(error)
        except Exception as error:  # The worker logs it.
            self._fault = f'a frame cannot be processed ({type(error).__name__}: {error})'
            raise
        finally:
            self._report()

    def _show(self, frame: Frame, result: EmotionResult) -> None:
        """Pass the results of a frame to the pages."""
        self._last_time = time.monotonic_ns()
        self._pipeline_state.take_emotions(
            result.emotions, (time.time_ns() - frame.stamp) / S_TO_NS
        )
        if self._stream is not None:
            self._stream.take_emotions(result.emotions)
        self._report_events(result.events, result.attention_events)

    def _camera_of(self, frame: Frame) -> CameraModel:
        camera = self._camera
        if camera is None or (camera.width, camera.height) != (frame.width, frame.height):
            camera = self._camera = CameraModel.from_fov(frame.width, frame.height)
        return camera

    def _report_events(self, events: list[ExpressionEvent], turns: list[AttentionEvent]) -> None:
        """Report events and attention events to the pipeline state."""
        for event in in_order(events, turns):
            self._pipeline_state.take_event(event)

    def _report(self) -> None:
        """Let faces leave even if no frame arrives, and report the state once a second."""
        self._report_events(*self._pipeline.emotions.expire(time.monotonic_ns() - self._last_time))
        now = self._pipeline_state.clock()
        if now - self._reported < REPORT_PERIOD:
            return
        self._reported = now
        figures = self._pipeline_state.figures()
        warning = self._problem or self._fault or self._reader.source.warning
        self._pipeline_state.take_health(
            NodeHealth(
                _NAME,
                self._pipeline_state.host,
                Level.WARN if warning else Level.OK,
                warning or self._reader.source.description,
                now,
                figures.rate,
                figures.latency,
                self._reader.source.dropped + self._worker.dropped + self._late,
            )
        )
