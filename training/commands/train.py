"""Train a model of the zoo, or fine-tune one, on labelled faces."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Any

from fer_ros.core.arguments import add_option
from fer_ros.core.options import option_of, options_of
from training.commands.options import add_data_arguments
from training.data.augment import AugmentConfig
from training.learning.config import WHOLE_BACKBONE, TrainConfig
from training.learning.processes import Processes, processes_of
from training.learning.record import RunRecord
from training.learning.run import Run
from training.learning.train import train
from training.zoo import known

#: Attributes of TrainConfig that help shows first.
USUAL = ('init', 'freeze', 'model', 'epochs', 'test')
#: The other attributes by the group that help shows them in.
GROUPS = {
    'selection of pictures': ('development', 'copies', 'parts', 'everything', 'keep_repeats'),
    'computation': ('seed', 'backend', 'mixed_precision', 'devices'),
    'learning': (
        'batch_size', 'optimizer', 'rate', 'rate_decay', 'schedule', 'warmup', 'ema',
        'l2', 'weight_decay', 'label_smoothing', 'votes', 'class_weights', 'balance',
        'keep_last', 'patience', 'max_minutes', 'tensorboard',
    ),
    'learning from other models': (
        'teacher', 'distill_share', 'distill_temperature', 'relabel', 'relabel_share',
        'relabel_copies',
    ),
}  # fmt: skip

#: Settings for argparse of options that are not plain numbers or texts.
READ: dict[str, dict[str, Any]] = {
    'parts': {'type': Path, 'metavar': 'FILE'},
    'model': {'type': known, 'metavar': 'NAME'},
    'init': {'type': Path},
    'freeze': {'type': int, 'nargs': '?', 'const': WHOLE_BACKBONE, 'metavar': 'N'},
    'teacher': {'type': Path, 'action': 'append'},
    'relabel': {'type': Path, 'action': 'append'},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.usage = '%(prog)s --data DATA --out RUN [option ...]'
    usual = add_training_arguments(
        parser, USUAL, 'RUN', 'folder of the run; it is created if necessary'
    )
    usual.add_argument(
        '--resume', action='store_true', help='continue after the last complete epoch of --out'
    )


def add_training_arguments(
    parser: argparse.ArgumentParser, first: Sequence[str], out: str, out_help: str
) -> argparse._ActionsContainer:
    """Declare the options of a training and --out.

    Args:
        parser: Parser of the command.
        first: Attributes of TrainConfig for the first group.
        out: The word for the value of --out.
        out_help: Its help.

    Returns:
        The first group.
    """
    usual = parser.add_argument_group('the usual options')
    add_data_arguments(parser, first=usual)
    usual.add_argument('--out', type=Path, required=True, metavar=out, help=out_help)
    for name in first:
        _add(usual, name)
    for title, names in GROUPS.items():
        group = parser.add_argument_group(title)
        for name in names:
            _add(group, name)
    group = parser.add_argument_group('augmentation (0 disables a change)')
    for name in options_of(AugmentConfig):
        add_option(group, AugmentConfig, name)
    return usual


def _add(group: argparse._ActionsContainer, name: str) -> None:
    """Declare the option of an attribute of TrainConfig."""
    found = option_of(TrainConfig, name)
    flag = '--' + name.replace('_', '-')
    if isinstance(found.default, bool):
        group.add_argument(flag, action='store_true', help=found.description)
    elif name in READ:
        default = [] if found.default == () else found.default
        group.add_argument(flag, default=default, help=found.description, **READ[name])
    else:
        add_option(group, TrainConfig, name)


def run(options: argparse.Namespace) -> None:
    """Train, and print the figures of the selected epoch."""
    config = TrainConfig.of(vars(options))
    processes = processes_of()
    command = 'python -m training ' + shlex.join(sys.argv[1:])
    with ExitStack() as stack:
        stack.enter_context(processes.connected())
        processes.wait()
        if not processes.first:
            stack.enter_context(redirect_stdout(stack.enter_context(open(os.devnull, 'w'))))
        record = _train(config, Run(options.out), processes, options.resume, command)
        metrics = record.metrics or {}
        print(', '.join(f'{n.replace("_", " ")} {v:.4g}' for n, v in metrics.items()))


def _train(
    config: TrainConfig, run: Run, processes: Processes, resume: bool, command: str
) -> RunRecord:
    """Train. After Ctrl-C, print how to continue."""
    try:
        return train(config, run, processes, resume, command)
    except KeyboardInterrupt:
        if run.begun:
            print(f'{run.folder}: add --resume to continue after the last complete epoch')
        raise
