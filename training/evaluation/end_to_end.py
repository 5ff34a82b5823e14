"""Evaluation of models end to end: detection, crop and classification in camera frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import Classifier
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import DETECTORS, create_detector
from fer_ros.core.errors import FerError
from fer_ros.core.models import ModelStore
from training.data.dataset import Dataset
from training.errors import TrainingError
from training.evaluation.backgrounds import draw_background, read_backgrounds
from training.evaluation.face_finding import SIDES, SMALLEST, Findings, find_faces
from training.evaluation.inference import BATCH, logits_of, match_classes
from training.evaluation.scenes import CONDITIONS, HEIGHT, UPRIGHT, VARIED, WIDTH

#: Number of drawn backgrounds in addition to the photographs.
DRAWN = 12
#: Bounds of the reported ranges of roll (degrees, in both directions) and gain.
ROLLS, GAINS = (0, 7, 14, 20), (0.6, 0.87, 1.13, 1.4)
#: Side in pixels from which upright faces count as large.
LARGE = 96


@dataclass(frozen=True)
class SearchConfig:
    """The settings of the frames for detectors.

    Attributes:
        detectors: Names; empty selects all available ones.
        backgrounds: Folder of photographs for backgrounds, in addition to drawn ones.
        processes: Their number; None uses one for each core.
        seed: Seed of all random values.
    """

    detectors: Sequence[str] = ()
    backgrounds: Path | None = None
    processes: int | None = None
    seed: int = 0


def end_to_end(
    classifiers: Sequence[Classifier], data: Dataset, config: SearchConfig
) -> list[dict[str, Any]]:
    """Evaluate models on the same frames.

    Args:
        classifiers: Models of gray crops.
        data: Labelled gray pictures to put into frames.
        config: Configuration of the frames and the detectors.

    Returns:
        The figures of each model by detector, as figures_of() returns them.

    Raises:
        TrainingError: Pictures or crops are in colour.
    """
    specs = dict.fromkeys(classifier.crop_spec for classifier in classifiers)
    if {data.channels, *(spec.channels for spec in specs)} != {'gray'}:
        raise TrainingError(
            'the end-to-end evaluation needs gray pictures and models of gray crops'
        )
    pictures, behind = data.pictures.load(slice(None)), backgrounds(config.backgrounds)
    detectors = config.detectors or available_detectors()
    findings = {
        spec: find_faces(pictures, behind, detectors, spec, config.seed, config.processes)
        for spec in specs
    }
    return [
        {
            name: figures_of(classifier, data, found)
            for name, found in findings[classifier.crop_spec].items()
        }
        for classifier in classifiers
    ]


def available_detectors() -> list[str]:
    """Return the available detectors, and print why others are not available."""
    available = []
    for name in DETECTORS:
        try:
            create_detector(DetectorConfig(detector=name), ModelStore())
        except FerError as error:
            print(f'detector {name} is skipped: {error}')
        else:
            available.append(name)
    return available


def backgrounds(folder: Path | None) -> list[NDArray[np.uint8]]:
    """Return gray backgrounds: drawn ones, and the photographs of a folder if one is given."""
    drawn = [draw_background(number, WIDTH, HEIGHT) for number in range(DRAWN)]
    return drawn + (read_backgrounds(folder, WIDTH, HEIGHT) if folder else [])


def figures_of(classifier: Classifier, data: Dataset, findings: Findings) -> dict[str, Any]:
    """Return the share of found faces, their accuracy, and the accuracy without detection.

    'upright from 96 pixels' and 'whole grid' omit SMALLEST, and so do the parts by roll and gain.
    """
    labelled, right, directly = _classified(classifier, data, findings)

    def row(which: NDArray[np.bool_]) -> dict[str, Any]:
        found = which & findings.found & labelled
        accuracy, direct = _share(right[found]), _share(directly[found])
        return {
            'shown': int(which.sum()),
            'found': _share(findings.found[which]),
            'accuracy': accuracy,
            'direct': direct,
            'points_lost': 100 * (direct - accuracy),
        }

    counted = findings.side != SMALLEST
    upright = findings.condition == UPRIGHT.name
    rows = {
        f'upright from {LARGE} pixels': row(upright & (findings.side >= LARGE)),
        'whole grid': row(counted),
    }
    for side in (SMALLEST, *SIDES):
        for name in CONDITIONS:
            rows[f'{side} pixels, {name}'] = row(
                (findings.side == side) & (findings.condition == name)
            )
    varied = counted & (findings.condition == VARIED.name)
    for what, values, bounds in (
        ('roll', np.abs(findings.roll), ROLLS),
        ('gain', findings.gain, GAINS),
    ):
        for low, high in pairwise(bounds):
            rows[f'{what} {low:g} to {high:g}'] = row(varied & (low <= values) & (values < high))
    return {'rows': rows, 'elsewhere_per_frame': findings.elsewhere / findings.frames}


def _classified(
    classifier: Classifier, data: Dataset, findings: Findings
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Classify the N found crops, and the pictures in them without detection.

    Returns:
        (N,) whether the model has the class of the crop; (N,) whether the label of the crop is
        right; (N,) whether the label of its picture is right.
    """
    matched = match_classes(data, classifier.class_names)
    labels = np.full(len(data), -1)
    labels[matched.kept] = matched.labels
    directly = np.zeros(len(data), bool)
    directly[matched.kept] = logits_of(classifier, matched.data).argmax(axis=1) == matched.labels
    answers = np.concatenate([
        classifier.logits(list(findings.crops[start : start + BATCH])).argmax(axis=1)
        for start in range(0, len(findings.crops), BATCH)
    ])  # fmt: skip
    of_crops = labels[findings.picture]
    return of_crops >= 0, answers == of_crops, directly[findings.picture]


def for_card(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures for a card, by detector."""
    return {
        detector: {
            name: {key: round(row[key], 4) for key in ('found', 'accuracy', 'points_lost')}
            for name, row in found['rows'].items()
            if name in ('whole grid', f'upright from {LARGE} pixels')
        }
        for detector, found in figures.items()
    }


def lines(name: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """Return the figures of a model as text, a line for each part of the grid."""
    for detector, found in figures.items():
        yield (f'{name} with {detector}: {found["elsewhere_per_frame"]:.3f} false faces per frame')
        for part, row in found['rows'].items():
            text = f'  {part:26s} found {100 * row["found"]:5.1f} % of {row["shown"]}'
            if row['found']:
                text += (
                    f', accuracy {100 * row["accuracy"]:5.1f} % instead of '
                    f'{100 * row["direct"]:5.1f} %: {row["points_lost"]:+.1f} points lost'
                )
            yield text


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean()) if mask.size else 0.0
