"""Convert a trained run to a model folder: TFLite, ONNX and the model card."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.options import add_card_arguments
from training.exporting.precision import PRECISIONS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('run', metavar='RUN', type=Path, help='folder of a trained run')
    parser.add_argument(
        '--precision', choices=PRECISIONS, default='float32',
        help='precision of the TFLite file (ONNX stays float32; float16 also halves the Keras '
        'file). The effect is measured on the development data of the run. A loss of more than '
        'half a point of accuracy, or an increase of the ECE by more than one point, is refused',
    )  # fmt: skip
    add_card_arguments(parser)
    parser.add_argument('--data-note', default='', help='description of the training data')


def run(options: argparse.Namespace) -> None:
    """Convert, check and write the model."""
    from training.base.backend import choose_backend

    choose_backend('tensorflow')
    from training.exporting.export import export_run
    from training.exporting.model_folder import Texts, limits_of

    export_run(
        options.run, options.out, options.geometry, options.precision,
        Texts(
            options.description, options.licence, options.data_note,
            options.limits or limits_of(options.task),
        ),
        options.task,
    )  # fmt: skip
