"""The pictures of the pages that need no browser: what is drawn onto frames, and a chart."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.display.drawing import DrawingConfig, draw_emotions
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.position import CameraModel
from fer_ros.core.sources.base import SourceConfig
from fer_ros.core.sources.demo import DemoSource
from fer_ros.core.sources.portraits import COLLINS, HOPPER, PHOTOGRAPHS
from fer_ros.core.types import S_TO_NS, Frame
from fer_ros.offline.results.video import VideoFile
from fer_ros.offline.running.batch import Request, run
from fer_ros.offline.settings import Settings

JPEG_QUALITY = 90

_FAST = SourceConfig(realtime=False, clock=lambda: 0)

#: Of the ids of faces. In the nodes, it is random.
ID_PREFIX = 'fiu5j'

#: A time of the demo at which both people look at the camera, seconds.
OVERLAY_TIME = 5.6

#: Frames per second of the demo in the chart.
CHART_FPS = 10.0

#: Height of the photographs in pixels, and the columns of each.
HEADS_HEIGHT, HEADS_COLUMNS = 480, (slice(0, 480), slice(0, 410))


def draw_overlay(file: Path) -> None:
    """Draw two people of the demo as overlay_node does."""
    with DemoSource(_FAST) as source:
        frames = list(takewhile(lambda frame: frame.stamp <= OVERLAY_TIME * S_TO_NS, source))
    _write_last(file, frames, DrawingConfig())


def draw_heads(file: Path) -> None:
    """Draw the axes of two heads as overlay_node does with axes:=true."""
    image = np.hstack(
        [
            _photograph(name)[:, columns]
            for name, columns in zip((COLLINS, HOPPER), HEADS_COLUMNS, strict=True)
        ]
    )
    frames = [Frame(image, 'bgr8', number * S_TO_NS // 10) for number in range(20)]
    _write_last(file, frames, DrawingConfig(bars=False, axes=True))


def draw_chart(file: Path) -> None:
    """Annotate the demo and copy its chart."""
    with TemporaryDirectory() as folder, DemoSource(replace(_FAST, fps=CHART_FPS)) as source:
        clip = Path(folder) / 'demo.mp4'
        video = VideoFile(clip, CHART_FPS)
        for frame in source:
            video.write(frame.image, frame.stamp / S_TO_NS)
        video.close()
        out = Path(folder) / 'out'
        assert run(Request([clip], out, Settings(pictures=False))) == 0
        shutil.copyfile(out / 'chart.svg', file)


#: The files with what draws them.
DRAWN = {
    'overlay.jpg': draw_overlay,
    'heads.jpg': draw_heads,
    'annotate_chart.svg': draw_chart,
}


def _photograph(name: str) -> NDArray[np.uint8]:
    image = PHOTOGRAPHS[name].load()
    width = round(image.shape[1] * HEADS_HEIGHT / image.shape[0])
    size = (width, HEADS_HEIGHT)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _write_last(file: Path, frames: Iterable[Frame], config: DrawingConfig) -> None:
    """Process frames, and write the last one with its results."""
    pipeline = PipelineBuilder(PipelineConfig()).pipeline(ID_PREFIX)
    for frame in frames:
        camera = CameraModel.from_fov(frame.width, frame.height)
        emotions = pipeline.process(frame, camera).emotions
    image = frame.image.copy()
    draw_emotions(image, emotions, config)
    assert cv2.imwrite(str(file), image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
