"""The folder of a training run and its files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer_ros.core.folder_lock import lock_folder
from training.base.files import write_json, writing
from training.data.dataset import Dataset
from training.data.prepare import Parts
from training.errors import DataError, TrainingError
from training.learning.parts import PARTS, open_run_data, read_parts, restore, select, write_parts
from training.learning.record import RunRecord

RECORD = 'record.json'
BEST = 'best.keras'


class Run:
    """A run: record, parts of the data, network of the best epoch, checkpoint, log, curves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def begun(self) -> bool:
        """Whether the folder contains a run."""
        return (self.folder / RECORD).exists()

    @property
    def best(self) -> Path:
        """The network of the best epoch."""
        return self.folder / BEST

    @property
    def checkpoint(self) -> Path:
        """The state after the last complete epoch."""
        return self.folder / 'last.npz'

    @property
    def log(self) -> Path:
        """The figures of each epoch, CSV."""
        return self.folder / 'log.csv'

    @property
    def curves(self) -> Path:
        """The plot of the figures of each epoch."""
        return self.folder / 'curves.png'

    @property
    def tensorboard(self) -> Path:
        """The folder of the TensorBoard log."""
        return self.folder / 'tensorboard'

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder, and keep other processes from writing the run.

        Raises:
            TrainingError: Another process writes it, or the folder cannot be created.
        """
        with writing(self.folder / RECORD):
            try:
                lock = lock_folder(self.folder)
            except BlockingIOError as error:
                raise TrainingError(
                    f'another training writes into {self.folder}: wait until it ends, or choose '
                    'another --out'
                ) from error
        with lock:
            yield

    def read_record(self) -> RunRecord:
        """Return the record. Raises TrainingError if there is none or it is damaged."""
        path = self.folder / RECORD
        try:
            return RunRecord.of(json.loads(path.read_text()))
        except FileNotFoundError as error:
            raise TrainingError(
                f'{self.folder} is not a run, because it has no {RECORD}: name the folder of a run'
            ) from error
        except (TrainingError, ValueError) as error:
            raise TrainingError(f'{path} is damaged: {error}') from error

    def write_record(self, record: RunRecord) -> None:
        """Write the record."""
        write_json(self.folder / RECORD, record.to_json())

    def write_parts(self, data: Dataset, parts: Parts) -> None:
        """Write the use of each picture."""
        write_parts(self.folder / PARTS, data, parts)

    def read_parts(self, data: Dataset) -> tuple[Dataset, Parts] | None:
        """Return the data and its parts from the files of the run.

        It is None if the run has no parts, as in earlier versions, or they belong to other data.

        Raises:
            TrainingError: The file is damaged.
        """
        path = self.folder / PARTS
        if not path.is_file():
            return None
        kept = read_parts(path)
        if not kept.belongs_to(data):
            return None
        return restore(data, kept, kept.removed or self.read_record().data.removed)

    def data(self) -> tuple[Dataset, Parts]:
        """Return the data and the parts of the run, read again according to its record.

        Raises:
            TrainingError: The run does not exist.
            DataError: The data has changed.
        """
        record = self.read_record()
        config = record.config
        data = open_run_data(config)
        kept = self.read_parts(data)
        changed = kept is None and (self.folder / PARTS).is_file()
        if not changed:
            data, parts = kept or select(data, config)
        if changed or data.fingerprint() != record.data.sha256:
            raise DataError(
                f'{", ".join(config.data.sources)} has changed since the run, because its '
                'SHA-256 differs from the record: name the data to use with --data'
            )
        return data, parts
