"""What a training run is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class TrainConfig:
    """What to learn from, with which network, and how.

    Attributes:
        data: labelled pictures.
        augment: random changes of the training pictures.
        development: share of training, [0, 1), for choosing the epoch, stopping and calibration.
        test: share of training that is set apart as the split 'test', [0, 1).
        copies: of COPIES, which copies leave training.
        parts: parts.npz of another run, in place of the four selections.
        keep_repeats: keep copies within training.
        model: architecture of the zoo.
        init: where the first weights come from: model folder, run, .keras file or known weights.
        freeze: convolutions that stay as they are, counted from the input; or WHOLE_BACKBONE.
        mixed_precision: compute in bfloat16.
        devices: that share each batch (JAX).
        epochs: passes over the training pictures.
        batch_size: pictures per step.
        optimizer: of OPTIMIZERS.
        rate: highest learning rate.
        rate_decay: factor of the rate from each convolution to the one before it.
        schedule: of SCHEDULES.
        warmup: epochs of rising rate (cosine).
        ema: momentum of the averaged weights, 0: off.
        l2: weight of the squared kernels in the loss.
        weight_decay: decoupled, of the optimizer.
        label_smoothing: share of each target that is spread over all classes.
        votes: share of annotators' votes in the target.
        class_weights: give each class the same total weight.
        balance: strength of the logit adjustment.
        teacher: networks to distil; distill_share of the loss, at distill_temperature.
        relabel: model folders whose answers make relabel_share of each target.
        relabel_copies: changed copies of each picture they are asked about, too.
        patience: epochs without a better one before stopping, 0: never.
        max_minutes: stop after the epoch then running, 0: never.
        tensorboard: also log for TensorBoard.
        seed: of weights, order and augmentation.
        backend: of Keras, or 'auto'.

    Raises:
        TrainingError: values that cannot be meant.
    """

    data: DataOptions
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    development: float = 0.1
    test: float = 0.0
    copies: str = 'near'
    parts: Path | None = None
    keep_repeats: bool = False
    model: str | None = None
    init: Path | None = None
    freeze: int = 0
    mixed_precision: bool = False
    devices: int = 1
    epochs: int = 60
    batch_size: int = 64
    optimizer: str = 'adam'
    rate: float = 1e-3
    rate_decay: float = 1.0
    schedule: str = 'cosine'
    warmup: float = 1.0
    ema: float = 0.999
    l2: float = 0.0
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    votes: float = 0.0
    class_weights: bool = False
    balance: float = 0.0
    teacher: tuple[Path, ...] = ()
    distill_share: float = 0.5
    distill_temperature: float = 3.0
    relabel: tuple[Path, ...] = ()
    relabel_share: float = 0.5
    relabel_copies: int = 0
    patience: int = 0
    max_minutes: float = 0.0
    tensorboard: bool = False
    seed: int = 1
    backend: str = 'auto'

    def __post_init__(self) -> None:
        if self.freeze and not self.init:
            raise TrainingError('--freeze keeps what --init brings; give --init too')
        for name, needed in (
            ('distill_share', 'teacher'),
            ('distill_temperature', 'teacher'),
            ('relabel_share', 'relabel'),
            ('relabel_copies', 'relabel'),
        ):
            if getattr(self, name) != getattr(type(self), name) and not getattr(self, needed):
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
        own['data'] = DataOptions(values['data'], **data)
        return cls(**own | {'augment': AugmentConfig(**augment)})

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
