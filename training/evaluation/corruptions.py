"""The corruptions of `robustness`, each with several strengths."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data import degradations, occlusions
from training.evaluation import head_turn

Picture = NDArray[np.uint8]
Apply = Callable[[Picture, float, np.random.Generator], Picture]

#: Side in pixels of the picture that lengths in strengths refer to. They are scaled to other
#: sides.
SIDE = 48
#: Gray levels of covers of mouths and eyes.
MASKS, BARS = (60, 220), (10, 120)
#: Standard deviation of the noise of a dark picture, in gray levels.
DARK_NOISE = 2.0


@dataclass(frozen=True)
class Corruption:
    """One kind of change that makes a face harder to classify.

    Attributes:
        name: In tables.
        unit: Text of a strength, with {} for the number.
        strengths: The mildest first.
        apply: Takes picture, strength and a generator, and returns the changed picture.
    """

    name: str
    unit: str
    strengths: tuple[float, ...]
    apply: Apply

    def label(self, *strengths: float) -> str:
        """Return strengths as text."""
        return self.unit.format(' / '.join(f'{strength:g}' for strength in strengths))


def corrupt(image: Picture, corruption: Corruption, strength: float) -> Picture:
    """Return the changed picture, (S, S[, 3]) uint8.

    The same picture always gives the same result.
    """
    content = zlib.crc32(np.ascontiguousarray(image).data)
    kind = zlib.crc32(corruption.name.encode())
    return corruption.apply(image, strength, np.random.default_rng([content, kind]))


def _pixels(image: Picture, length: float) -> float:
    return length * int(image.shape[0]) / SIDE


def _blur(image: Picture, sigma: float, rng: np.random.Generator) -> Picture:
    return degradations.blur(image, _pixels(image, sigma))


def _motion(image: Picture, length: float, rng: np.random.Generator) -> Picture:
    """Smear along a random direction."""
    reach = int(np.ceil(_pixels(image, length) / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    angle = rng.uniform(0, np.pi)
    for part in np.linspace(-0.5, 0.5, 8 * reach + 1) * _pixels(image, length):
        row, column = reach + part * np.sin(angle), reach + part * np.cos(angle)
        kernel[round(row), round(column)] += 1
    smeared = cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE)
    return smeared.astype(np.uint8, copy=False)


def _noise(image: Picture, deviation: float, rng: np.random.Generator) -> Picture:
    return degradations.noise(image, deviation, rng)


def _jpeg(image: Picture, quality: float, rng: np.random.Generator) -> Picture:
    return degradations.jpeg(image, int(quality))


def _low_resolution(image: Picture, side: float, rng: np.random.Generator) -> Picture:
    return degradations.low_resolution(image, round(_pixels(image, side)))


def _exposure(image: Picture, gain: float, rng: np.random.Generator) -> Picture:
    exposed = np.clip(np.rint(image * np.float32(gain)), 0, 255).astype(np.uint8)
    return degradations.noise(exposed, DARK_NOISE, rng) if gain < 1 else exposed


def _gamma(image: Picture, exponent: float, rng: np.random.Generator) -> Picture:
    return degradations.gamma(image, exponent)


def _mouth(image: Picture, top: float, rng: np.random.Generator) -> Picture:
    return occlusions.cover_mouth(image, top, int(rng.integers(*MASKS)))


def _eyes(image: Picture, height: float, rng: np.random.Generator) -> Picture:
    return occlusions.cover_eyes(image, height, int(rng.integers(*BARS)))


def _glasses(image: Picture, rim: float, rng: np.random.Generator) -> Picture:
    return occlusions.wear_glasses(image, rim)


def _dark_glasses(image: Picture, opacity: float, rng: np.random.Generator) -> Picture:
    return occlusions.wear_dark_glasses(image, opacity)


def _turn(image: Picture, degrees: float, rng: np.random.Generator) -> Picture:
    return head_turn.turn_head(image, degrees * rng.choice((-1, 1)))


def _nod(image: Picture, degrees: float, rng: np.random.Generator) -> Picture:
    return head_turn.nod_head(image, degrees * rng.choice((-1, 1)))


CORRUPTIONS = (
    Corruption('blur', 'sigma {} of 48 pixels', (0.7, 1.2, 2.0), _blur),
    Corruption('motion blur', '{} of 48 pixels', (3, 5, 9), _motion),
    Corruption('noise', 'deviation {} of 255', (8, 16, 32), _noise),
    Corruption('JPEG', 'quality {}', (30, 15, 7), _jpeg),
    Corruption('low resolution', '{} pixels wide', (32, 24, 16), _low_resolution),
    Corruption('dark', '{} of the light', (0.5, 0.25, 0.12), _exposure),
    Corruption('overexposed', '{} times the light', (1.3, 1.6, 2.0), _exposure),
    Corruption('gamma', 'exponent {}', (0.5, 2.0, 3.0), _gamma),
    Corruption('covered mouth', 'from {} of the height down', (0.8, 0.68, 0.56), _mouth),
    Corruption('covered eyes', 'bar of {} of the height', (0.12, 0.2, 0.3), _eyes),
    Corruption('glasses', 'rim of {} of the width', (0.015, 0.03, 0.05), _glasses),
    Corruption('dark glasses', 'opacity {}', (0.5, 0.8, 1.0), _dark_glasses),
    Corruption('turned head', '{} degrees to a side', (15, 30, 45), _turn),
    Corruption('nodding head', '{} degrees up or down', (10, 20, 30), _nod),
)
