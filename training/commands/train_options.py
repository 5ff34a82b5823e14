"""The options of `train`."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from training.commands.options import add_data_arguments
from training.data.augment import AugmentConfig
from training.zoo import ARCHITECTURES

SCHEDULES = ('cosine', 'exponential', 'plateau', 'constant')
OPTIMIZERS = ('adam', 'adamw', 'sgd')
COPIES = ('near', 'exact')
#: The architecture where neither --model nor --init says one.
DEFAULT_MODEL = 'mini_xception'
#: --freeze without a number.
WHOLE_BACKBONE = -1

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
    """Declare all of them."""
    add = parser.add_argument
    add('--out', type=Path, required=True, help='folder of the run, made if needed')
    add('--resume', action='store_true', help='go on after the last whole epoch of --out')
    add('--seed', type=int, default=1, help='of weights, order and augmentation')
    add('--backend', default='auto', help='tensorflow, torch or jax; auto: the first installed')
    add_data_arguments(parser)
    add_selection_arguments(parser)
    _add_model_arguments(parser)
    _add_learning_arguments(parser)
    group = parser.add_argument_group('augmentation (0 switches a change off)')
    for field in fields(AugmentConfig):
        text = AUGMENT_HELP[field.name]
        group.add_argument(f'--{field.name}', type=float, default=field.default, help=text)


def add_selection_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say which pictures are learned from."""
    add = parser.add_argument_group('selection').add_argument
    add(
        '--development', type=float, default=0.1,
        help='share of training that choosing, stopping and calibration use, split by group; '
        '0: learn from everything and keep the last epoch',
    )  # fmt: skip
    add(
        '--test', type=float, default=0.0,
        help='share of training that is set apart for `evaluate --run`, for data without a split '
        'of its own to be judged on',
    )  # fmt: skip
    add(
        '--copies', choices=COPIES, default='near',
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
        '--freeze', type=int, nargs='?', default=0, const=WHOLE_BACKBONE, metavar='N',
        help='with --init: keep the first N convolutions as they are; without N: learn the head '
        'only',
    )  # fmt: skip
    add('--mixed-precision', action='store_true', help='compute in bfloat16')
    add('--devices', type=int, default=1, help='devices to share each batch (jax)')


def _add_learning_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group('learning').add_argument
    add('--epochs', type=int, default=60, help='passes over the training data')
    add('--batch-size', type=int, default=64, help='pictures per step')
    add('--optimizer', choices=OPTIMIZERS, default='adam', help='sgd: Nesterov momentum 0.9')
    add('--rate', type=float, default=1e-3, help='highest learning rate')
    add(
        '--rate-decay', type=float, default=1.0,
        help='factor of the rate from each convolution to the one before it; below 1, what is '
        'near the picture changes least',
    )  # fmt: skip
    add('--schedule', choices=SCHEDULES, default='cosine', help='how the rate goes over the run')
    add('--warmup', type=float, default=1.0, help='epochs of rising rate (cosine)')
    add('--ema', type=float, default=0.999, help='momentum of the averaged weights; 0: off')
    add('--l2', type=float, default=0.0, help='weight of the squared kernels in the loss')
    add('--weight-decay', type=float, default=0.0, help='decoupled, of the optimizer')
    add('--label-smoothing', type=float, default=0.0, help='share spread over all classes')
    add('--votes', type=float, default=0.0, help="share of annotators' votes in the target")
    add('--class-weights', action='store_true', help='give each class the same total weight')
    add(
        '--balance', type=float, default=0.0,
        help='logit adjustment: 1 learns as if all classes were equally frequent, 0.5 half way',
    )  # fmt: skip
    add('--teacher', type=Path, action='append', default=[], help='distil it; or several')
    add('--distill-share', type=float, default=0.5, help='share of the teachers in the loss')
    add('--distill-temperature', type=float, default=3.0, help='softening of their opinion')
    add(
        '--relabel', type=Path, action='append', default=[],
        help='blend what this model folder says of each picture into its target; or several',
    )  # fmt: skip
    add('--relabel-share', type=float, default=0.5, help='their share of the target')
    add(
        '--relabel-copies', type=int, default=0, metavar='COPIES',
        help='ask them about so many changed copies of each picture, too; each epoch learns from '
        'the next copy',
    )  # fmt: skip
    add('--patience', type=int, default=0, help='epochs without a better one; 0: never stop early')
    add('--max-minutes', type=float, default=0, help='stop after the epoch then running; 0: never')
    add('--tensorboard', action='store_true', help='also log for TensorBoard')
