"""Show an architecture: layers, parameters, multiply-adds, and the time one face takes."""

from __future__ import annotations

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_ros.core.classification import RUNTIMES, Classifier, load_classifier
from fer_ros.core.errors import ModelError
from fer_ros.core.models import ModelCard, check_input
from fer_ros.core.models.card import CARD_FILE
from training.base.backend import choose_backend
from training.errors import TrainingError
from training.zoo import ARCHITECTURES

if TYPE_CHECKING:
    import keras

#: Faces timed one after the other, after as many that are not.
TIMED = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        'model', metavar='MODEL', nargs='*',
        help=f'architectures ({", ".join(ARCHITECTURES)}) or model folders; all without any',
    )  # fmt: skip
    parser.add_argument('--layers', action='store_true', help='list the layers too')
    parser.add_argument('--draw', type=Path, help='folder for a drawing of each architecture')
    parser.add_argument('--latency', action='store_true', help='time one face in each runtime')


def run(options: argparse.Namespace) -> None:
    """Print one line per model, and what else was asked for."""
    choose_backend()
    print(f'{"model":20s} {"input":>12s} {"parameters":>12s} {"multiply-adds":>14s}')
    for name in options.model or ARCHITECTURES:
        network = _network(name)
        shape = 'x'.join(str(side) for side in network.input_shape[1:])
        adds = multiply_adds(network)
        print(f'{network.name:20s} {shape:>12s} {network.count_params():12,d} {adds:14,d}')
        if options.layers:
            for row in layer_rows(network):
                print('  {:28s} {:18s} {:>18s} {:>11,d} {:>14,d}'.format(*row))
        if options.draw:
            draw(network, options.draw / f'{network.name}.png')
        if options.latency:
            for runtime, milliseconds in latencies(name, network).items():
                print(f'  {runtime}: {milliseconds:.2f} ms for one face on one thread (median)')


def layer_rows(network: keras.Model) -> list[tuple[str, str, str, int, int]]:
    """Return name, kind, output shape, parameters and multiply-adds of each layer."""
    return [
        (
            layer.name,
            type(layer).__name__,
            'x'.join(str(side) for side in layer.output.shape[1:]),
            layer.count_params(),
            layer_multiply_adds(layer),
        )
        for layer in network.layers
    ]


def multiply_adds(network: keras.Model) -> int:
    """Return the multiply-adds for one picture, of convolutions and dense layers."""
    return sum(layer_multiply_adds(layer) for layer in network.layers)


def layer_multiply_adds(layer: keras.Layer) -> int:
    """Return the multiply-adds of one layer for one picture; normalisation folds away."""
    kind = type(layer).__name__
    if kind == 'Dense':
        return int(np.prod(layer.kernel.shape))
    if kind not in ('Conv2D', 'SeparableConv2D', 'DepthwiseConv2D'):
        return 0
    places = int(np.prod(layer.output.shape[1:3]))
    kernels = [w for w in layer.weights if 'kernel' in w.path.rsplit('/', 1)[-1]]
    return places * sum(int(np.prod(kernel.shape)) for kernel in kernels)


def draw(network: keras.Model, path: Path) -> None:
    """Draw the size of each layer's output and its share of the work, top to bottom."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = [row for row in layer_rows(network) if row[1] not in ('InputLayer',)]
    figure = Figure(figsize=(11, 0.26 * len(rows) + 1), layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    places = np.arange(len(rows))
    axes.barh(places, [row[4] / 1e6 for row in rows], color='#7aa6d8')
    axes.set_yticks(places, [f'{row[1]} {row[2]}' for row in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel('million multiply-adds')
    axes.set_title(
        f'{network.name}: {network.count_params():,d} parameters, '
        f'{multiply_adds(network) / 1e6:.1f} million multiply-adds'
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=80)
    except OSError as error:
        raise TrainingError(f'cannot write {path} ({error.strerror})') from error
    print(f'  drawn: {path}')


def latencies(name: str, network: keras.Model) -> dict[str, float]:
    """Return milliseconds for one face in each runtime that is installed and can run it."""
    if (Path(name) / CARD_FILE).exists():
        return _time_all(ModelCard.read(Path(name)))
    from training.commands.export import export_untrained

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        return _time_all(export_untrained(network, Path(folder) / network.name))


def _time_all(card: ModelCard) -> dict[str, float]:
    found = {}
    for runtime in RUNTIMES:
        try:
            found[runtime] = median_milliseconds(load_classifier(card, runtime))
        except ModelError as error:
            print(f'  {runtime}: {error}')
    return found


def median_milliseconds(classifier: Classifier) -> float:
    """Time one face at a time; return the median."""
    crop = check_input(classifier.crop_spec, 0)
    times: list[float] = []
    for _ in range(2 * TIMED):
        begun = time.perf_counter()
        classifier.classify([crop])
        times.append(time.perf_counter() - begun)
    return float(np.median(times[TIMED:])) * 1e3


def _network(name: str) -> keras.Model:
    from training import zoo
    from training.learning.networks import load_network

    if name in ARCHITECTURES:
        size, channels = ARCHITECTURES[name]
        return zoo.build(name, size, channels, classes=7)
    if Path(name).exists():
        return load_network(Path(name))
    raise TrainingError(f'{name} is no architecture and no folder; see --help')
