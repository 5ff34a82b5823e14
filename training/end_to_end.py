"""Judge models end to end: faces in camera frames, found, cut out, classified."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import RUNTIMES, Classifier, load_classifier
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.select import DETECTORS, create_detector
from fer_ros.core.errors import FerError
from fer_ros.core.models import ModelCard, ModelStore
from training.backgrounds import draw_background, read_backgrounds
from training.data.dataset import Dataset
from training.data.open import add_data_arguments, data_options, open_data
from training.errors import TrainingError
from training.face_finding import SIDES, SMALLEST, Findings, find_faces
from training.inference import BATCH, logits_of, match_classes
from training.public_runs import add_log_argument, record_run
from training.record import write_json
from training.sample import add_sample_arguments, take_sample
from training.scenes import CONDITIONS, HEIGHT, UPRIGHT, VARIED, WIDTH

#: Drawn backgrounds beside the photographs.
DRAWN = 12
#: Bounds of the parts in which roll (degrees, either way) and gain are reported.
ROLLS, GAINS = (0, 7, 14, 20), (0.6, 0.87, 1.13, 1.4)
#: Side in pixels from which upright faces count as large.
LARGE = 96


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--model', action='append', required=True, type=Path, help='model folder; repeat: compare')
    add_data_arguments(parser)
    add('--split', default='', help='of the data; all of it when not given')
    add_sample_arguments(parser)
    add_search_arguments(parser)
    add('--runtime', choices=('auto', *RUNTIMES), default='auto', help='to run in')
    add('--json', type=Path, help='file for the figures')
    add_log_argument(parser)


def add_search_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the search for faces."""
    add = parser.add_argument_group('end to end').add_argument
    add(
        '--detectors', nargs='+', choices=DETECTORS,
        help='to judge with; all that can be had here when not given',
    )  # fmt: skip
    add(
        '--backgrounds', type=Path,
        help='folder of photographs to be put behind the faces, beside drawn ones; what they show '
        'of faces is given in its boxes.json',
    )  # fmt: skip
    add('--processes', type=int, help='to work in; all cores when not given')


def run(options: argparse.Namespace) -> None:
    """Judge each model with each detector; print what was found and lost; write the figures."""
    data = open_data(data_options(options))
    data = take_sample(data.split(options.split) if options.split else data, options)
    classifiers = [load_classifier(ModelCard.read(m), options.runtime) for m in options.model]
    results = end_to_end(classifiers, data, options)
    for classifier, figures in zip(classifiers, results, strict=True):
        print_figures(classifier.name, figures)
        record_run(options, 'end to end', classifier, for_card(figures))
    if options.json:
        names = [str(folder) for folder in options.model]
        write_json(options.json, dict(zip(names, results, strict=True)))


def end_to_end(
    classifiers: Sequence[Classifier], data: Dataset, options: argparse.Namespace
) -> list[dict[str, Any]]:
    """Return for each model its figures by detector. All see the same frames.

    Raises TrainingError for pictures in colour, and for models that take different crops.
    """
    specs = {classifier.crop_spec for classifier in classifiers}
    if len(specs) != 1 or data.channels != 'gray':
        raise TrainingError('models that are judged together must take the same crops, of gray '
                            'pictures; judge them one by one')  # fmt: skip
    (spec,) = specs
    findings = find_faces(
        data.pictures.load(slice(None)), backgrounds(options.backgrounds),
        options.detectors or available_detectors(), spec, options.seed, options.processes,
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


def print_figures(name: str, figures: Mapping[str, Any]) -> None:
    """Print a line for each part of the grid."""
    for detector, found in figures.items():
        print(f'{name} with {detector}: {found["elsewhere_per_frame"]:.3f} faces per frame found '
              'where none is')  # fmt: skip
        for part, row in found['rows'].items():
            print(
                f'  {part:26s} found {100 * row["found"]:5.1f} % of {row["shown"]}, '
                f'accuracy {100 * row["accuracy"]:5.1f} % instead of '
                f'{100 * row["direct"]:5.1f} %: {row["points_lost"]:+.1f} points lost'
            )


def _share(mask: NDArray[np.bool_]) -> float:
    return float(mask.mean()) if mask.size else 0.0
