"""Writing of files in one step, so that no file is ever incomplete."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import TrainingError

#: Cache of results that take long to compute, by the content of their input.
CACHES = Path(__file__).resolve().parents[2] / '.cache'


def write_json(path: Path, content: Any) -> None:
    """Write JSON in one step. Raises TrainingError if the disk is full."""
    write_bytes(path, (json.dumps(content, indent=2) + '\n').encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step. After an error, the earlier content is unchanged."""
    part = path.with_name(path.name + '.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open('wb') as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        kept = 'the earlier file is kept' if path.exists() else 'there is no earlier file'
        raise TrainingError(
            f'cannot write {path} ({error.strerror}): check the disk space and the permissions; '
            f'{kept}'
        ) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Create the folder of a file, and name the file if it cannot be written in the `with` block.

    Raises:
        TrainingError: The folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise TrainingError(
            f'cannot write {path} ({error.strerror}): check the path, the disk space and the '
            'permissions'
        ) from error


def write_npz(path: Path, **arrays: Any) -> None:
    """Write named arrays as .npz in one step, like write_bytes()."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def keep_for_next_time(path: Path, **arrays: Any) -> None:
    """Write arrays like write_npz(). A failure is reported and does not stop the command."""
    try:
        write_npz(path, **arrays)
    except TrainingError as error:
        print(f'the intermediate result is not stored for the next run: {error}')
