"""A short clip of a face, processed by the offline package without worker processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.clips import face_at, walk, write_clip

from fer_ros.offline.inputs.finding import find_inputs
from fer_ros.offline.results.output import OutputFolder
from fer_ros.offline.running.ahead import ONE_CORE, Cores
from fer_ros.offline.running.annotate import Outcome, annotate
from fer_ros.offline.running.shared_models import SharedModels
from fer_ros.offline.settings import Settings

FRAMES, FPS = 14, 25.0

#: Annotates paths into a folder, by settings, on cores; topics are of bags.
Annotate = Callable[..., dict[str, Outcome]]


@pytest.fixture(scope='session')
def images(photographs) -> list[np.ndarray]:
    """A face that moves through 320x240 images."""
    centers = walk((240, 220), (400, 260), FRAMES)
    return [
        cv2.resize(still.image, (320, 240), interpolation=cv2.INTER_AREA)
        for still in face_at(photographs, centers, face_height=180)
    ]


@pytest.fixture(scope='session')
def clip(images, tmp_path_factory) -> Path:
    return write_clip(tmp_path_factory.mktemp('clip') / 'clip.avi', images, FPS)


@pytest.fixture(scope='session')
def settings() -> Settings:
    return Settings().resolved()


@pytest.fixture(scope='session')
def annotated(settings) -> Annotate:
    models = SharedModels(settings)

    def run(
        paths: Sequence[Path],
        out: Path,
        *,
        cores: Cores = ONE_CORE,
        by: SharedModels | None = None,
        topics: Sequence[str] = (),
    ) -> dict[str, Outcome]:
        found = find_inputs(paths, topics, out)
        outcomes = {path: Outcome(failure=reason) for path, reason in found.refused.items()}
        output = OutputFolder(out)
        with output.locked():
            for one in found.inputs:
                outcomes[one.name] = annotate(one, output, by or models, cores)
        return outcomes

    return run
