"""Show what in a picture speaks for a class: guided back-propagation and Grad-CAM."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.base.backend import choose_backend
from training.errors import TrainingError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--model', type=Path, help='model folder or run')
    add(
        '--picture', type=Path,
        help='crop of a face, or a photograph: its largest face is cut out',
    )  # fmt: skip
    add('--class', dest='label', default='', help='class to explain; the likeliest when not given')
    add('--out', type=Path, default=Path('explanation.png'), help='picture that is written')
    add('--backend', default='auto', help='tensorflow, torch or jax')
    # Model and picture were positions before they were options.
    add('positions', nargs='*', type=Path, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> None:
    """Write the picture beside its two maps."""
    model, picture = _model_and_picture(options)
    choose_backend(options.backend)
    from training.explaining.explanation import explain
    from training.reports.plots import explanation_figure

    found = explain(model, picture, options.label)
    if found.crop:
        print(found.crop)
    figure = explanation_figure(found.image, found.maps, f'apparent expression: {found.label}')
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(options.out, dpi=100)
    except OSError as error:
        raise TrainingError(f'cannot write {options.out} ({error.strerror})') from error
    print(f'{options.out}: what speaks for {found.label}')


def _model_and_picture(options: argparse.Namespace) -> tuple[Path, Path]:
    given = [path for path in (options.model, options.picture) if path] + options.positions
    if len(given) != 2 or bool(options.model) != bool(options.picture):
        raise TrainingError('name one model and one picture: --model and --picture')
    return given[0], given[1]
