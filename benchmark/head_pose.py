"""`python -m benchmark.head_pose`: the errors of head poses and of attention.

People are drawn around the mean face with the differences in mean_face.py, in known poses in front
of a camera of 640x480 pixels and 60 degrees. Landmarks have the noise of RetinaFace. `--publish`
writes the tables into docs/head_pose.md.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmark.pipelines import make_detector
from benchmark.report import table
from benchmark.scenes import HEIGHT, RATE, WIDTH
from fer_ros.core.arguments import ArgumentParser
from fer_ros.core.attention.attention import AttentionDetector
from fer_ros.core.detection.base import FaceDetector, Search
from fer_ros.core.errors import FerError
from fer_ros.core.pose.estimate import FACING, PIXEL_NOISE, RELATIVE_NOISE, measure_pose
from fer_ros.core.pose.follow import HeadPoses
from fer_ros.core.pose.mean_face import MEAN_FACE, SIZE_STDDEV, STDDEV
from fer_ros.core.pose.rotation import exp, log, matrix_of
from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.sources.portraits import COLLINS, HOPPER, PHOTOGRAPHS
from fer_ros.core.types import (
    Box,
    FaceEmotion,
    Frame,
    HeadPose,
    Position,
)

Array = NDArray[np.float64]

CAMERA = CameraModel.from_fov(WIDTH, HEIGHT, 60.0)
DISTANCES = (0.5, 1.0, 2.0, 4.0)
YAWS = (0.0, 30.0, 60.0)
PITCHES = (-40.0, -20.0, 0.0, 20.0, 40.0)

#: Number of frames after which the pose of a still head is read: one second.
SETTLED = RATE

#: Relative standard deviation of a distance from a box, as in position.py.
DISTANCE_STDDEV = 0.08

#: Movement of a head that looks at something: standard deviation in degrees, and seconds.
WANDER, WANDER_TIME = 5.0, 1.0

#: Angles past the robot in degrees, of people who look at it and of others.
DIRECTIONS = (0.0, 10.0, 40.0, 60.0)

PAGE = Path(__file__).resolve().parents[1] / 'docs' / 'head_pose.md'
BEGIN, END = (
    '<!-- tables: begin, written by python -m benchmark.head_pose -->',
    '<!-- tables: end -->',
)


class People:
    """Draws people and their detections, in a reproducible way."""

    def __init__(self, seed: int = 7) -> None:
        self.random = np.random.default_rng(seed)

    def person(self) -> Array:
        """Return the five points of a face in metres."""
        differences = self.random.normal(0.0, 1.0, (5, 3)) * STDDEV[:, None]
        size = 1.0 + self.random.normal(0.0, SIZE_STDDEV)
        return np.asarray((MEAN_FACE + differences) * size, float)

    def landmarks(self, person: Array, rotation: Array, position: Array) -> NDArray[np.float32]:
        """Return the detection of a person, in pixels."""
        points = person @ rotation.T + position
        pixels: Any = points[:, :2] / points[:, 2:] * (CAMERA.fx, CAMERA.fy)
        pixels += (CAMERA.cx + 0.5, CAMERA.cy + 0.5)
        eyes = np.hypot(*(pixels[1] - pixels[0]))
        noise = max(PIXEL_NOISE, RELATIVE_NOISE * eyes)
        return np.asarray(pixels + self.random.normal(0.0, noise, (5, 2)), np.float32)

    def distance(self, z: float) -> Position:
        """Return a position at this distance, as computed from a box."""
        found = z * (1.0 + self.random.normal(0.0, DISTANCE_STDDEV))
        return Position(0.0, 0.0, found, DISTANCE_STDDEV * found)


def turned(yaw: float, pitch: float, roll: float = 0.0) -> Array:
    """Return the rotation of a head in degrees, as HeadPose.angles."""
    about_z, about_y, about_x = np.radians([yaw, pitch, roll])
    rotation = exp(np.array([0.0, 0.0, about_z])) @ exp(np.array([0.0, about_y, 0.0]))
    return np.asarray(FACING @ rotation @ exp(np.array([about_x, 0.0, 0.0])), float)


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
            stamp = frame * 1_000_000_000 // RATE
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
            stamp = round(moment * 1e9)
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
        stamp = frame * 1_000_000_000 // RATE
        face = replace(_FACE, head_pose=follower.update('face', measured, position, stamp))
        (face,), events = detector.update([face], stamp, 'camera')
        if frame >= RATE:
            found.append((face.looks, len(events)))
    return found


_FACE = FaceEmotion('face', Box(0, 0, 1, 1), '', 0.0, '', 0.0, np.zeros(0, np.float32), 0.0, 0.0)


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
    the pose is known.
    """
    rows: list[dict[str, Any]] = []
    for kind in ('retinaface', 'yunet'):
        try:
            detector = make_detector(kind, Search.FULL, 1)
        except FerError as error:
            rows.append({'detector': kind, 'not_measured': str(error)})
            continue

        mirrored, tilted, by_box, by_pose = [], [], [], []
        for name in (COLLINS, HOPPER):
            image = PHOTOGRAPHS[name].load()
            plain, box, depth = _pose(detector, image)
            mirrored.append(_pose(detector, image[:, ::-1])[0] - plain * (-1.0, 1.0, -1.0))
            height, width = image.shape[:2]
            for angle in (-20.0, -10.0, 10.0, 20.0):
                # Counter-clockwise in the picture is towards the person's right shoulder.
                turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
                found = _pose(detector, cv2.warpAffine(image, turn, (width, height)))[0]
                tilted.append(found[2] - plain[2] - angle)
            for scale in (0.5, 0.6, 0.8, 0.9):
                small = cv2.warpAffine(
                    image,
                    np.array(
                        [[scale, 0, width * (1 - scale) / 2], [0, scale, height * (1 - scale) / 2]]
                    ),
                    (width, height),
                    flags=cv2.INTER_AREA,
                )
                _, box_now, depth_now = _pose(detector, small)
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


def page(trials: int, seconds: float) -> str:
    """Return all tables in Markdown."""
    parts = [
        'Mean absolute error in degrees, over pitches from -40 to 40 degrees, for the first frame '
        'and for a head that is still for a second. The last column shows how often the true '
        'rotation is within the 95 % interval of the covariance.',
        table(
            (
                'distance',
                'yaw',
                'yaw, first',
                'pitch, first',
                'roll, first',
                'yaw',
                'pitch',
                'roll',
                'within',
            ),
            (
                (
                    f'{row["distance"]} m',
                    f'{row["yaw"]:.0f}°',
                    *row['first'],
                    *row['settled'],
                    f'{row["within"]:.0%}',
                )
                for row in errors(trials)
            ),
        ),
        'Largest delay behind a head that begins to turn at 90 degrees a second: '
        + ', '.join(f'{lag(rate):.0f} ms at {rate} frames a second' for rate in (30, 10))
        + '.',
        f'Attention with the default cone and hold. Heads move by {WANDER:.0f} degrees (one '
        'standard deviation) around a direction that misses the robot by the given angle. The '
        'table shows the part of the time in which they count as looking, and the events per '
        'minute after the first one.',
        table(
            ('distance', *(f'{direction:.0f}° past' for direction in DIRECTIONS)),
            _attention_rows(attention(seconds)),
        ),
        'Photographs with a known change: mean absolute error in degrees of yaw, pitch and roll '
        'of the mirrored picture and of the roll of the tilted one, and the spread of the '
        'distance of a reduced picture, from the size of the box and from the pose.',
        table(
            ('detector', 'yaw, mirrored', 'pitch', 'roll', 'roll, tilted', 'by box', 'by pose'),
            (
                (
                    row['detector'],
                    *row['mirrored'],
                    row['tilted'],
                    f'{row["by_box"]:.1%}',
                    f'{row["by_pose"]:.1%}',
                )
                for row in photographs()
                if 'mirrored' in row
            ),
        ),
        f'A face takes {cost():.2f} ms of processor time: pose, filter and attention.',
    ]
    return '\n\n'.join(parts)


def _attention_rows(rows: list[dict[str, Any]]) -> Iterable[list[str]]:
    for distance in DISTANCES:
        yield [
            f'{distance} m',
            *(
                f'{row["looks"]:.0%}, {row["events"]:.1f}'
                for row in rows
                if row['distance'] == distance
            ),
        ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables, and write them into the page if requested."""
    parser = ArgumentParser(prog='benchmark.head_pose', description=__doc__)
    parser.add_argument(
        '--trials', type=int, default=20, help='number of people for each pose (%(default)s)'
    )
    parser.add_argument(
        '--seconds', type=float, default=240.0, help='seconds for each direction (%(default)s)'
    )
    parser.add_argument('--publish', action='store_true', help='also write docs/head_pose.md')
    options = parser.parse_args(argv)
    text = page(options.trials, options.seconds)
    print(text)
    if options.publish:
        before, _, rest = PAGE.read_text().partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f'{before}{BEGIN}\n\n{text}\n\n{END}{after}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
