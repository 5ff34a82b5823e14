"""Each stage alone, by detector, search, runtime, input size and threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from benchmark.pipelines import Pipeline, looped, make_detector
from benchmark.scenes import HEIGHT, RATE, WIDTH, Scene, resized
from benchmark.spread import milliseconds
from fer_ros.core.classification import load_classifier
from fer_ros.core.classification.select import RUNTIMES
from fer_ros.core.crop import cut_crop
from fer_ros.core.detection.base import FaceDetector, Search
from fer_ros.core.detection.select import DETECTORS
from fer_ros.core.errors import FerError
from fer_ros.core.models import ModelStore
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.types import Frame

SIZES = ((320, 240), (WIDTH, HEIGHT), (1280, 720))
THREADS = (1, 2)
#: Values of search, each with a number of threads.
WAYS = (*((search, 1) for search in Search), (Search.FAST, 2))
BATCHES = (1, 8)


def measure(model: str, repetitions: int) -> dict[str, Any]:
    """Return rows of milliseconds: detection, classification, and the other steps."""
    return {
        'detection': _detection(repetitions),
        'classification': _classification(model, repetitions),
        'other': _other(model, repetitions),
    }


def _detection(repetitions: int) -> list[dict[str, Any]]:
    walk = Scene().walk(RATE)
    rows: list[dict[str, Any]] = []
    for name in DETECTORS:
        for width, height in SIZES:
            images = [resized(image, width, height) for image in walk]
            for search, threads in WAYS:
                try:
                    detector = make_detector(name, search, threads)
                except FerError as error:
                    rows.append({'detector': name, 'not_measured': str(error)})
                    break
                if detector.selection_reason.endswith(f'{search.value} search'):
                    spread = milliseconds(
                        partial(_detect_next, detector, looped(images)), repetitions
                    )
                    rows.append(
                        {
                            'detector': name,
                            'search': search.value,
                            'width': width,
                            'height': height,
                            'threads': threads,
                            **asdict(spread),
                        }
                    )
    set_opencv_threads(1)
    return rows


def _detect_next(detector: FaceDetector, frames: Iterator[Frame]) -> None:
    detector.detect(next(frames))


def _classification(model: str, repetitions: int) -> list[dict[str, Any]]:
    card = ModelStore().load_card(model)
    pipeline = Pipeline(model)
    faces = pipeline.faces.process(pipeline.frame(Scene().one_face()))
    crop = faces.faces[0].crop
    assert crop is not None
    rows: list[dict[str, Any]] = []
    for runtime in RUNTIMES:
        for threads in THREADS:
            try:
                classifier = load_classifier(card, runtime, threads)
            except FerError as error:
                rows.append({'runtime': runtime, 'not_measured': str(error)})
                break
            for batch in BATCHES:
                spread = milliseconds(
                    partial(classifier.classify, [crop.image] * batch), repetitions
                )
                rows.append(
                    {'runtime': runtime, 'threads': threads, 'faces': batch, **asdict(spread)}
                )
    set_opencv_threads(1)
    return rows


def _other(model: str, repetitions: int) -> list[dict[str, Any]]:
    """Return the time of the other steps for one face."""
    pipeline = Pipeline(model)
    frame = pipeline.frame(Scene().one_face())
    detections = pipeline.faces.detector.detect(frame)
    faces = pipeline.faces.track(frame, detections, pipeline.camera)
    scores = pipeline.emotions.scorer.score(faces)
    spec = pipeline.emotions.classifier.crop_spec
    steps = {
        'cut one crop': lambda: cut_crop(frame, detections[0], spec),
        'track, place, cut': lambda: pipeline.faces.track(
            pipeline.frame(frame.image), detections, pipeline.camera
        ),
        'smooth, create events': lambda: pipeline.emotions.smooth(
            replace(faces, stamp=next(pipeline.stamps)), scores
        ),
    }
    return [
        {'step': step, **asdict(milliseconds(work, repetitions))} for step, work in steps.items()
    ]
