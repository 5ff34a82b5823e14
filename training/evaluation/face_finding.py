"""Detection of faces in composed frames, and their crops, as on the robot."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.crop import CropSpec, cut_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.detection.select import create_detector
from fer_ros.core.models import ModelStore
from fer_ros.core.opencv_threads import set_opencv_threads
from fer_ros.core.types import Detection, Frame
from training.base.progress import progress
from training.evaluation.scenes import (
    CONDITIONS,
    Condition,
    Place,
    Scene,
    faces_per_scene,
    make_scene,
)

#: Sides of the pasted pictures in pixels. SMALLEST is reported, but not part of any mean.
SMALLEST, SIDES = 24, (48, 96, 200)

#: Largest distance of the centre, and range of the height, of a detection that matches a face, in
#: relation to the picture's side.
NEAR = 0.35
HEIGHTS = (0.5, 2.0)


@dataclass(frozen=True)
class Findings:
    """The results of one detector for N faces, one row each.

    Attributes:
        picture: (N,) index of the picture.
        side: (N,) in pixels.
        condition: (N,) names.
        roll: (N,) degrees.
        gain: (N,) factor of the light.
        found: (N,) bool.
        crops: (N, S, S[, 3]) uint8, black where not found.
        elsewhere: Number of detections that match no face.
        frames: Number of frames searched.
    """

    picture: NDArray[np.int64]
    side: NDArray[np.int64]
    condition: NDArray[np.str_]
    roll: NDArray[np.float64]
    gain: NDArray[np.float64]
    found: NDArray[np.bool_]
    crops: NDArray[np.uint8]
    elsewhere: int
    frames: int


@dataclass(frozen=True)
class _Task:
    """One frame: its pictures and settings."""

    pictures: NDArray[np.int64]
    side: int
    condition: Condition
    number: int


@dataclass(frozen=True)
class _Look:
    """The result of a detector for one frame: a crop for each face, or None if not found."""

    crops: list[NDArray[np.uint8] | None]
    elsewhere: int


def find_faces(
    pictures: NDArray[np.uint8],
    backgrounds: Sequence[NDArray[np.uint8]],
    detectors: Sequence[str],
    spec: CropSpec,
    seed: int = 0,
    processes: int | None = None,
    sides: Sequence[int] = (SMALLEST, *SIDES),
    config: DetectorConfig | None = None,
) -> dict[str, Findings]:
    """Run detectors on pictures with each side under each of CONDITIONS.

    The same arguments give the same frames, for any number of processes.

    Args:
        pictures: (P, S, S) gray.
        backgrounds: (HEIGHT, WIDTH) gray.
        detectors: Names.
        spec: Specification of the crops.
        seed: Seed of all random values.
        processes: Their number; None uses one for each core.
        sides: Sides of the pictures in the frame, in pixels.
        config: Configuration of the detectors.

    Returns:
        The results by detector.

    Raises:
        DetectorError: A detector is not available.
    """
    tasks = list(_tasks(len(pictures), sides, seed))
    settings = (pictures, list(backgrounds), tuple(detectors), spec, seed, config)
    _prepare(*settings)  # Report an error here, once.
    if processes == 1:
        done = [_look(task) for task in progress(tasks, 'end to end')]
    else:
        count = processes or os.cpu_count() or 1
        with get_context('spawn').Pool(count, _prepare, settings) as pool:
            looks = pool.imap(_look, tasks, chunksize=4)
            done = list(progress(looks, 'end to end', len(tasks)))
    return {
        name: _findings(tasks, [(scene, looks[name]) for scene, looks in done], spec)
        for name in detectors
    }


def found_detection(detections: Sequence[Detection], place: Place, side: int) -> Detection | None:
    """Return the most certain detection that matches the face at a position, or None."""
    for detection in detections:
        x, y = detection.box.center
        fits = HEIGHTS[0] <= detection.box.height / side <= HEIGHTS[1]
        if fits and np.hypot(x - place.x, y - place.y) <= NEAR * side:
            return detection
    return None


def _tasks(count: int, sides: Sequence[int], seed: int) -> Iterator[_Task]:
    for side in sides:
        for number, condition in enumerate(CONDITIONS.values()):
            order = np.random.default_rng([seed, side, number]).permutation(count)
            each = faces_per_scene(side)
            for start in range(0, count, each):
                yield _Task(order[start : start + each], side, condition, start)


#: State of each process: pictures, backgrounds, detectors by name, spec, seed.
_ready: tuple[NDArray[np.uint8], list[Any], dict[str, FaceDetector], CropSpec, int]


def _prepare(
    pictures: NDArray[np.uint8],
    backgrounds: list[NDArray[np.uint8]],
    detectors: tuple[str, ...],
    spec: CropSpec,
    seed: int,
    config: DetectorConfig | None,
) -> None:
    global _ready
    set_opencv_threads(1)
    store = ModelStore()
    config = config or DetectorConfig()
    made = {name: create_detector(replace(config, detector=name), store) for name in detectors}
    _ready = (pictures, backgrounds, made, spec, seed)


def _look(task: _Task) -> tuple[Scene, dict[str, _Look]]:
    """Create one frame, run every detector on it, and cut the crops."""
    pictures, backgrounds, detectors, spec, seed = _ready
    name = sum(task.condition.name.encode())
    rng = np.random.default_rng([seed, task.side, name, task.number])
    background = backgrounds[int(rng.integers(len(backgrounds)))]
    scene = make_scene(pictures[task.pictures], background, task.side, task.condition, rng)
    frame = Frame(scene.image, 'mono8', 0)
    looks = {}
    for detector_name, detector in detectors.items():
        detections = detector.detect(frame)
        found = [found_detection(detections, place, task.side) for place in scene.places]
        crops = [None if one is None else cut_crop(frame, one, spec).image for one in found]
        seen = len({id(one) for one in found if one is not None})
        looks[detector_name] = _Look(crops, len(detections) - seen)
    return scene, looks


def _findings(
    tasks: Sequence[_Task], done: Sequence[tuple[Scene, _Look]], spec: CropSpec
) -> Findings:
    """Combine the results of all frames into columns."""
    black = np.zeros(spec.shape, np.uint8)
    rows = [
        (picture, task.side, task.condition.name, place.roll, scene.gain, crop)
        for task, (scene, look) in zip(tasks, done, strict=True)
        for picture, place, crop in zip(task.pictures, scene.places, look.crops, strict=True)
    ]
    picture, side, condition, roll, gain, crops = zip(*rows, strict=True)
    return Findings(
        np.array(picture),
        np.array(side),
        np.array(condition),
        np.array(roll),
        np.array(gain),
        np.array([crop is not None for crop in crops]),
        np.stack([black if crop is None else crop for crop in crops]),
        sum(look.elsewhere for _, look in done),
        len(done),
    )
