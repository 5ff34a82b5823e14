"""Train several architectures with the same budget, and compare their accuracy and time."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import math
import shlex
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from training.base.backend import choose_backend
from training.base.files import write_json
from training.commands.train import USUAL, add_training_arguments
from training.errors import TrainingError
from training.evaluation.latency import processor, time_side_by_side
from training.learning.config import TrainConfig
from training.learning.processes import Processes
from training.learning.run import Run
from training.learning.train import changed_settings, train
from training.zoo import ARCHITECTURES, known

#: Times are multiples of the time of this architecture.
REFERENCE = 'mini_xception'
#: The runtimes that a robot prefers.
TIMED = ('litert', 'onnxruntime')
#: Name of the results in --out.
RESULTS = 'search'

Row = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.usage = '%(prog)s --data DATA --shape NAME [NAME ...] --out FOLDER [option ...]'
    usual = add_training_arguments(
        parser, [name for name in USUAL if name != 'model'], 'FOLDER',
        'folder of the runs and the results; the same command continues an interrupted search',
    )  # fmt: skip
    usual.add_argument(
        '--shape', nargs='+', type=known, required=True, metavar='NAME',
        help='architectures to train: names that the command summary lists, or a specification of '
        'a face_resnet, such as face_resnet-16-32-64x3-128 for a stem of 16 channels and stages '
        'of 32, 64 (with three blocks instead of two) and 128. Each stage halves the size of the '
        'feature maps, unless k follows. -separable at the end makes the blocks depthwise, '
        '-se adds squeeze and excitation',
    )  # fmt: skip


def run(options: argparse.Namespace) -> None:
    """Train what is not trained yet, measure all architectures in turns, and write the results."""
    if not importlib.util.find_spec('tensorflow'):
        raise TrainingError(
            'search measures exported files, and the export needs TensorFlow: install it'
        )
    config = TrainConfig.of(vars(options))
    if config.everything or not config.development:
        raise TrainingError(
            'search compares the accuracy on development pictures: remove --everything, and use '
            '--development above 0'
        )
    command = 'python -m training ' + shlex.join(sys.argv[1:])
    runs = {shape: Run(options.out / shape) for shape in options.shape}
    for shape, folder in runs.items():
        _train(replace(config, model=shape), folder, command)
    rows = best_first(_measure(runs))
    origin = {'command': command, 'machine': processor(), 'reference': REFERENCE}
    write_json(options.out / f'{RESULTS}.json', {**origin, 'shapes': rows})
    from training.reports.search import write_report

    write_report(options.out / f'{RESULTS}.md', rows, origin)


def _train(config: TrainConfig, run: Run, command: str) -> None:
    """Train one architecture, or continue its run. A complete run is kept.

    It is trained in another process: the backend that trains fastest need not be the one that
    exports.
    """
    if run.begun:
        record = run.read_record()
        # The record has the size and the channels that the pictures had.
        size, channels = config.data.size or record.size, config.data.channels or record.channels
        data = replace(config.data, size=size, channels=channels)
        changed = changed_settings(record.config, replace(config, data=data))
        if changed:
            raise TrainingError(
                f'{run.folder} was trained with other settings ({", ".join(changed)}), so the '
                'architectures would not have the same budget: name another --out'
            )
        if record.metrics and record.config.epochs == config.epochs:
            print(f'{config.model} is trained')
            return
    print(f'training {config.model}', flush=True)
    try:
        with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as executor:
            executor.submit(train, config, run, Processes(), run.begun, command).result()
    except BrokenProcessPool as error:
        raise TrainingError(
            f'the training of {config.model} was ended, possibly because the memory is full: run '
            'the same command again'
        ) from error


def _measure(runs: Mapping[str, Run]) -> list[Row]:
    """Return size, accuracy and time of each architecture."""
    choose_backend('tensorflow')
    from training import zoo
    from training.exporting.model_folder import export_untrained
    from training.exporting.model_size import multiply_adds
    from training.learning.networks import load_network

    networks = [load_network(run.folder) for run in runs.values()]
    size, channels = ARCHITECTURES[REFERENCE]
    reference = zoo.build(REFERENCE, size, channels, networks[0].output_shape[-1])
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stdout(io.StringIO()):
            cards = [
                export_untrained(network, Path(folder) / str(number))
                for number, network in enumerate([reference, *networks])
            ]
        _, *latencies = time_side_by_side(cards, TIMED)
    if not latencies[0]:
        raise TrainingError(f'no runtime is installed: install one of {", ".join(TIMED)}')
    rows = []
    for (shape, run), network, latency in zip(runs.items(), networks, latencies, strict=True):
        ratios = [times['ratio'] for times in latency.values()]
        record = run.read_record()
        rows.append({
            'shape': shape,
            'parameters': network.count_params(),
            'multiply_adds': multiply_adds(network),
            'development_pictures': sum(record.data.development.values()),
            **(record.metrics or {}),
            'latency': latency,
            'time': math.prod(ratios) ** (1 / len(ratios)),
        })  # fmt: skip
    return rows


def best_first(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with `best`: the best ones first, and the faster ones before the slower.

    An architecture is one of the best if no other one is as accurate and faster, or as fast and
    more accurate.
    """
    merits = [(-row['development_accuracy'], row['time']) for row in rows]
    marked = [
        {
            **row,
            'best': not any(
                other != own and other[0] <= own[0] and other[1] <= own[1] for other in merits
            ),
        }
        for row, own in zip(rows, merits, strict=True)
    ]
    return sorted(marked, key=lambda row: (not row['best'], row['time']))
