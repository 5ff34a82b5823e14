"""What a training run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from fer_ros.core.options import check_options, documented, option, option_of
from training.data.augment import AugmentConfig
from training.data.open import DataOptions
from training.errors import TrainingError

SCHEDULES = ('cosine', 'exponential', 'plateau', 'constant')
OPTIMIZERS = ('adam', 'adamw', 'sgd')
COPIES = ('near', 'exact')
#: The architecture where neither `model` nor `init` names one.
DEFAULT_MODEL = 'mini_xception'
#: The value of `freeze` that keeps all but the head.
WHOLE_BACKBONE = -1


@documented
@dataclass(frozen=True)
class TrainConfig:
    """What to learn from, with which network, and how.

    Raises:
        TrainingError: A value is out of range, or does nothing without another.
    """

    data: DataOptions
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    development: float = option(
        0.1,
        'Share of training that choosing, stopping and calibration use, split by group; 0: learn '
        'from everything and keep the last epoch.',
        minimum=0.0,
    )
    test: float = option(
        0.0,
        'Share of training that is set apart for `evaluate --run`, for data without a split of '
        'its own to be judged on.',
        minimum=0.0,
    )
    copies: str = option(
        'near',
        'Which copies of pictures leave training: near ones too, or only exact ones.',
        choices=COPIES,
    )
    parts: Path | None = option(
        None,
        'parts.npz of another run: learn from and be judged on the same pictures, in place of the '
        'choice by --copies, --keep-repeats, --development and --test.',
    )
    keep_repeats: bool = option(
        False,
        'Keep copies within training, each another crop or label of the same photograph; only '
        'copies of evaluation pictures and groups with conflicting labels leave.',
    )
    model: str | None = option(
        None,
        f'Architecture; {DEFAULT_MODEL} where --init names none. With --init of a wider network '
        'of the same layers: begin with those of its channels that matter most.',
    )
    init: Path | None = option(
        None,
        'Start from this: a model folder, a run, a .keras file, or published weights that fit '
        '--model (training/initialisation/pretrained.py lists them).',
    )
    freeze: int = option(
        0,
        'With --init: keep the first N convolutions as they are; without N: learn the head only.',
        minimum=WHOLE_BACKBONE,
    )
    mixed_precision: bool = option(False, 'Compute in bfloat16.')
    devices: int = option(1, 'Devices that share each batch (JAX).', minimum=1)
    epochs: int = option(60, 'Passes over the training data.')
    batch_size: int = option(64, 'Pictures per step.')
    optimizer: str = option('adam', 'sgd: with Nesterov momentum 0.9.', choices=OPTIMIZERS)
    rate: float = option(1e-3, 'Highest learning rate.')
    rate_decay: float = option(
        1.0,
        'Factor of the rate from each convolution to the one before it; below 1, what is near the '
        'picture changes least.',
        minimum=0.0,
    )
    schedule: str = option('cosine', 'How the rate goes over the run.', choices=SCHEDULES)
    warmup: float = option(1.0, 'Epochs of rising rate (cosine).', minimum=0.0)
    ema: float = option(
        0.999, 'Momentum of the averaged weights; 0: off.', minimum=0.0, maximum=1.0
    )
    l2: float = option(0.0, 'Weight of the squared kernels in the loss.', minimum=0.0)
    weight_decay: float = option(0.0, 'Decoupled, of the optimizer.', minimum=0.0)
    label_smoothing: float = option(
        0.0, 'Share spread over all classes.', minimum=0.0, maximum=1.0
    )
    votes: float = option(
        0.0, "Share of annotators' votes in the target.", minimum=0.0, maximum=1.0
    )
    class_weights: bool = option(False, 'Give each class the same total weight.')
    balance: float = option(
        0.0,
        'Logit adjustment: 1 learns as if all classes were equally frequent, 0.5 half way.',
        minimum=0.0,
    )
    teacher: tuple[Path, ...] = option((), 'Distil this network; repeat for several.')
    distill_share: float = option(
        0.5, 'Share of the teachers in the loss.', minimum=0.0, maximum=1.0
    )
    distill_temperature: float = option(3.0, 'Softening of their answers.', minimum=0.0)
    relabel: tuple[Path, ...] = option(
        (),
        'Blend what this model folder says of each picture into its target; repeat for several.',
    )
    relabel_share: float = option(0.5, 'Their share of the target.', minimum=0.0, maximum=1.0)
    relabel_copies: int = option(
        0,
        'Changed copies of each picture that they are asked about, too; each epoch learns from '
        'the next copy.',
        minimum=0,
    )
    patience: int = option(0, 'Epochs without a better one before stopping; 0: never.', minimum=0)
    max_minutes: float = option(0.0, 'Stop after the epoch then running; 0: never.', minimum=0.0)
    tensorboard: bool = option(False, 'Also log for TensorBoard.')
    seed: int = option(1, 'Of weights, order and augmentation.')
    backend: str = option(
        'auto', 'tensorflow, torch or jax; auto: the fastest of those installed.'
    )

    def __post_init__(self) -> None:
        try:
            check_options(self)
        except ValueError as error:
            raise TrainingError(str(error)) from error
        if self.freeze and not self.init:
            raise TrainingError('--freeze keeps what --init brings; give --init too')
        for name, needed in (
            ('distill_share', 'teacher'),
            ('distill_temperature', 'teacher'),
            ('relabel_share', 'relabel'),
            ('relabel_copies', 'relabel'),
        ):
            default = option_of(type(self), name).default
            if getattr(self, name) != default and not getattr(self, needed):
                raise TrainingError(f'{_option(name)} does nothing without {_option(needed)}')
        for name in ('epochs', 'batch_size', 'rate'):
            if getattr(self, name) <= 0:
                raise TrainingError(f'{_option(name)} must be above 0')

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration that named values describe.

        Args:
            values: by the name of an option or attribute; those of data and augmentation stand
                beside the others, paths may be text. Names that mean nothing here are passed
                over, and values that are not there have their defaults.

        Raises:
            TrainingError: no data is named, or the values cannot be meant.
        """
        if 'data' not in values:
            raise TrainingError('the data to learn from is not named')
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
        """Return what of() reads, as JSON-like values."""
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
