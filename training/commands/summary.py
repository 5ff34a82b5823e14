"""Show an architecture: layers, parameters, multiply-adds, and the time per face."""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fer_ros.core.models import ModelCard
from fer_ros.core.models.card import CARD_FILE
from training.base.backend import choose_backend
from training.errors import TrainingError
from training.evaluation.latency import time_alone
from training.exporting.model_size import layer_rows, multiply_adds
from training.zoo import ARCHITECTURES, made_for

if TYPE_CHECKING:
    import keras


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        'model', metavar='MODEL', nargs='*',
        help=f'architectures ({", ".join(ARCHITECTURES)}) or model folders; default: all '
        'architectures',
    )  # fmt: skip
    parser.add_argument('--layers', action='store_true', help='also list the layers')
    parser.add_argument('--draw', type=Path, help='folder for a drawing of each architecture')
    parser.add_argument(
        '--latency', action='store_true', help='measure the time of one face in each runtime'
    )


def run(options: argparse.Namespace) -> None:
    """Print one line for each model, and the other requested output."""
    choose_backend()
    print(f'{"model":20s} {"input":>12s} {"parameters":>12s} {"multiply-adds":>14s}')
    for name in options.model or ARCHITECTURES:
        network = _network(name)
        shape = 'x'.join(str(side) for side in network.input_shape[1:])
        adds = multiply_adds(network)
        print(f'{name:20s} {shape:>12s} {network.count_params():12,d} {adds:14,d}')
        if options.layers:
            for row in layer_rows(network):
                print('  {:28s} {:18s} {:>18s} {:>11,d} {:>14,d}'.format(*row))
        if options.draw:
            from training.reports.architecture import draw

            draw(network, options.draw / f'{network.name}.png')
        if options.latency:
            for runtime, milliseconds in _latencies(name, network).items():
                print(f'  {runtime}: {milliseconds:.2f} ms for one face on one thread (median)')


def _latencies(name: str, network: keras.Model) -> dict[str, float]:
    """Return the milliseconds per face in each installed runtime that can run the model."""
    if (Path(name) / CARD_FILE).exists():
        return time_alone(ModelCard.read(Path(name)))
    from training.exporting.model_folder import export_untrained

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        return time_alone(export_untrained(network, Path(folder) / network.name))


def _network(name: str) -> keras.Model:
    from training import zoo
    from training.learning.networks import load_network

    if shape := made_for(name):
        return zoo.build(name, *shape, classes=7)
    if Path(name).exists():
        return load_network(Path(name))
    raise TrainingError(f'{name} is neither an architecture nor a folder: see --help')
