"""Convert an old Keras model to a model folder: model.json with .h5 weights, .h5 or .hdf5."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.models import Normalisation
from training.base.backend import choose_backend
from training.commands.options import add_card_arguments, finite
from training.data.labels import EXPRESSIONS
from training.data.normalisation import PIXELS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        'model', metavar='MODEL', type=Path,
        help='.h5, .hdf5 or .keras file of a complete model, or model.json with its weights next '
        'to it',
    )  # fmt: skip
    parser.add_argument('--weights', type=Path, help='.h5 file with the weights for model.json')
    parser.add_argument(
        '--labels',
        nargs='+',
        default=list(EXPRESSIONS),
        help=f'classes in the order of the outputs; default: {" ".join(EXPRESSIONS)}',
    )
    parser.add_argument(
        '--mean',
        type=finite,
        default=PIXELS.mean,
        help='normalisation: the network receives (pixel - mean) * scale',
    )
    parser.add_argument(
        '--scale', type=finite, default=PIXELS.scale, help='see --mean; default: 1 / 127.5'
    )
    parser.add_argument(
        '--channel-order',
        choices=('rgb', 'bgr'),
        default='rgb',
        help='channel order of a network for colour',
    )
    parser.add_argument('--data-note', default='', help='description of the training data')
    add_card_arguments(parser)


def run(options: argparse.Namespace) -> None:
    """Load the model, remove the softmax, and export it."""
    choose_backend('tensorflow')
    from training.exporting.legacy import crop_spec_of, ending_in_logits, load_old_model
    from training.exporting.model_folder import Texts, check_free, limits_of, write_model_folder

    check_free(options.out)
    network = ending_in_logits(load_old_model(options.model, options.weights))
    write_model_folder(
        options.out,
        network,
        options.labels,
        crop_spec_of(options.model, network, options.geometry, options.channel_order),
        Texts(
            options.description or f'Imported from {options.model.name}.',
            options.licence,
            options.data_note or 'not stated',
            options.limits or limits_of(options.task),
        ),
        options.task,
        Normalisation(options.mean, options.scale),
    )
