"""The configuration of a training run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from fer_ros.core.options import check_options, documented, option, option_of
from training.base.backend import BACKENDS
from training.data.augment import AugmentConfig
from training.data.open import DataOptions
from training.errors import TrainingError

SCHEDULES = ('cosine', 'exponential', 'plateau', 'constant')
OPTIMIZERS = ('adam', 'adamw', 'sgd')
COPIES = ('near', 'exact')
#: The architecture if neither `model` nor `init` names one.
DEFAULT_MODEL = 'mini_xception'
#: The value of `freeze` that freezes everything except the head.
WHOLE_BACKBONE = -1


@documented
@dataclass(frozen=True)
class TrainConfig:
    """The data, the network and the settings of a training run.

    Raises:
        TrainingError: A value is out of range, or has no effect without another one.
    """

    data: DataOptions
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    development: float = option(
        0.1,
        'Share of the training data that is held out to choose the epoch and for calibration, '
        'split by group; 0: train on everything and keep the last epoch.',
        minimum=0.0,
    )
    test: float = option(
        0.0,
        'Share of the training data that is reserved for `evaluate --run`, if the data has no '
        'test split.',
        minimum=0.0,
    )
    copies: str = option(
        'near',
        'Copies that are removed from training: near and exact copies, or only exact copies.',
        choices=COPIES,
    )
    parts: Path | None = option(
        None,
        'parts.npz of another run: use the same pictures for training and evaluation, instead of '
        'a split by --copies, --keep-repeats, --development and --test.',
    )
    everything: bool = option(
        False,
        'Train on the evaluation pictures too, and keep the last epoch: for the last run of a '
        'recipe that was evaluated without this option.',
    )
    keep_repeats: bool = option(
        False,
        'Keep copies within the training data, which are other crops of the same photograph. Only '
        'copies of evaluation pictures and groups with conflicting labels are removed.',
    )
    model: str | None = option(
        None,
        f'Architecture; the command summary lists them. Default: that of --init, otherwise '
        f'{DEFAULT_MODEL}. If --init is a wider network with the same layers: start with its most '
        f'important channels.',
    )
    init: Path | None = option(
        None,
        'Initial weights: a model folder, a run, a .keras file, or published weights that fit '
        '--model (training/initialisation/pretrained.py lists them).',
    )
    freeze: int = option(
        0,
        'With --init: freeze the first N convolutions; without N: train only the head.',
        minimum=WHOLE_BACKBONE,
    )
    mixed_precision: bool = option(False, 'Compute in bfloat16.')
    devices: int = option(1, 'Number of devices that share each batch (JAX).', minimum=1)
    epochs: int = option(60, 'Number of passes over the training data.')
    batch_size: int = option(64, 'Number of pictures per step.')
    optimizer: str = option(
        'adam', 'Optimizer. sgd uses Nesterov momentum 0.9.', choices=OPTIMIZERS
    )
    rate: float = option(1e-3, 'Highest learning rate.')
    rate_decay: float = option(
        1.0,
        'Ratio of the learning rate of each convolution to that of the next one. Below 1, the '
        'first convolutions change least.',
        minimum=0.0,
    )
    schedule: str = option(
        'cosine', 'Course of the learning rate over the run.', choices=SCHEDULES
    )
    warmup: float = option(
        1.0, 'Number of epochs at the start in which the rate rises (cosine).', minimum=0.0
    )
    ema: float = option(
        0.999,
        'Momentum of the averaged weights; 0: off. It is at most 1 - 1 / (2 x steps of an epoch), '
        'so that the average includes no more than two epochs.',
        minimum=0.0,
        maximum=1.0,
    )
    l2: float = option(0.0, 'Weight of the squared kernels in the loss.', minimum=0.0)
    weight_decay: float = option(0.0, 'Decoupled weight decay of the optimizer.', minimum=0.0)
    label_smoothing: float = option(
        0.0, 'Share of each target that is distributed over all classes.', minimum=0.0, maximum=1.0
    )
    votes: float = option(
        0.0, "Share of annotators' votes in the target.", minimum=0.0, maximum=1.0
    )
    class_weights: bool = option(False, 'Give each class the same total weight.')
    balance: float = option(
        0.0,
        'Logit adjustment: 1 trains as if all classes were equally frequent, and 0.5 is halfway.',
        minimum=0.0,
    )
    teacher: tuple[Path, ...] = option(
        (), 'Teacher network for distillation; repeat the option for several.'
    )
    distill_share: float = option(
        0.5, 'Weight of the teachers in the loss, as a share.', minimum=0.0, maximum=1.0
    )
    distill_temperature: float = option(
        3.0, 'Temperature that softens the output of teachers.', minimum=0.0
    )
    relabel: tuple[Path, ...] = option(
        (),
        'Model folder whose output for each picture is blended into the target; repeat the '
        'option for several.',
    )
    relabel_share: float = option(
        0.5, 'Share of the output of --relabel in the target.', minimum=0.0, maximum=1.0
    )
    relabel_copies: int = option(
        0,
        'Number of changed copies of each picture that --relabel also labels; each epoch uses '
        'the next copy.',
        minimum=0,
    )
    keep_last: bool = option(
        False,
        'Keep the averaged weights of the last epoch instead of the best one, as --everything '
        'does.',
    )
    patience: int = option(
        0, 'Number of epochs without improvement after which to stop; 0: never.', minimum=0
    )
    max_minutes: float = option(
        0.0, 'Minutes after which to stop at the end of the epoch; 0: never.', minimum=0.0
    )
    tensorboard: bool = option(False, 'Also log for TensorBoard.')
    seed: int = option(
        1,
        'Seed of the weights, the order and the augmentation, and of the choice of --development '
        'and --test.',
    )
    backend: str = option(
        'auto', 'Keras backend; auto: the fastest installed one.', choices=('auto', *BACKENDS)
    )

    def __post_init__(self) -> None:
        try:
            check_options(self)
        except ValueError as error:
            raise TrainingError(str(error)) from error
        if self.freeze and not self.init:
            raise TrainingError('--freeze needs the weights of --init: add --init')
        for name, needed in (
            ('distill_share', 'teacher'),
            ('distill_temperature', 'teacher'),
            ('relabel_share', 'relabel'),
            ('relabel_copies', 'relabel'),
        ):
            default = option_of(type(self), name).default
            if getattr(self, name) != default and not getattr(self, needed):
                raise TrainingError(
                    f'{_option(name)} has no effect without {_option(needed)}: add it, or remove '
                    f'{_option(name)}'
                )
        if self.everything and (self.parts or self.test):
            raise TrainingError(
                '--everything leaves no pictures for an evaluation: remove --parts and --test'
            )
        if self.keep_last and self.patience:
            raise TrainingError(
                '--patience waits for a better epoch, and --keep-last keeps the last one: remove '
                'one of them'
            )
        for name in ('epochs', 'batch_size', 'rate'):
            if not 0 < getattr(self, name) < math.inf:
                raise TrainingError(f'{_option(name)} must be above 0')
        for name in ('development', 'test'):
            if getattr(self, name) >= 1:
                raise TrainingError(
                    f'{_option(name)} is {getattr(self, name):g}: it must be below 1, so that '
                    'pictures for training are left'
                )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration from named values.

        Args:
            values: By the name of an option or attribute, including those of data and
                augmentation. Paths can be text. Unknown names are ignored, and missing values have
                their defaults.

        Raises:
            TrainingError: No data is named, or the values are invalid.
        """
        if 'data' not in values:
            raise TrainingError('the training data is missing: name it with --data')
        data = {name: values[name] for name in _names(DataOptions) if name in values}
        augment = {name: values[name] for name in _names(AugmentConfig) if name in values}
        own = {name: values[name] for name in _names(cls) if name in values}
        for name in ('parts', 'init'):
            own[name] = Path(own[name]) if own.get(name) else None
        for name in ('teacher', 'relabel'):
            own[name] = tuple(Path(path) for path in own.get(name, ()))
        try:
            own['data'] = DataOptions(values['data'], **data)
            own['augment'] = AugmentConfig(**augment)
        except ValueError as error:
            raise TrainingError(str(error)) from error
        return cls(**own)

    def to_json(self) -> dict[str, Any]:
        """Return values for JSON that of() reads."""
        own = {
            name: _as_json(getattr(self, name))
            for name in _names(type(self))
            if name not in ('data', 'augment')
        }
        data = asdict(self.data)
        return {'data': list(data.pop('sources')), **data, **own, **asdict(self.augment)}


def _names(kind: type[Any]) -> list[str]:
    return [field.name for field in fields(kind)]


def _option(name: str) -> str:
    return '--' + name.replace('_', '-')


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(path) for path in value]
    return str(value) if isinstance(value, Path) else value
