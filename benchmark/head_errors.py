"""Errors of head poses and of attention, for drawn people and for photographs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from benchmark.drawn_people import CAMERA, Array, People, turned
from benchmark.pipelines import make_detector
from benchmark.scenes import RATE
from fer_ros.core.attention.attention import AttentionDetector
from fer_ros.core.detection.base import FaceDetector, Search
from fer_ros.core.errors import FerError
from fer_ros.core.pose.estimate import measure_pose
from fer_ros.core.pose.follow import HeadPoses
from fer_ros.core.pose.rotation import log, matrix_of
from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.sources.portraits import COLLINS, HOPPER, PHOTOGRAPHS
from fer_ros.core.types import S_TO_NS, Box, FaceEmotion, Frame, HeadPose, Position

DISTANCES = (0.5, 1.0, 2.0, 4.0)
YAWS = (0.0, 30.0, 60.0)
PITCHES = (-40.0, -20.0, 0.0, 20.0, 40.0)

#: Number of frames after which the pose of a still head is read: one second.
SETTLED = RATE

#: Movement of a head that looks at something: standard deviation in degrees, and seconds.
WANDER, WANDER_TIME = 5.0, 1.0

#: Angles past the robot in degrees, of people who look at it and of others.
DIRECTIONS = (0.0, 10.0, 40.0, 60.0)

_FACE = FaceEmotion('face', Box(0, 0, 1, 1), '', 0.0, '', 0.0, np.zeros(0, np.float32), 0.0, 0.0)


def errors(trials: int) -> list[dict[str, Any]]:
    """Return the errors of poses for each distance and yaw, over all pitches."""
    people = People()
    rows = []
    for distance in DISTANCES:
        for yaw in YAWS:
            first, settled, within = [], [], []
            for pitch in PITCHES:
                for _ in range(trials):
                    truth = turned(yaw, pitch)
                    poses = _still(people, truth, distance)
                    first.append(_difference(poses[0], yaw, pitch))
                    settled.append(_difference(poses[-1], yaw, pitch))
                    off = log(matrix_of(*poses[-1].orientation) @ truth.T)
                    covariance = poses[-1].covariance[3:, 3:]
                    # 95 % of a chi-square of three degrees of freedom.
                    within.append(off @ np.linalg.solve(covariance, off) < 7.81)
            rows.append(
                {
                    'distance': distance,
                    'yaw': yaw,
                    'first': np.abs(first).mean(0).tolist(),
                    'settled': np.abs(settled).mean(0).tolist(),
                    'within': float(np.mean(within)),
                }
            )
    return rows


def _still(people: People, rotation: Array, distance: float) -> list[HeadPose]:
    """Return the poses of a person who is still for a second."""
    person, place = people.person(), np.array([0.0, 0.0, distance])
    position, follower, poses = people.distance(distance), HeadPoses(), []
    for frame in range(SETTLED):
        measured = measure_pose(people.landmarks(person, rotation, place), CAMERA)
        if measured is not None:
            stamp = frame * S_TO_NS // RATE
            poses.append(follower.update('face', measured, position, stamp))
    return poses


def _difference(pose: HeadPose, yaw: float, pitch: float) -> list[float]:
    return [found - true for found, true in zip(pose.angles, (yaw, pitch, 0.0), strict=True)]


def lag(rate: int, speed: float = 90.0) -> float:
    """Return the delay in milliseconds behind a head that turns at `speed` degrees per second.

    The head is still, then turns from -45 to 45 degrees. The output of the filter is compared with
    the pose of each single frame. The result is the largest delay at any time, as the mean of
    twenty people at one metre.
    """
    people, follower = People(), HeadPoses()
    times = np.arange(0.0, 2.0, 1.0 / rate)
    path = np.clip((times - 0.5) * speed - 45.0, -45.0, 45.0)
    is_turning = np.abs(path) < 45.0
    place, position = np.array([0.0, 0.0, 1.0]), Position(0.0, 0.0, 1.0, 0.08)
    behind = []
    for number in range(20):
        person = people.person()
        for moment, yaw in zip(times, path, strict=True):
            seen = people.landmarks(person, turned(float(yaw), 0.0), place)
            measured = measure_pose(seen, CAMERA)
            assert measured is not None
            stamp = round(moment * S_TO_NS)
            alone = HeadPoses().update('face', measured, position, stamp).angles[0]
            behind.append(
                alone - follower.update(f'face{number}', measured, position, stamp).angles[0]
            )
    mean = np.reshape(behind, (20, -1)).mean(0)[is_turning]
    return float(1000.0 * mean.max() / speed)


def attention(seconds: float) -> list[dict[str, Any]]:
    """Return how much of the time a head counts as looking, by distance and direction."""
    people = People()
    rows = []
    for distance in DISTANCES:
        for direction in DIRECTIONS:
            looks, events = 0, 0
            frames = round(seconds * RATE)
            for person in range(8):
                turns = _watch(people, person, distance, direction, frames // 8)
                looks += sum(looking for looking, _ in turns)
                events += sum(event for _, event in turns)
            rows.append(
                {
                    'distance': distance,
                    'direction': direction,
                    'looks': looks / frames,
                    'events': events * 60.0 / seconds,
                }
            )
    return rows


def _watch(
    people: People, number: int, distance: float, direction: float, frames: int
) -> Iterable[tuple[bool, int]]:
    """Return for each frame whether the person looks, and the number of events.

    The first second is not counted, because it contains the expected event.
    """
    person, position = people.person(), people.distance(distance)
    detector, follower = AttentionDetector(), HeadPoses()
    keep = np.exp(-1.0 / (RATE * WANDER_TIME))
    wander = people.random.normal(0.0, WANDER, 2)
    side = people.random.choice([-1.0, 1.0])
    place = np.array([0.0, 0.0, distance])
    found = []
    for frame in range(frames + RATE):
        wander = keep * wander + people.random.normal(0.0, WANDER * np.sqrt(1 - keep**2), 2)
        rotation = turned(side * direction + wander[0], float(wander[1]))
        measured = measure_pose(people.landmarks(person, rotation, place), CAMERA)
        assert measured is not None
        stamp = frame * S_TO_NS // RATE
        face = replace(_FACE, head_pose=follower.update('face', measured, position, stamp))
        (face,), events = detector.update([face], stamp, 'camera')
        if frame >= RATE:
            found.append((face.looks, len(events)))
    return found


def cost(repetitions: int = 2000) -> float:
    """Return the milliseconds of processor time that one face takes: pose, filter, attention."""
    people, follower, detector = People(), HeadPoses(), AttentionDetector()
    seen = [
        people.landmarks(people.person(), turned(20.0, 5.0), np.array([0.1, 0.0, 1.5]))
        for _ in range(50)
    ]
    position = Position(0.1, 0.0, 1.5, 0.12)
    begin = time.process_time()
    for number in range(repetitions):
        measured = measure_pose(seen[number % len(seen)], CAMERA)
        assert measured is not None
        stamp = number * 33_000_000
        pose = follower.update('face', measured, position, stamp)
        detector.update([replace(_FACE, head_pose=pose)], stamp, 'camera')
    return (time.process_time() - begin) / repetitions * 1000.0


def photographs() -> list[dict[str, Any]]:
    """Return the errors for known changes of photographs: mirrored, tilted, reduced.

    The true poses in the photographs are unknown. The effect of a mirror, a tilt or a distance on
    the pose is known. A detector that is not available is named on stderr.
    """
    rows: list[dict[str, Any]] = []
    for kind in ('retinaface', 'yunet'):
        try:
            detector = make_detector(kind, Search.FULL, 1)
        except FerError as error:
            print(f'not measured: {kind}: {error}', file=sys.stderr)
            continue
        mirrored, tilted, by_box, by_pose = [], [], [], []
        for name in (COLLINS, HOPPER):
            image = PHOTOGRAPHS[name].load()
            plain, box, depth = _pose(detector, image)
            mirrored.append(_pose(detector, image[:, ::-1])[0] - plain * (-1.0, 1.0, -1.0))
            for angle in (-20.0, -10.0, 10.0, 20.0):
                found, _, _ = _pose(detector, _tilted(image, angle))
                tilted.append(found[2] - plain[2] - angle)
            for scale in (0.5, 0.6, 0.8, 0.9):
                _, box_now, depth_now = _pose(detector, _reduced(image, scale))
                by_box.append(np.log(box_now * scale / box))
                by_pose.append(np.log(depth_now * scale / depth))
        rows.append(
            {
                'detector': kind,
                'mirrored': np.abs(mirrored).mean(0).tolist(),
                'tilted': float(np.abs(tilted).mean()),
                'by_box': float(np.std(by_box)),
                'by_pose': float(np.std(by_pose)),
            }
        )
    return rows


def _tilted(image: Any, angle: float) -> Any:
    """Return a picture in which heads tilt towards their right shoulder, in degrees."""
    height, width = image.shape[:2]
    # Counter-clockwise in the picture is towards the person's right shoulder.
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return cv2.warpAffine(image, turn, (width, height))


def _reduced(image: Any, scale: float) -> Any:
    """Return a picture of the same size that shows everything smaller, around its centre."""
    height, width = image.shape[:2]
    shift_x, shift_y = width * (1 - scale) / 2, height * (1 - scale) / 2
    transform = np.array([[scale, 0, shift_x], [0, scale, shift_y]])
    return cv2.warpAffine(image, transform, (width, height), flags=cv2.INTER_AREA)


def _pose(detector: FaceDetector, image: Any) -> tuple[Array, float, float]:
    """Return the angles of the largest face, and its distance by box and by landmarks."""
    found = detector.detect(Frame(np.ascontiguousarray(image), 'bgr8', 0))
    face = max(found, key=lambda one: one.box.area)
    camera = CameraModel.from_fov(image.shape[1], image.shape[0], 60.0)
    assert face.landmarks is not None
    measured = measure_pose(face.landmarks, camera)
    assert measured is not None
    position = estimate_position(face.box, camera)
    head = HeadPoses().update('face', measured, position, 0)
    return np.array(head.angles), position.z, float(np.exp(measured.depth))
