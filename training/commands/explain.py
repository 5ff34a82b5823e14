"""Show which parts of a picture support a class: guided back-propagation and Grad-CAM."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.base.backend import BACKENDS, choose_backend
from training.errors import TrainingError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--model', type=Path, required=True, help='model folder or run')
    add(
        '--picture', type=Path, required=True,
        help='crop of a face, or a photograph, from which the largest face is cropped',
    )  # fmt: skip
    add(
        '--class',
        dest='label',
        default='',
        help='class to explain; default: the most probable one',
    )
    add('--out', type=Path, default=Path('explanation.png'), help='picture to write')
    add('--backend', choices=('auto', *BACKENDS), default='auto', help='Keras backend')


def run(options: argparse.Namespace) -> None:
    """Write the picture next to its two maps."""
    from matplotlib.figure import Figure

    if options.out.suffix.lower()[1:] not in Figure().canvas.get_supported_filetypes():
        raise TrainingError(
            f'{options.out} is not a picture file: use a name that ends in .png, .jpg, .svg or '
            '.pdf'
        )
    choose_backend(options.backend)
    from training.explaining.explanation import explain
    from training.reports.plots import explanation_figure
    from training.reports.report import save_figure

    found = explain(options.model, options.picture, options.label)
    if found.crop:
        print(found.crop)
    figure = explanation_figure(found.image, found.maps, f'evidence for {found.label}')
    save_figure(figure, options.out, dpi=100)
    print(f'{options.out}: evidence for {found.label}')
