"""Judge models end to end: faces in camera frames, found, cut out, classified."""

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
from training.judging.backgrounds import draw_background, read_backgrounds
from training.judging.face_finding import SIDES, SMALLEST, Findings, find_faces
from training.judging.inference import BATCH, logits_of, match_classes
from training.judging.scenes import CONDITIONS, HEIGHT, UPRIGHT, VARIED, WIDTH

#: Drawn backgrounds beside the photographs.
DRAWN = 12
#: Bounds of the parts in which roll (degrees, either way) and gain are reported.
ROLLS, GAINS = (0, 7, 14, 20), (0.6, 0.87, 1.13, 1.4)
#: Side in pixels from which upright faces count as large.
LARGE = 96


@dataclass(frozen=True)
class SearchConfig:
    """How faces are shown to detectors.

    Attributes:
        detectors: names; all that can be had here where there are none.
        backgrounds: folder of photographs behind the faces, beside drawn ones.
        processes: to work in; one for each core where it is None.
        seed: of all that is random.
    """

    detectors: Sequence[str] = ()
    backgrounds: Path | None = None
    processes: int | None = None
    seed: int = 0


def end_to_end(
    classifiers: Sequence[Classifier], data: Dataset, config: SearchConfig
) -> list[dict[str, Any]]:
    """Judge models on the same frames.

    Args:
        classifiers: models that take the same crops.
        data: labelled gray pictures, which are put into frames.
        config: how they are shown, and to which detectors.

    Returns:
        For each model its figures by detector, as judge() returns them.

    Raises:
        TrainingError: the pictures are in colour, or the models take different crops.
    """
    specs = {classifier.crop_spec for classifier in classifiers}
    if len(specs) != 1 or data.channels != 'gray':
        raise TrainingError('models that are judged together must take the same crops, of gray '
                            'pictures; judge them one by one')  # fmt: skip
    (spec,) = specs
    findings = find_faces(
        data.pictures.load(slice(None)), backgrounds(config.backgrounds),
        config.detectors or available_detectors(), spec, config.seed, config.processes,
    )  # fmt: skip
    return [
        {name: judge(classifier, data, found) for name, found in findings.items()}
        for classifier in classifiers
    ]


def available_detectors() -> list[str]:
    """Return the detectors that can be had here; say why others cannot."""
    available = []
    for name in DETECTORS:
        try:
            create_detector(DetectorConfig(detector=name), ModelStore())
        except FerError as error:
            print(f'{name} does not take part: {error}')
        else:
            available.append(name)
    return available


def backgrounds(folder: Path | None) -> list[NDArray[np.uint8]]:
    """Return gray backgrounds: drawn ones, and the photographs of a folder where one is given."""
    drawn = [draw_background(number, WIDTH, HEIGHT) for number in range(DRAWN)]
    return drawn + (read_backgrounds(folder, WIDTH, HEIGHT) if folder else [])


def judge(classifier: Classifier, data: Dataset, findings: Findings) -> dict[str, Any]:
    """Return the share found, and the accuracy among them beside that of the pictures directly.

    'upright from 96 pixels' and 'whole grid' leave SMALLEST out; so do the parts by roll and gain.
    """
    matched = match_classes(data, classifier.class_names)
    directly = np.zeros(len(data), bool)
    directly[matched.kept] = logits_of(classifier, matched.data).argmax(axis=1) == matched.labels
    labels = np.full(len(data), -1)
    labels[matched.kept] = matched.labels
    answers = np.concatenate([
        classifier.logits(list(findings.crops[start : start + BATCH])).argmax(axis=1)
        for start in range(0, len(findings.crops), BATCH)
    ])  # fmt: skip
    right = answers == labels[findings.picture]

    def row(which: NDArray[np.bool_]) -> dict[str, Any]:
        found = which & findings.found & (labels[findings.picture] >= 0)
        accuracy, direct = _share(right[found]), _share(directly[findings.picture[found]])
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


def for_card(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return by detector the figures that belong on a card."""
    return {
        detector: {
            name: {key: round(row[key], 4) for key in ('found', 'accuracy', 'points_lost')}
            for name, row in found['rows'].items()
            if name in ('whole grid', f'upright from {LARGE} pixels')
        }
        for detector, found in figures.items()
    }


def lines(name: str, figures: Mapping[str, Any]) -> Iterator[str]:
    """Return the figures of a model in words, a line for each part of the grid."""
    for detector, found in figures.items():
        yield (
            f'{name} with {detector}: {found["elsewhere_per_frame"]:.3f} faces per frame found '
            'where none is'
        )
        for part, row in found['rows'].items():
            yield (
                f'  {part:26s} found {100 * row["found"]:5.1f} % of {row["shown"]}, '
                f'accuracy {100 * row["accuracy"]:5.1f} % instead of '
                f'{100 * row["direct"]:5.1f} %: {row["points_lost"]:+.1f} points lost'
            )


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean()) if mask.size else 0.0
