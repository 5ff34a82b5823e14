"""PipelineBuilder builds the same parts from one configuration everywhere."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from support.detectors import detectors, make_detector
from support.tiny_model import write_tiny_model

from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DETECTOR_NAMES, DetectorConfig, FaceDetector, Search
from fer_ros.core.detection.search import FaceSearch
from fer_ros.core.models import ModelStore
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.tracking import TrackerConfig
from fer_ros.core.types import Detection, Frame


class Nobody(FaceDetector):
    """Finds nothing, and records the scale of each search."""

    name = 'nobody'

    def __init__(self, config: DetectorConfig) -> None:
        self.config = config
        self.scales: list[float] = []

    def detect(
        self, frame: Frame, scale: float = 1.0, confidence: float | None = None
    ) -> list[Detection]:
        self.scales.append(scale)
        return []


@pytest.fixture
def builder(tmp_path):
    write_tiny_model(tmp_path / 'tiny')
    write_tiny_model(tmp_path / 'other')
    config = PipelineConfig(
        tracker=TrackerConfig(track_timeout=7.0),
        classifier=ClassifierConfig('tiny', 'opencv'),
        attribute_models=('other',),
        smoothing=SmoothingConfig(uncertain_threshold=0.9),
    )
    return PipelineBuilder(config, ModelStore([tmp_path]))


def frames(count: int) -> list[Frame]:
    """Return different frames at intervals of 0.15 s."""
    return [
        Frame(np.full((480, 640, 3), 60 * (index + 1), np.uint8), 'bgr8', index * 150_000_000)
        for index in range(count)
    ]


def test_frames_of_a_sequence_are_searched_as_configured(builder):
    for search, coarse in ((Search.FULL, 1.0), (Search.FAST, 0.375)):
        detector = Nobody(DetectorConfig(search=search))
        stage = builder.face_stage(detector=detector)
        for frame in frames(2):
            stage.process(frame)
        assert detector.scales[:2] == [1.0, coarse]


def test_both_stages_have_the_models_and_the_timeout(builder):
    stage = builder.face_stage(detector=Nobody(DetectorConfig()))
    assert stage.crop_spec == builder.crop_spec()
    emotions = builder.emotion_stage()
    assert [model.name for model in emotions.scorer.models] == ['tiny', 'other']
    assert builder.config.events.track_timeout == 7.0


def test_without_crops_no_model_is_needed(builder):
    builder.config = replace(builder.config, classifier=ClassifierConfig('no such model'))
    stage = builder.face_stage(crops=False, detector=Nobody(DetectorConfig()))
    assert stage.crop_spec is None


def test_steps_are_timed_by_name(builder):
    from contextlib import contextmanager

    timed: list[str] = []

    @contextmanager
    def note(step: str):
        timed.append(step)
        yield

    faces = builder.face_stage(detector=Nobody(DetectorConfig()), timed=note)
    emotions = builder.emotion_stage(timed=note)
    emotions.process(faces.process(frames(1)[0]))
    assert timed == ['detection', 'classification']


@pytest.mark.parametrize('name', detectors(DETECTOR_NAMES))
def test_a_change_of_confidence_or_search_loads_no_network_again(builder, monkeypatch, name):
    detector = make_detector(name)
    stage = builder.face_stage(crops=False, detector=detector)
    inner = detector._detector  # type: ignore[attr-defined]
    before = {key: id(value) for key, value in vars(inner).items() if key != 'config'}
    for config in (
        DetectorConfig(detector=name, confidence=0.9),
        DetectorConfig(detector=name, search=Search.ECONOMY, input_scale=0.5),
    ):
        stage.set_config(config, TrackerConfig())
        stage.process(frames(1)[0])
        assert inner.config == config
    assert {key: id(value) for key, value in vars(inner).items() if key != 'config'} == before
    assert isinstance(stage.detector, FaceSearch)


def test_the_pipeline_runs_without_scipy() -> None:
    """A robot has no SciPy, and loading it would delay the start."""
    code = (
        'import sys\n'
        'sys.modules["scipy"] = None\n'
        'import numpy as np\n'
        'from fer_ros.core.pipeline_builder import PipelineBuilder\n'
        'from fer_ros.core.pipeline_config import PipelineConfig\n'
        'from fer_ros.core.types import Frame\n'
        'builder = PipelineBuilder(PipelineConfig())\n'
        'faces = builder.face_stage().process(Frame(np.zeros((48, 64, 3), np.uint8), "bgr8", 1))\n'
        'print(len(builder.emotion_stage().process(faces).emotions.faces))'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, '0'), done.stderr
