"""The results folder. Its content is always complete, even after a crash.

annotated/NAME        the picture or video
inputs/NAME/          tables, chart and summary of one input; exists only if it is finished
faces.csv, events.csv, frames.jsonl, chart.svg, summary.json
                      of all inputs, written last
manifest.json         the settings and the inputs
.unfinished/          the results so far of unfinished inputs
.parts/               files that are being written; moved to their place when complete
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from fer_ros.core.errors import OutputError
from fer_ros.core.folder_lock import lock_folder
from fer_ros.core.models.files import write_atomically
from fer_ros.offline.inputs.finding import Input
from fer_ros.offline.settings import FORMAT, Settings

MANIFEST = 'manifest.json'
SUMMARY = 'summary.json'
FACES, EVENTS, FRAMES, CHART = 'faces.csv', 'events.csv', 'frames.jsonl', 'chart.svg'
#: Files about all inputs together.
TOTALS = (FACES, EVENTS, FRAMES, CHART, SUMMARY)

_ANNOTATED, _INPUTS, _PARTS, _UNFINISHED = 'annotated', 'inputs', '.parts', '.unfinished'
#: Formats that are kept. Pictures in other formats become PNG.
_WRITABLE_PICTURES = ('.jpg', '.jpeg', '.png')


class OutputFolder:
    """The results folder. Its methods raise OutputError if it cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.abspath(folder))

    def annotated(self, one: Input) -> Path:
        """Return the path of the annotated picture or video of an input."""
        path = self.folder / _ANNOTATED / one.name
        suffix = path.suffix.lower()
        if one.kind == 'picture':
            kept = suffix in _WRITABLE_PICTURES
            return path if kept else path.with_name(path.name + '.png')
        kept = one.kind == 'video' and suffix == '.mp4'
        return path if kept else path.with_name(path.name + '.mp4')

    def results(self, one: Input) -> Path:
        """Return the folder of the tables of an input."""
        return self.folder / _INPUTS / one.name

    def unfinished(self, one: Input, settings: Settings) -> Path:
        """Return the folder of the results so far of an input. It depends on the settings."""
        key = json.dumps([one.name, str(one.path), one.fingerprint, settings.as_json()])
        return self.folder / _UNFINISHED / hashlib.sha256(key.encode()).hexdigest()[:16]

    def clear_unfinished(self) -> None:
        """Remove the results so far of unfinished inputs."""
        shutil.rmtree(self.folder / _UNFINISHED, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create and lock the folder. Remove incomplete files at both ends of the block."""
        with output_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_own()
            try:
                lock = lock_folder(self.folder)
            except BlockingIOError as error:
                raise OutputError(
                    f'another annotate writes into {self.folder}: wait until it ends, or name '
                    'another folder'
                ) from error
        with lock:
            self._clear_parts()
            with output_errors(self.folder):
                (self.folder / _PARTS).mkdir()
            try:
                yield
            finally:
                self._clear_parts()

    def read_manifest(self) -> dict[str, Any] | None:
        """Return the manifest, or None in a new folder."""
        path = self.folder / MANIFEST
        if not path.is_file():
            return None
        try:
            manifest: dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
            if manifest['format'] != FORMAT:
                raise ValueError(f'it has format {manifest["format"]} instead of {FORMAT}')
            return manifest
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise OutputError(f'{path} cannot be read ({error}): name a new folder') from error

    def _check_own(self) -> None:
        """Raise OutputError if the folder contains other files."""
        there = {entry.name for entry in self.folder.iterdir()}
        if there - {_PARTS, _UNFINISHED} and MANIFEST not in there:
            raise OutputError(
                f'{self.folder} contains other files ({min(there)}): name a new folder, or a '
                'folder of an earlier annotate'
            )

    def write_manifest(self, manifest: dict[str, Any]) -> None:
        """Replace the manifest."""
        self.write_total(MANIFEST, json.dumps({'format': FORMAT, **manifest}, indent=1) + '\n')

    def write_total(self, name: str, text: str) -> None:
        """Write a file of the folder, completely or not at all."""
        with output_errors(self.folder):
            write_atomically(self.folder / name, text.encode(errors='replace'))

    def finished(self, one: Input, settings: Settings) -> dict[str, Any] | None:
        """Return the summary of an input if its results are up to date, otherwise None.

        Raises:
            OutputError: The results of another file have its name.
        """
        try:
            text = (self.results(one) / SUMMARY).read_text(encoding='utf-8')
            summary: dict[str, Any] = json.loads(text)
        except (OSError, ValueError):
            return None
        earlier = summary.get('path', str(one.path))
        moved = summary.get('fingerprint') == one.fingerprint and not os.path.exists(earlier)
        if earlier != str(one.path) and not moved:
            raise OutputError(
                f'{self.folder} contains the results of {earlier} under the name {one.name}: '
                f'name another folder for {one.path}, or add --again to delete all results in '
                'the folder'
            )
        same = (
            summary.get('fingerprint') == one.fingerprint
            and summary.get('settings') == settings.as_json()
            and (not settings.pictures or one.recorded or self.annotated(one).is_file())
        )
        return summary if same else None

    def forget(self, one: Input) -> None:
        """Remove the results of an input that must be processed again."""
        with output_errors(self.folder):
            # Move it first, so that an incomplete result is never in its place.
            if self.results(one).exists():
                grave = self._new_part()
                os.replace(self.results(one), grave / 'old')
                shutil.rmtree(grave)
            self.annotated(one).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all results."""
        with output_errors(self.folder):
            (self.folder / MANIFEST).unlink(missing_ok=True)
            self.forget_totals()
            self.clear_unfinished()
            for name in (_INPUTS, _ANNOTATED):
                if (self.folder / name).exists():
                    shutil.rmtree(self.folder / name)

    def forget_totals(self) -> None:
        """Remove the files about all inputs, which are written again at the end."""
        with output_errors(self.folder):
            for name in TOTALS:
                (self.folder / name).unlink(missing_ok=True)

    def log(self, process: int) -> Path:
        """Return the file for the output of a worker process of this machine."""
        return self.folder / _PARTS / f'{process}.log'

    @contextmanager
    def wanted(self) -> Iterator[Path]:
        """Yield a file that exists, and that other machines see, while results are wanted."""
        mark = self.folder / _PARTS / f'{uuid.uuid4().hex}.wanted'
        with output_errors(self.folder):
            mark.touch()
        try:
            yield mark
        finally:
            mark.unlink(missing_ok=True)

    @contextmanager
    def part(self) -> Iterator[Part]:
        """Yield a place for the results of one input.

        Results that are not committed are removed.
        """
        with output_errors(self.folder):
            part = Part(self, self._new_part())
        try:
            yield part
        finally:
            shutil.rmtree(part.folder, ignore_errors=True)

    @contextmanager
    def total(self, name: str) -> Iterator[IO[bytes]]:
        """Yield a file of the folder to write. It is moved to its place when it is complete."""
        with output_errors(self.folder), self.part() as part:
            path = part.folder / name
            with path.open('wb') as file:
                yield file
                os.fsync(file.fileno())
            os.replace(path, self.folder / name)

    def _clear_parts(self) -> None:
        shutil.rmtree(self.folder / _PARTS, ignore_errors=True)

    def _new_part(self) -> Path:
        part = self.folder / _PARTS / uuid.uuid4().hex
        part.mkdir()
        return part


class Part:
    """The results of one input during writing."""

    def __init__(self, output: OutputFolder, folder: Path) -> None:
        self._output = output
        self.folder = folder
        self.tables = folder / 'tables'
        with output_errors(output.folder):
            self.tables.mkdir()

    def annotated(self, one: Input) -> Path:
        """Return the path for the annotated picture or video."""
        return self.folder / f'annotated{self._output.annotated(one).suffix.lower()}'

    def commit(self, one: Input) -> None:
        """Sync everything to disk and move it to its place, the folder of tables last."""
        with output_errors(self._output.folder):
            files = [*self.tables.iterdir(), *self.folder.glob('annotated.*')]
            for path in files:
                with path.open('rb') as file:
                    os.fsync(file.fileno())
            picture = self.annotated(one)
            if picture.exists():
                _move(picture, self._output.annotated(one))
            target = self._output.results(one)
            try:
                _move(self.tables, target)
            except OSError as error:
                # Another machine, which counted as dead, has already written the same results.
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(source, target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def output_errors(folder: Path) -> Iterator[None]:
    """Convert an OSError of writing results to an OutputError."""
    try:
        yield
    except OSError as error:
        shown = folder.parents[1] if folder.parent.name == _PARTS else folder
        again = ', then run the same command again to continue'
        remedy = f'check that the folder exists and its permissions{again}'
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            remedy = f'free some space{again}'
        elif error.errno == errno.EROFS:
            remedy = 'its file system is read-only: name a folder on another one'
        elif error.errno in (errno.EEXIST, errno.ENOTDIR):
            remedy = 'a part of this path is a file: name another folder'
        raise OutputError(
            f'cannot write into {shown} ({error.strerror or error}): {remedy}'
        ) from error
