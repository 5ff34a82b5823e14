"""The record of a run: what was asked, on which data, with which versions, and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training.data.dataset import Dataset
from training.data.prepare import Parts
from training.errors import TrainingError
from training.learning.config import TrainConfig


@dataclass(frozen=True)
class DataRecord:
    """What a run learned from.

    Attributes:
        sha256: of the content of all pictures and labels.
        training, development: pictures by class.
        removed: pictures that left training, by reason.
        unreadable: pictures that could not be read.
    """

    sha256: str
    training: Mapping[str, int]
    development: Mapping[str, int]
    removed: Mapping[str, int]
    unreadable: int = 0

    @classmethod
    def of(cls, data: Dataset, parts: Parts) -> DataRecord:
        """Describe a data set and its parts."""
        return cls(
            data.fingerprint(),
            parts.training.counts(),
            parts.development.counts() if parts.development else {},
            parts.removed,
            len(data.skipped),
        )


@dataclass(frozen=True)
class RunRecord:
    """What a run was, so that it can be described, exported and repeated.

    Attributes:
        command: as it was typed.
        config: what was asked for.
        architecture: name of the network; parameters: how many it has.
        backend: of Keras.
        classes: in the order of the outputs.
        size: side of the pictures, pixels. channels: 'gray' or 'rgb'.
        data: what was learned from.
        versions: of Python and of packages.
        metrics: figures of the epoch that was kept; none while the run goes on.
        history: one row of figures for each epoch.
    """

    command: str
    config: TrainConfig
    architecture: str
    parameters: int
    backend: str
    classes: tuple[str, ...]
    size: int
    channels: str
    data: DataRecord
    versions: Mapping[str, str]
    metrics: Mapping[str, float] | None = None
    history: Sequence[Mapping[str, float]] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what of() reads, as JSON-like values."""
        content = {
            'command': self.command,
            'arguments': self.config.to_json(),
            'architecture': self.architecture,
            'parameters': self.parameters,
            'backend': self.backend,
            'classes': list(self.classes),
            'size': self.size,
            'channels': self.channels,
            'data': asdict(self.data),
            'versions': dict(self.versions),
        }
        if self.metrics is None:
            return content
        return {**content, 'metrics': dict(self.metrics), 'history': list(self.history)}

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> RunRecord:
        """Read the values of a record; those of earlier versions, too.

        Raises:
            TrainingError: something is missing, or is of another kind.
        """
        try:
            return cls(
                content['command'],
                TrainConfig.of(content['arguments']),
                content['architecture'],
                content.get('parameters', 0),
                content['backend'],
                tuple(content['classes']),
                content['size'],
                content['channels'],
                DataRecord(**content['data']),
                content['versions'],
                content.get('metrics'),
                content.get('history', ()),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise TrainingError(
                f'it is not a record of a run, or of another version: {error}'
            ) from error
