"""Tables, chart and summary of one input, written while its frames arrive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack, suppress

from fer_ros.core.errors import FerError
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.results.chart import sequence_chart
from fer_ros.offline.results.output import (
    CHART,
    EVENTS,
    FACES,
    FRAMES,
    SUMMARY,
    Part,
    output_errors,
)
from fer_ros.offline.results.records import Record, Tables
from fer_ros.offline.results.tally import Tally
from fer_ros.offline.settings import Settings


class Results:
    """Writes the records of one input. finish() completes the files.

    Args:
        model: Name of the model of the labels.
        fps: Approximate frames per second.

    Raises:
        OutputError: They cannot be written.
    """

    def __init__(
        self,
        one: Input,
        part: Part,
        settings: Settings,
        model: str,
        class_names: Sequence[str],
        attributes: Sequence[str],
        fps: float,
    ) -> None:
        self._one = one
        self._part = part
        self._settings = settings
        self._model = model
        self._class_names = class_names
        self._tally = Tally(1 / fps)
        with output_errors(part.folder), ExitStack() as stack:
            files = [
                stack.enter_context((part.tables / name).open('w', encoding='utf-8', newline=''))
                for name in (FACES, EVENTS, FRAMES)
            ]
            # File names can contain any bytes. One that is not UTF-8 would make the whole table
            # unreadable.
            name = one.name.encode('utf-8', 'backslashreplace').decode()
            self._tables = Tables(name, class_names, attributes, *files)
            # From here on, __exit__() closes them.
            self._files = stack.pop_all()

    @property
    def frames(self) -> int:
        """Return the number of frames so far."""
        return self._tally.frames

    def add(self, record: Record) -> None:
        """Add the next frame."""
        with output_errors(self._part.folder):
            self._tables.add(record)
        self._tally.add(record)

    def finish(self, warning: str) -> None:
        """Write the rest.

        Raises:
            FerError: There was no frame.
        """
        if not self.frames:
            raise FerError(f'it contains no frame: {warning or "it is empty"}')
        with output_errors(self._part.folder):
            self._files.close()
        one = self._one
        summary = {
            'input': one.name,
            'path': str(one.path),
            'kind': one.kind,
            'topic': one.topic.name if one.topic else '',
            'warning': warning,
            **self._tally.as_json(),
            'model': self._model,
            'class_names': list(self._class_names),
            'fingerprint': one.fingerprint,
            'settings': self._settings.as_json(),
        }
        chart = sequence_chart(summary, self._class_names)
        with output_errors(self._part.folder):
            (self._part.tables / CHART).write_text(chart, 'utf-8', errors='replace')
            (self._part.tables / SUMMARY).write_text(
                json.dumps(summary, indent=1) + '\n', encoding='utf-8'
            )

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the files. After an error, their last lines can fail to fit on the disk."""
        with suppress(OSError):
            self._files.close()
