"""Random changes of training pictures: geometry, light, occlusions, mixtures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from fer_ros.core.options import check_options, documented, option
from training.data import degradations, occlusions


@documented
@dataclass(frozen=True)
class AugmentConfig:
    """The strengths of random changes. Zero disables a change.

    A value out of range raises ValueError.
    """

    rotation: float = option(
        10.0, 'Largest rotation in degrees, in both directions.', minimum=0.0, maximum=180.0
    )
    shift: float = option(0.1, 'Largest shift, as a share of the side.', minimum=0.0, maximum=1.0)
    zoom: float = option(
        0.1,
        'Largest change of the size, as a share, in both directions.',
        minimum=0.0,
        maximum=0.9,
    )
    flip: float = option(0.5, 'Probability of mirroring left and right.', minimum=0.0, maximum=1.0)
    crop: float = option(
        0.0,
        'Largest share of the side that is cropped; the rest is scaled to the original size.',
        minimum=0.0,
        maximum=0.9,
    )
    brightness: float = option(
        0.0,
        'Largest value that is added or subtracted, as a share of white.',
        minimum=0.0,
        maximum=1.0,
    )
    contrast: float = option(
        0.0, 'Largest change of the contrast: factor 1 +- this value.', minimum=0.0
    )
    saturation: float = option(
        0.0,
        'Largest change of the saturation: factor 1 +- this value. Only for colour.',
        minimum=0.0,
    )
    lighting: float = option(
        0.0,
        'Standard deviation of PCA lighting noise (Krizhevsky et al. 2012), share of white; try '
        '0.1.',
        minimum=0.0,
    )
    gamma: float = option(
        0.0,
        'Gamma correction with an exponent between 1 / (1 + this value) and 1 + this value.',
        minimum=0.0,
    )
    degrade: float = option(
        0.0,
        'Probability of one degradation: blur, noise, low resolution or JPEG.',
        minimum=0.0,
        maximum=1.0,
    )
    noise: float = option(
        0.0,
        'Largest standard deviation of noise that is added to half of the pictures, in gray '
        'levels.',
        minimum=0.0,
        maximum=255.0,
    )
    erase: float = option(
        0.0,
        'Probability of one erased rectangle (Zhong et al. 2017).',
        minimum=0.0,
        maximum=1.0,
    )
    cover: float = option(
        0.0,
        'Probability of drawn glasses, dark glasses, a mask or a bar, at their position in the '
        'framing of FER2013.',
        minimum=0.0,
        maximum=1.0,
    )
    mixup: float = option(
        0.0, 'Alpha of the beta distribution of mixup (Zhang et al. 2018); try 0.2.', minimum=0.0
    )

    def __post_init__(self) -> None:
        check_options(self)

    def before_labelling(self) -> AugmentConfig:
        """Return the changes of a copy that other models label."""
        return replace(self, noise=0.0)

    def after_labelling(self) -> AugmentConfig:
        """Return the changes in each step of a copy that other models have labelled.

        What a camera adds comes again: the network learns to recognise in a worse picture what
        its teachers recognised in a better one.
        """
        return AugmentConfig(
            rotation=0.0, shift=0.0, zoom=0.0,
            flip=self.flip, degrade=self.degrade, noise=self.noise, mixup=self.mixup,
        )  # fmt: skip


IDENTITY = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

#: Area of an erased rectangle as a share of the picture, and the ratio of its sides.
ERASED_AREA = (0.02, 0.25)
ERASED_RATIO = (0.3, 3.3)
#: Ranges of the degradations: blur and resolution as shares of the width, noise in gray levels.
BLUR = (0.008, 0.045)
NOISE = (3.0, 20.0)
RESOLUTION = (0.3, 0.75)
QUALITY = (10, 60)
#: Ranges of drawn occlusions: gray level; width of rims, opacity of lenses, upper edge of masks
#: and height of bars as shares of the side.
COVER_LEVEL = (10, 230)
RIM = (0.01, 0.05)
OPACITY = (0.4, 1.0)
MASK_TOP = (0.56, 0.85)
BAR_HEIGHT = (0.1, 0.3)
#: Directions and standard deviations of RGB over natural pictures, scaled to [0, 1]
#: (Krizhevsky et al. 2012); in gray pictures the noise is one brightness offset.
LIGHT_DIRECTIONS = np.array(
    [[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]]
)
LIGHT_STDDEV = np.sqrt(np.array([0.2175, 0.0188, 0.0045]))


def augment_batch(
    images: NDArray[np.uint8], config: AugmentConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return changed copies of (N, H, W) or (N, H, W, 3) pictures. mix_batch() applies mixup."""
    return np.stack([augment_picture(image, config, rng) for image in images])


def augment_picture(
    image: NDArray[np.uint8], config: AugmentConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return one changed picture of the same shape."""
    height, width = image.shape[:2]
    if config.cover and rng.random() < config.cover:
        image = _cover(image, rng)
    affine = _random_affine(width, height, config, rng)
    if not np.array_equal(affine, IDENTITY):
        image = _warp(image, affine)
    image = _change_light(image, config, rng)
    if config.gamma:
        image = degradations.gamma(image, np.exp(rng.uniform(-1, 1) * np.log1p(config.gamma)))
    if config.degrade and rng.random() < config.degrade:
        image = _degrade(image, rng)
    if config.noise and rng.random() < 0.5:
        image = degradations.noise(image, rng.uniform(0, config.noise), rng)
    if config.erase and rng.random() < config.erase:
        image = _erase(image, rng)
    return image


def _warp(image: NDArray[np.uint8], affine: NDArray[np.float64]) -> NDArray[np.uint8]:
    size = (image.shape[1], image.shape[0])
    warped = cv2.warpAffine(image, affine, size, borderMode=cv2.BORDER_REPLICATE)
    return warped.astype(np.uint8, copy=False)


def _random_affine(
    width: int, height: int, config: AugmentConfig, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a random 2x3 map from picture to changed picture, about the centre of the picture."""
    angle = np.deg2rad(rng.uniform(-config.rotation, config.rotation))
    scale = rng.uniform(1 - config.zoom, 1 + config.zoom)
    shift = rng.uniform(-config.shift, config.shift, 2) * (width, height)
    if config.crop:
        kept = 1 - rng.uniform(0, config.crop)
        shift += rng.uniform(-1, 1, 2) * (1 - kept) / kept / 2 * np.array([width, height])
        scale /= kept
    mirror = -1.0 if rng.random() < config.flip else 1.0
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos * mirror, -sin], [sin * mirror, cos]])
    center = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.column_stack([turn, center - turn @ center + shift])


def _change_light(
    image: NDArray[np.uint8], config: AugmentConfig, rng: np.random.Generator
) -> NDArray[np.uint8]:
    if not (config.brightness or config.contrast or config.saturation or config.lighting):
        return image
    light = image.astype(np.float32)
    if config.saturation and image.ndim == 3:
        gray = light @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
        light = gray[..., None] + (light - gray[..., None]) * _factor(config.saturation, rng)
    if config.contrast:
        light = light.mean() + (light - light.mean()) * _factor(config.contrast, rng)
    light += 255 * rng.uniform(-config.brightness, config.brightness)
    if config.lighting:
        noise = LIGHT_DIRECTIONS @ (rng.normal(0, config.lighting, 3) * LIGHT_STDDEV) * 255
        light += noise.astype(np.float32) if image.ndim == 3 else noise.mean()
    changed: NDArray[np.uint8] = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    return changed


def _factor(spread: float, rng: np.random.Generator) -> float:
    return float(rng.uniform(1 - spread, 1 + spread))


def _degrade(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Apply one degradation. Blur and resolution are relative to the width."""
    width = image.shape[1]
    flaw = rng.integers(4)
    if flaw == 0:
        return degradations.blur(image, width * rng.uniform(*BLUR))
    if flaw == 1:
        return degradations.noise(image, rng.uniform(*NOISE), rng)
    if flaw == 2:
        return degradations.low_resolution(image, max(int(width * rng.uniform(*RESOLUTION)), 1))
    return degradations.jpeg(image, int(rng.integers(*QUALITY)))


def _cover(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one occlusion, before the picture is rotated and shifted."""
    level = int(rng.integers(*COVER_LEVEL))
    match rng.integers(4):
        case 0:
            return occlusions.wear_glasses(image, rng.uniform(*RIM), level)
        case 1:
            return occlusions.wear_dark_glasses(image, rng.uniform(*OPACITY), level)
        case 2:
            return occlusions.cover_mouth(image, rng.uniform(*MASK_TOP), level)
        case _:
            return occlusions.cover_eyes(image, rng.uniform(*BAR_HEIGHT), level)


def _erase(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Fill one random rectangle with one random value."""
    height, width = image.shape[:2]
    area = rng.uniform(*ERASED_AREA) * height * width
    ratio = np.exp(rng.uniform(*np.log(ERASED_RATIO)))
    tall = min(int(np.sqrt(area * ratio)) + 1, height)
    wide = min(int(np.sqrt(area / ratio)) + 1, width)
    top, left = rng.integers(0, height - tall + 1), rng.integers(0, width - wide + 1)
    erased: NDArray[np.uint8] = image.copy()
    erased[top : top + tall, left : left + wide] = rng.integers(0, 256, image.shape[2:])
    return erased


def mix_batch(
    inputs: NDArray[np.float32],
    targets: NDArray[np.float32],
    alpha: float,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Blend each picture and its target with another one of the batch, by one random share."""
    share = np.float32(rng.beta(alpha, alpha))
    other = rng.permutation(len(inputs))
    return (
        share * inputs + (1 - share) * inputs[other],
        share * targets + (1 - share) * targets[other],
    )
