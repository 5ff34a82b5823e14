"""The record of a run: its configuration, data, versions and figures."""

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
    """The data of a run.

    Attributes:
        sha256: SHA-256 of the content of all pictures and labels.
        training: Number of training pictures by class.
        development: Number of development pictures by class.
        removed: Number of pictures that were removed from training, by reason.
        unreadable: Number of pictures that could not be read.
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
    """The description of a run, for export and repetition.

    Attributes:
        command: The command line.
        config: Configuration of the run.
        architecture: Name of the network.
        parameters: Their number.
        backend: Backend of Keras.
        classes: In the order of the outputs.
        size: Side of the pictures, pixels.
        channels: 'gray' or 'rgb'.
        data: Data of the training.
        versions: Versions of Python and of packages.
        metrics: Figures of the selected epoch; none during the run.
        history: One row of figures for each epoch.
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
        """Return values for JSON that of() reads."""
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
        """Read the values of a record, also of earlier versions.

        Raises:
            TrainingError: A value is missing or has another type.
        """
        try:
            # In earlier versions, a default meant that the pictures kept their size and channels.
            arguments = dict(content['arguments'])
            for name in ('size', 'channels'):
                if arguments.get(name) is not None:
                    arguments[name] = content[name]
            return cls(
                content['command'],
                TrainConfig.of(arguments),
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
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise TrainingError(
                f'it is not the record of a run, or it is of another version: {error}'
            ) from error
