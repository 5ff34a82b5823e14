"""Evaluation of labels and events over time, on clips with known changes of the expression.

FER2013 has no videos, so clips are composed of its pictures. Each picture is moved, relit and gets
noise from frame to frame, and is blended into the next one. Consecutive pictures show different
people. The detector and the tracker are not used, because every frame has one face.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import Classifier
from fer_ros.core.crop import CropSpec
from fer_ros.core.emotion_stage import EmotionStage
from fer_ros.core.scoring import FaceScores
from fer_ros.core.types import S_TO_NS, UNCERTAIN, Box, Crop, Face, FaceSet
from training.base.progress import progress
from training.data import degradations
from training.data.augment import AugmentConfig, augment_picture
from training.data.dataset import Dataset
from training.data.pictures import Pictures
from training.errors import DataError
from training.evaluation.inference import match_classes
from training.evaluation.metrics import majority

#: Frames per second, and seconds for each expression, including the blend into the next one.
RATE = 15
SHOWN, BLEND = 3.0, 0.3
#: Number of expressions in a clip, and of clips.
EXPRESSIONS_SHOWN, CLIPS = 5, 40
#: Changes from frame to frame, and noise in gray levels.
UNSTEADY = AugmentConfig(rotation=2, shift=0.02, zoom=0.02, flip=0, brightness=0.03, contrast=0.05)
CAMERA_NOISE = 3.0

FRAMES_SHOWN, FRAMES_BLENDED = round(SHOWN * RATE), round(BLEND * RATE)


@dataclass(frozen=True)
class Clip:
    """Frames with their expressions.

    Attributes:
        pictures: (T, S, S[, 3]) uint8.
        truth: (T,) indices of the classes.
        blended: (T,) whether the frame also shows the previous expression.
    """

    pictures: NDArray[np.uint8]
    truth: NDArray[np.int64]
    blended: NDArray[np.bool_]


@dataclass(frozen=True)
class Answers:
    """The output of the pipeline for a clip.

    Attributes:
        labels: (T,) the smoothed label of each frame as an index, -1 for uncertain.
        told: Frame and class of each event that names a class.
    """

    labels: NDArray[np.int64]
    told: Sequence[tuple[int, int]]


def video(classifier: Classifier, data: Dataset, seed: int = 0) -> dict[str, Any]:
    """Evaluate a model with the default smoothing of the pipeline.

    Args:
        classifier: The model.
        data: Labelled pictures. With votes, only pictures whose label equals the majority are
            used.
        seed: Seed of the selection of pictures and of their changes.

    Returns:
        'right': share of frames with the right label, without blends; 'right_alone': the same
        without smoothing. 'found': share of changes whose expression an event names before the
        next change; 'delay', 'delay_90': median and 90th percentile of their seconds since the
        blend began. 'false_events': events per minute that name an expression that is not shown.
        'clips', 'seconds': number and length of the clips.

    Raises:
        DataError: The data has pictures of fewer than two of the model's classes.
    """
    matched = match_classes(data, classifier.class_names)
    sure = np.ones(len(matched.labels), np.bool_)
    if matched.data.votes is not None:
        sure = majority(matched.data.votes) == matched.data.labels
    pictures, labels = matched.data.pictures.subset(sure), matched.labels[sure]
    framing = CropSpec(classifier.crop_spec.geometry, data.size, data.channels)
    stage = EmotionStage(classifier)
    followed, right_alone = [], []
    for number in progress(range(CLIPS), f'{classifier.name}, video'):
        clip = make_clip(pictures, labels, np.random.default_rng((seed, number)))
        crops = [classifier.prepare(picture, framing) for picture in clip.pictures]
        probabilities = classifier.classify(crops)
        right_alone.append(_share_right(probabilities.argmax(axis=1), clip))
        followed.append((clip, follow(stage, probabilities)))
    return summarise_clips(followed) | {'right_alone': float(np.mean(right_alone))}


def make_clip(pictures: Pictures, labels: NDArray[np.int64], rng: np.random.Generator) -> Clip:
    """Create a clip of pictures of several expressions, with each class equally likely.

    Args:
        pictures: N pictures.
        labels: (N,) their classes.
        rng: Random numbers for the selection of pictures and of their changes.

    Raises:
        DataError: There are pictures of fewer than two classes.
    """
    there = np.unique(labels)
    if len(there) < 2:
        raise DataError(
            'a clip needs pictures of at least two classes: use data with more classes'
        )
    classes: list[int] = []
    while len(classes) < EXPRESSIONS_SHOWN:
        classes.append(int(rng.choice(there[there != classes[-1]] if classes else there)))
    shown = pictures.load(
        np.array([rng.choice(np.flatnonzero(labels == each)) for each in classes])
    )
    frames = []
    for before, picture in zip([shown[0], *shown], shown, strict=False):
        for step in range(FRAMES_SHOWN):
            share = min((step + 1) / (FRAMES_BLENDED + 1), 1.0)
            mixed = np.rint(share * picture + (1 - share) * before).astype(np.uint8)
            moved = augment_picture(mixed, UNSTEADY, rng)
            frames.append(degradations.noise(moved, CAMERA_NOISE, rng))
    blended = np.tile(np.arange(FRAMES_SHOWN) < FRAMES_BLENDED, len(classes))
    blended[:FRAMES_SHOWN] = False
    return Clip(np.stack(frames), np.repeat(classes, FRAMES_SHOWN), blended)


def follow(stage: EmotionStage, probabilities: NDArray[np.float32]) -> Answers:
    """Smooth the (T, K) probabilities of one face with a stage, and return its events."""
    names = stage.classifier.class_names
    no_crop = Crop(np.zeros((1, 1), np.uint8), np.zeros((2, 3), np.float32))
    face = Face('face', Box(0, 0, 1, 1), 1.0, crop=no_crop)
    labels, told = [], []
    for frame, row in enumerate(probabilities):
        faces = FaceSet(S_TO_NS + frame * S_TO_NS // RATE, 'clip', 1, 1, (face,))
        result = stage.smooth(faces, FaceScores(row[None]))
        labels.append(_index(names, result.emotions.faces[0].label))
        told += [(frame, _index(names, event.label)) for event in result.events]
    stage.close()
    return Answers(np.array(labels), [(frame, label) for frame, label in told if label >= 0])


def summarise_clips(followed: Sequence[tuple[Clip, Answers]]) -> dict[str, Any]:
    """Return the figures of `video` for clips and their results."""
    delays, changes, false, frames = [], 0, 0, 0
    for clip, answers in followed:
        frames += len(clip.truth)
        false += sum(not _is_shown(clip, frame, label) for frame, label in answers.told)
        for start in range(FRAMES_SHOWN, len(clip.truth), FRAMES_SHOWN):
            changes += 1
            named = [
                frame - start
                for frame, label in answers.told
                if 0 <= frame - start < FRAMES_SHOWN and label == clip.truth[start]
            ]
            delays += [min(named) / RATE] if named else []
    seconds = frames / RATE
    return {
        'clips': len(followed),
        'seconds': seconds,
        'right': float(np.mean([_share_right(seen.labels, clip) for clip, seen in followed])),
        'found': len(delays) / changes,
        'delay': float(np.median(delays)) if delays else None,
        'delay_90': float(np.percentile(delays, 90)) if delays else None,
        'false_events': 60 * false / seconds,
    }


def _is_shown(clip: Clip, frame: int, label: int) -> bool:
    """Return whether a frame shows an expression. Blended frames show two."""
    before = clip.truth[max(frame - FRAMES_SHOWN, 0)] if clip.blended[frame] else label + 1
    return label in (clip.truth[frame], before)


def _share_right(labels: NDArray[np.int64], clip: Clip) -> float:
    return float((labels == clip.truth)[~clip.blended].mean())


def _index(names: Sequence[str], label: str) -> int:
    return -1 if label == UNCERTAIN else names.index(label)


def for_card(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures for a card."""
    return {key: _rounded(value) for key, value in figures.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def lines(name: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """Return the figures of a model as text."""
    delay = 'none' if figures['delay'] is None else f'{figures["delay"]:.2f} s'
    yield (
        f'{name}: right {figures["right"]:.3f} of the time ({figures["right_alone"]:.3f} without '
        f'smoothing), {figures["found"]:.3f} of the changes reported, median delay {delay}, '
        f'{figures["false_events"]:.1f} false events per minute'
    )
