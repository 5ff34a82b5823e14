"""The pipeline in this process: its output, and its messages when the source is lost."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from support.waiting import PATIENCE, wait_for

from fer_ros.core.classification import load_classifier
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.errors import DetectorError, SourceError
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.core.pipeline import EmotionStage, FaceStage, Pipeline
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.sources.base import FrameSource
from fer_ros.core.types import Box, Detection, Frame
from fer_ros.web.local.pipeline import LocalPipeline
from fer_ros.web.state.health import Phase
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream


class OneFace(FaceDetector):
    """Finds a face on bright images."""

    name = 'one face'

    def detect(self, frame):
        if frame.image.mean() < 10:
            raise DetectorError('the picture is black: switch the light on')
        return [Detection(Box(20, 20, 60, 80), 0.9)] if frame.image.mean() > 100 else []


class HandFed(FrameSource):
    """Gives the frames of the test; raises a failure if it is given one."""

    description = 'by hand'

    def __init__(self, live: bool = True) -> None:
        self.live = live
        self.opened = 0
        self._items = []
        self._came = threading.Condition()
        self._closed = False

    def hand(self, item) -> None:
        with self._came:
            self._items.append(item)
            self._came.notify()

    def open(self) -> None:
        self.opened += 1

    def read(self):
        with self._came:
            self._came.wait_for(lambda: self._items or self._closed, PATIENCE)
            item = self._items.pop(0) if self._items else None
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        with self._came:
            self._came.notify()

    def end(self) -> None:
        with self._came:
            self._closed = True
            self._came.notify()


def frame(level: int) -> Frame:
    return Frame(np.full((120, 160, 3), level, np.uint8), 'bgr8', time.time_ns())


@pytest.fixture
def source():
    return HandFed()


@pytest.fixture
def pipeline_state():
    return PipelineState('here')


@pytest.fixture
def pipeline(source, pipeline_state):
    classifier = load_classifier(ModelStore().load_card(DEFAULT_MODEL))
    pipeline = LocalPipeline(
        source,
        Pipeline(
            FaceStage(OneFace(), classifier.crop_spec),
            EmotionStage(classifier, SmoothingConfig(uncertain_threshold=0.0)),
        ),
        pipeline_state,
        PictureStream(),
    )
    pipeline.start()
    yield pipeline
    source.end()
    pipeline.stop()


def feed(source, pipeline_state, level: int, condition, what: str):
    """Pass frames of this brightness until a condition holds."""

    def tried():
        source.hand(frame(level))
        time.sleep(0.05)
        return condition()

    return wait_for(tried, what)


def test_faces_events_and_figures_reach_the_board(pipeline, source, pipeline_state):
    feed(
        source,
        pipeline_state,
        20,
        lambda: pipeline_state.situation().phase is Phase.SEARCHING,
        'search',
    )
    feed(source, pipeline_state, 200, lambda: pipeline_state.events(), 'event')
    # Results may be over by now, as on a busy machine: they are what the next frame brings.
    feed(
        source,
        pipeline_state,
        200,
        lambda: pipeline_state.situation().phase is Phase.WATCHING,
        'watching',
    )
    emotions = feed(source, pipeline_state, 200, pipeline_state.emotions, 'expressions')
    assert [face.position is not None for face in emotions.faces] == [True]
    node = feed(
        source, pipeline_state, 200, lambda: [n for n in pipeline_state.nodes() if n.rate], 'word'
    )[0]
    assert (node.name, node.message) == ('pipeline', 'by hand')


def test_faces_leave_although_no_frame_arrives(pipeline, source, pipeline_state):
    feed(source, pipeline_state, 200, lambda: pipeline_state.events(), 'event')
    wait_for(lambda: pipeline_state.events()[-1].event.type.name == 'LEFT', 'leaving')
    assert pipeline_state.situation().phase is Phase.STOPPED


def test_a_lost_camera_is_named_and_opened_again(pipeline, source, pipeline_state):
    source.hand(SourceError('camera 0 went away: plug it in'))
    wait_for(lambda: 'plug it in' in pipeline_state.situation().detail, 'reason')
    wait_for(lambda: source.opened == 2, 'second try')
    feed(source, pipeline_state, 20, lambda: pipeline_state.situation().is_running, 'result')


def test_a_fault_of_every_frame_is_reported_until_a_frame_can_be_processed(
    pipeline, source, pipeline_state
):
    def says(text: str):
        return lambda: [node for node in pipeline_state.nodes() if node.message == text]

    feed(source, pipeline_state, 0, says('the picture is black: switch the light on'), 'fault')
    feed(source, pipeline_state, 20, says('by hand'), 'end of the fault')


def test_a_late_frame_is_counted_and_is_not_a_fault(pipeline, source, pipeline_state):
    def dropped():
        late = frame(20)
        source.hand(Frame(late.image, 'bgr8', late.stamp - 500_000_000))
        return any(node.dropped for node in pipeline_state.nodes())

    feed(source, pipeline_state, 20, dropped, 'late frame')
    assert [node.message for node in pipeline_state.nodes()] == ['by hand']
