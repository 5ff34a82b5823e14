"""The time of a frame by the number of faces."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

import numpy as np

from benchmark.pipelines import Pipeline
from benchmark.scenes import Scene
from benchmark.spread import Spread

COUNTS = (1, 2, 4, 8, 16, 32)


def measure(model: str, repetitions: int) -> dict[str, Any]:
    """Return a row for each number of faces, and their slope in milliseconds.

    The numbers take turns, so that other work on the machine affects all of them.
    """
    scene = Scene()
    pictures = {count: scene.noisy(scene.faces(count)) for count in COUNTS}
    pipelines = {count: Pipeline(model) for count in COUNTS}
    samples: dict[int, list[tuple[float, float, float]]] = {count: [] for count in COUNTS}
    found = dict.fromkeys(COUNTS, 0)
    for _ in range(repetitions + 2):
        for count, pipeline in pipelines.items():
            detection, total, classification, found[count] = _one_frame(pipeline, pictures[count])
            samples[count].append((detection, classification, total))
    rows = []
    for count in COUNTS:
        columns = [list(column) for column in zip(*samples[count][2:], strict=True)]
        spread = Spread.of(columns[2])
        rows.append(
            {
                'faces': count,
                'found': found[count],
                'total_ms': spread.p50,
                'p10': spread.p10,
                'p90': spread.p90,
                'detection_ms': median(columns[0]),
                'classification_ms': median(columns[1]),
            }
        )
    slope, base = np.polyfit(COUNTS, [row['total_ms'] for row in rows], 1).tolist()
    return {'rows': rows, 'ms_per_extra_face': slope, 'base_ms': base}


def _one_frame(pipeline: Pipeline, image: Any) -> tuple[float, float, float, int]:
    frame = pipeline.frame(image)
    start = time.perf_counter()
    detections = pipeline.faces.detector.detect(frame)
    detected = time.perf_counter()
    faces = pipeline.faces.track(frame, detections, pipeline.camera)
    followed = time.perf_counter()
    scores = pipeline.emotions.scorer.score(faces)
    scored = time.perf_counter()
    result = pipeline.emotions.smooth(faces, scores)
    end = time.perf_counter()
    return (
        1e3 * (detected - start),
        1e3 * (end - start),
        1e3 * (scored - followed),
        len(result.emotions.faces),
    )
