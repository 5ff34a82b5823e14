"""Train a model of the zoo, or fine-tune one, on labelled faces."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from contextlib import ExitStack, redirect_stdout
from dataclasses import fields
from pathlib import Path

from training.commands.options import add_data_arguments
from training.data.augment import AugmentConfig
from training.learning.config import (
    COPIES,
    DEFAULT_MODEL,
    OPTIMIZERS,
    SCHEDULES,
    WHOLE_BACKBONE,
    TrainConfig,
)
from training.learning.processes import processes_of
from training.learning.run import Run
from training.learning.train import train
from training.zoo import ARCHITECTURES

AUGMENT_HELP = {
    'rotation': 'degrees either way',
    'shift': 'share of the side',
    'zoom': 'share either way',
    'flip': 'probability of mirroring',
    'crop': 'largest share of the side that is cut off',
    'brightness': 'added, share of white',
    'contrast': 'factor 1 +- this',
    'saturation': 'factor 1 +- this (colour only)',
    'lighting': 'deviation of PCA lighting noise, try 0.1',
    'gamma': 'tones bent by an exponent up to 1 + this, or its inverse',
    'degrade': 'probability of blur, noise, low resolution or JPEG',
    'erase': 'probability of an erased rectangle',
    'cover': 'probability of glasses, a mask or a bar drawn onto a face framed like FER2013',
    'mixup': 'alpha of the Beta distribution, try 0.2',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('--out', type=Path, required=True, help='folder of the run, made if needed')
    add('--resume', action='store_true', help='go on after the last whole epoch of --out')
    add('--seed', type=int, default=TrainConfig.seed, help='of weights, order and augmentation')
    add(
        '--backend', default=TrainConfig.backend,
        help='tensorflow, torch or jax; auto: the fastest of those installed',
    )  # fmt: skip
    add_data_arguments(parser)
    _add_selection_arguments(parser)
    _add_model_arguments(parser)
    _add_learning_arguments(parser)
    group = parser.add_argument_group('augmentation (0 switches a change off)')
    for field in fields(AugmentConfig):
        text = AUGMENT_HELP[field.name]
        group.add_argument(f'--{field.name}', type=float, default=field.default, help=text)


def run(options: argparse.Namespace) -> None:
    """Train, print the figures of the epoch that was kept."""
    config = TrainConfig.of(vars(options))
    processes = processes_of()
    command = 'python -m training ' + shlex.join(sys.argv[1:])
    with ExitStack() as stack:
        stack.enter_context(processes.connected())
        processes.wait()
        if not processes.first:
            stack.enter_context(redirect_stdout(stack.enter_context(open(os.devnull, 'w'))))
        record = train(config, Run(options.out), processes, options.resume, command)
        metrics = record.metrics or {}
        print(', '.join(f'{name} {value:.4g}' for name, value in metrics.items()))


def _add_selection_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group('selection').add_argument
    add(
        '--development', type=float, default=TrainConfig.development,
        help='share of training that choosing, stopping and calibration use, split by group; '
        '0: learn from everything and keep the last epoch',
    )  # fmt: skip
    add(
        '--test', type=float, default=TrainConfig.test,
        help='share of training that is set apart for `evaluate --run`, for data without a split '
        'of its own to be judged on',
    )  # fmt: skip
    add(
        '--copies', choices=COPIES, default=TrainConfig.copies,
        help='which copies of pictures leave training: near ones too, or only exact ones',
    )  # fmt: skip
    add(
        '--parts', type=Path, metavar='FILE',
        help='learn from and be judged on the same pictures as another run: its parts.npz, in '
        'place of the choice by --copies, --keep-repeats, --development and --test',
    )  # fmt: skip
    add(
        '--keep-repeats', action='store_true',
        help='keep copies within training, each another crop or label of the same photograph; '
        'only copies of evaluation pictures and groups with conflicting labels leave',
    )  # fmt: skip


def _add_model_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group('model').add_argument
    add(
        '--model', choices=sorted(ARCHITECTURES),
        help=f'architecture; {DEFAULT_MODEL} where nothing else says it. With --init of a wider '
        'network of the same layers: begin with those of its channels that matter most',
    )  # fmt: skip
    add(
        '--init', type=Path,
        help='start from this: a model folder, a run, a .keras file, or published weights that '
        'fit --model (training/initialisation/pretrained.py lists them)',
    )  # fmt: skip
    add(
        '--freeze', type=int, nargs='?', default=TrainConfig.freeze, const=WHOLE_BACKBONE,
        metavar='N',
        help='with --init: keep the first N convolutions as they are; without N: learn the head '
        'only',
    )  # fmt: skip
    add('--mixed-precision', action='store_true', help='compute in bfloat16')
    add(
        '--devices', type=int, default=TrainConfig.devices,
        help='devices to share each batch (jax)',
    )  # fmt: skip


def _add_learning_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group('learning')

    def add(name: str, text: str, kind: type = float) -> None:
        default = getattr(TrainConfig, name)
        group.add_argument('--' + name.replace('_', '-'), type=kind, default=default, help=text)

    add('epochs', 'passes over the training data', int)
    add('batch_size', 'pictures per step', int)
    group.add_argument(
        '--optimizer', choices=OPTIMIZERS, default=TrainConfig.optimizer,
        help='sgd: Nesterov momentum 0.9',
    )  # fmt: skip
    add('rate', 'highest learning rate')
    add(
        'rate_decay',
        'factor of the rate from each convolution to the one before it; below 1, what is near the '
        'picture changes least',
    )
    group.add_argument(
        '--schedule', choices=SCHEDULES, default=TrainConfig.schedule,
        help='how the rate goes over the run',
    )  # fmt: skip
    add('warmup', 'epochs of rising rate (cosine)')
    add('ema', 'momentum of the averaged weights; 0: off')
    add('l2', 'weight of the squared kernels in the loss')
    add('weight_decay', 'decoupled, of the optimizer')
    add('label_smoothing', 'share spread over all classes')
    add('votes', "share of annotators' votes in the target")
    group.add_argument(
        '--class-weights', action='store_true', help='give each class the same total weight'
    )
    add(
        'balance',
        'logit adjustment: 1 learns as if all classes were equally frequent, 0.5 half way',
    )
    group.add_argument(
        '--teacher', type=Path, action='append', default=[], help='distil it; or several'
    )
    add('distill_share', 'share of the teachers in the loss')
    add('distill_temperature', 'softening of their answers')
    group.add_argument(
        '--relabel', type=Path, action='append', default=[],
        help='blend what this model folder says of each picture into its target; or several',
    )  # fmt: skip
    add('relabel_share', 'their share of the target')
    group.add_argument(
        '--relabel-copies', type=int, default=TrainConfig.relabel_copies, metavar='COPIES',
        help='ask them about so many changed copies of each picture, too; each epoch learns from '
        'the next copy',
    )  # fmt: skip
    add('patience', 'epochs without a better one; 0: never stop early', int)
    add('max_minutes', 'stop after the epoch then running; 0: never')
    group.add_argument('--tensorboard', action='store_true', help='also log for TensorBoard')
