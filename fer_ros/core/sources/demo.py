"""A sequence of people who appear, move and leave, made at run time from photographs.

portraits.py names their sources and licences. The sequence contains no labels.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.sources.base import DEFAULT_FPS, DEFAULT_SIZE, FrameSource, SourceConfig
from fer_ros.core.sources.portraits import (
    AS_TAKEN,
    CLAUDET,
    COLLINS,
    HOPPER,
    SEATED_BOY,
    STANDING_BOY,
    Light,
    Portrait,
    load_portraits,
)
from fer_ros.core.sources.timeline import Timeline
from fer_ros.core.types import Frame

#: Seconds. The last person has left before the end.
DURATION = 34.0


@dataclass(frozen=True, slots=True)
class Pose:
    """Position of a person at a time of the sequence, on a canvas of 640x480.

    Attributes:
        time: Seconds from the start of the sequence.
        x: Centre of the face, pixels.
        face_height: Pixels.
        sunk: Distance of the lower edge of the photograph below the canvas, pixels.
    """

    time: float
    x: float
    face_height: float
    sunk: float = 0.0


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person who appears, moves through the poses, and leaves. Later ones are in front."""

    person: str
    poses: tuple[Pose, ...]
    mirrored: bool = False
    light: Light = AS_TAKEN


#: No person is on the canvas twice at the same time, also not mirrored. The sizes and the light of
#: the five people who are there together were chosen so that models give them four labels or more.
APPEARANCES = (
    Appearance(COLLINS, (
        Pose(0.5, -150, 96), Pose(2.3, 170, 98), Pose(5.5, 185, 104), Pose(8.5, 470, 100),
        Pose(10.5, 480, 96), Pose(12.5, 900, 96),
    )),
    Appearance(HOPPER, (
        Pose(1.8, 780, 120), Pose(4.0, 465, 122), Pose(5.8, 455, 128), Pose(8.5, 165, 124),
        Pose(11.0, 150, 118), Pose(13.0, -170, 118),
    )),
    Appearance(COLLINS, (
        Pose(17.0, 960, 100), Pose(19.0, 535, 98), Pose(29.0, 520, 102), Pose(32.0, 1000, 100),
    ), mirrored=True),
    Appearance(STANDING_BOY, (
        Pose(18.0, -150, 108, 95), Pose(20.0, 90, 110, 95), Pose(28.0, 100, 112, 95),
        Pose(31.0, -150, 108, 95),
    ), light=Light(gamma=1.9, contrast=1.5)),
    Appearance(CLAUDET, (
        Pose(18.5, 342, 92, 420), Pose(20.5, 342, 92), Pose(27.5, 342, 92),
        Pose(30.0, 330, 92, 420),
    ), light=Light(from_right=0.2)),
    Appearance(HOPPER, (
        Pose(19.0, -140, 120), Pose(22.0, 225, 122), Pose(27.0, 215, 126), Pose(30.5, -140, 120),
    )),
    Appearance(SEATED_BOY, (
        Pose(19.5, 430, 98, 320), Pose(22.0, 430, 98), Pose(27.0, 440, 100),
        Pose(29.5, 440, 98, 320),
    ), light=Light(gamma=0.8, contrast=1.3, from_right=0.4)),
)  # fmt: skip


class DemoSource(FrameSource):
    """People on a plain background for 34 s. It ends then, or repeats with config.loop.

    bgr8, 640x480 at 30 Hz by default. Frame n is the same in every run. People whose photographs
    are not installed are omitted, and `description` names their package.
    """

    def __init__(self, config: SourceConfig) -> None:
        self._config = config
        self._width, self._height = (config.width, config.height) if config.width else DEFAULT_SIZE
        self._timeline = Timeline(config)
        self._sprites: list[_Sprite] | None = None
        self.fps = config.fps or DEFAULT_FPS
        self.description = f'demo, {self._width}x{self._height} at {self.fps:g} Hz'

    def open(self) -> None:
        """Load and cut out the photographs.

        Raises:
            SourceError: No photograph is installed.
        """
        portraits, missing = load_portraits()
        self._background = _make_background(self._width, self._height)
        self._sprites = [
            _Sprite(appearance, portraits[appearance.person], self._width, self._height)
            for appearance in APPEARANCES
            if appearance.person in portraits
        ]
        self.description = (
            f'demo with photographs of {", ".join(portraits)}, '
            f'{self._width}x{self._height} at {self.fps:g} Hz'
        )
        if missing:
            self.description += f' (more people with pip install {" ".join(missing)})'
        self._timeline.restart()

    def read(self) -> Frame | None:
        """Compose the next frame and return it when it is due."""
        sprites = self._sprites
        media_time = self._timeline.number / self.fps
        if sprites is None or (media_time >= DURATION and not self._config.loop):
            return None
        image = self._background.copy()
        for sprite in sprites:
            sprite.draw(image, media_time % DURATION)
        return self._timeline.next_frame(image, self.fps)

    def close(self) -> None:
        """Forget the photographs."""
        self._timeline.interrupt()
        self._sprites = None


class _Sprite:
    """One appearance, ready to be drawn at any time on an image of the given size."""

    def __init__(
        self, appearance: Appearance, portrait: Portrait, width: int, height: int
    ) -> None:
        self._poses = appearance.poses
        self._unit_x, self._unit = width / 640, height / 480
        # Close to the final size, so that drawing shrinks little and is cheap.
        largest = max(pose.face_height for pose in self._poses) * self._unit
        if appearance.mirrored:
            portrait = portrait.mirrored()
        self._portrait = portrait.resized(largest / portrait.face.height).relit(appearance.light)

    def draw(self, image: NDArray[np.uint8], time: float) -> None:
        """Draw the person into the image, if they are on the canvas at `time`."""
        if not self._poses[0].time <= time < self._poses[-1].time:
            return
        affine = self._affine(time, image.shape[0])
        source = self._portrait.image
        left, top, right, bottom = _bounds(affine, source.shape[1], source.shape[0])
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, image.shape[1]), min(bottom, image.shape[0])
        if left >= right or top >= bottom:
            return
        affine[:, 2] -= (left, top)
        person = cv2.warpAffine(source, affine, (right - left, bottom - top))
        background = image[top:bottom, left:right]
        transparency = cv2.bitwise_not(cv2.extractChannel(person, 3))
        transparency = cv2.cvtColor(transparency, cv2.COLOR_GRAY2BGR)
        cv2.multiply(background, transparency, dst=background, scale=1 / 255)
        cv2.add(background, cv2.cvtColor(person, cv2.COLOR_BGRA2BGR), dst=background)

    def _affine(self, time: float, height: int) -> NDArray[np.float64]:
        """Return the 2x3 matrix from the portrait to the image, with a slight natural sway."""
        x, face_height, sunk = _interpolate(self._poses, time)
        face = self._portrait.face
        scale = face_height * self._unit / face.height * (1 + 0.01 * math.sin(1.7 * time))
        roll = math.radians(3.0) * math.sin(1.3 * time)
        x += 4 * math.sin(2.1 * time)
        face_x, face_y = face.center
        below = self._portrait.image.shape[0] - face_y
        target = x * self._unit_x, height - below * scale + (sunk + 8) * self._unit
        cosine, sine = scale * math.cos(roll), scale * math.sin(roll)
        return np.array([
            [cosine, -sine, target[0] - cosine * face_x + sine * face_y],
            [sine, cosine, target[1] - sine * face_x - cosine * face_y],
        ])  # fmt: skip


def _interpolate(poses: tuple[Pose, ...], time: float) -> tuple[float, float, float]:
    """Return x, face height and depth below the edge at `time`, interpolated between poses."""
    for start, end in itertools.pairwise(poses):
        if time < end.time:
            part = (time - start.time) / (end.time - start.time)
            part = part * part * (3 - 2 * part)
            return (
                start.x + part * (end.x - start.x),
                start.face_height + part * (end.face_height - start.face_height),
                start.sunk + part * (end.sunk - start.sunk),
            )
    last = poses[-1]
    return last.x, last.face_height, last.sunk


def _bounds(affine: NDArray[np.float64], width: int, height: int) -> tuple[int, int, int, int]:
    corners = np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]])
    moved = affine @ corners
    low, high = np.floor(moved.min(axis=1)), np.ceil(moved.max(axis=1))
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _make_background(width: int, height: int) -> NDArray[np.uint8]:
    """Return a blurred room with a lit wall and a board, without anything like a face.

    Nothing is lighter than the wall. A light spot behind a head looks like a badly cut outline.
    """
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    light = 1.0 - 0.35 * y - 0.25 * np.hypot(x - 0.35, y - 0.3)
    wall = light[..., None] * np.array((158.0, 172.0, 180.0))
    for left, top, right, bottom, color in (
        (0.62, 0.14, 0.93, 0.50, (110, 128, 122)),
        (0.00, 0.86, 1.00, 1.00, (84, 96, 112)),
    ):
        wall[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = (
            color
        )
    blurred = cv2.GaussianBlur(wall, (0, 0), height / 24)
    # Noise of one or two levels, like that of a camera, hides the steps of the gradients.
    noise = np.random.default_rng(0).normal(0.5, 1.0, (height, width, 1))
    return np.asarray(blurred + noise, np.uint8)
