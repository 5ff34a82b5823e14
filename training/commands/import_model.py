"""Turn an old Keras model into a model folder: model.json with .h5 weights, .h5 or .hdf5."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.crop import CropSpec
from fer_ros.core.models import Normalisation
from training.base.backend import choose_backend
from training.commands.options import add_card_arguments
from training.data.labels import EXPRESSIONS
from training.errors import TrainingError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        'model', metavar='MODEL', type=Path,
        help='.h5, .hdf5 or .keras file of a whole model, or model.json beside its weights',
    )  # fmt: skip
    parser.add_argument('--weights', type=Path, help='.h5 file with the weights for model.json')
    parser.add_argument(
        '--labels', nargs='+', default=list(EXPRESSIONS), help='classes, in output order'
    )
    parser.add_argument(
        '--mean', type=float, default=127.5, help='the network takes (pixel - mean) * scale'
    )
    parser.add_argument('--scale', type=float, default=1 / 127.5, help='see --mean')
    parser.add_argument(
        '--channel-order', choices=('rgb', 'bgr'), default='rgb', help='of a network for colour'
    )
    parser.add_argument('--data-note', default='', help='what it was trained on, in words')
    add_card_arguments(parser)


def run(options: argparse.Namespace) -> None:
    """Load, take the softmax off, export."""
    choose_backend('tensorflow')
    from training.exporting.legacy import ending_in_logits, load_old_model
    from training.exporting.model_folder import (
        LIMITS,
        Texts,
        check_free,
        parse_geometry,
        write_model_folder,
    )

    check_free(options.out)
    network = ending_in_logits(load_old_model(options.model, options.weights))
    shape = network.input_shape
    if len(shape) != 4 or shape[1] is None or shape[1] != shape[2] or shape[3] not in (1, 3):
        raise TrainingError(
            f'{options.model} takes {shape}; only square pictures with 1 or 3 channels, channels '
            'last, can be imported'
        )
    channels = 'gray' if shape[3] == 1 else options.channel_order
    write_model_folder(
        options.out,
        network,
        options.labels,
        CropSpec(parse_geometry(options.geometry), shape[1], channels),
        Texts(
            options.description or f'Imported from {options.model.name}.',
            options.licence,
            options.data_note or 'not stated',
            options.limits or LIMITS,
        ),
        options.task,
        Normalisation(options.mean, options.scale),
    )
