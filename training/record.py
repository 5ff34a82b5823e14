"""The record of a run: what was asked, on which data, with which versions, and what came out."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import TrainingError

RECORD = 'record.json'
#: What took long to compute is kept here, by the content of what it was computed from.
CACHES = Path(__file__).resolve().parents[1] / '.cache'


def write_json(path: Path, content: Any) -> None:
    """Write JSON so that a reader never sees half of it; TrainingError when the disk is full."""
    write_bytes(path, (json.dumps(content, indent=2) + '\n').encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file in one step: after an error the earlier content is still there."""
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
        kept = 'the earlier one is kept' if path.exists() else 'nothing was there before'
        raise TrainingError(f'cannot write {path} ({error.strerror}); {kept}') from error


def write_npz(path: Path, **arrays: Any) -> None:
    """Write named arrays as NumPy's .npz, in one step as write_bytes() does."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    write_bytes(path, buffer.getvalue())


def keep_for_next_time(path: Path, **arrays: Any) -> None:
    """Write arrays as write_npz() does; not being able to is no reason to stop, and is said."""
    try:
        write_npz(path, **arrays)
    except TrainingError as error:
        print(f'this is not kept for the next time: {error}')


def read_record(run: Path) -> dict[str, Any]:
    """Read the record of a run folder; TrainingError when there is none."""
    try:
        record: dict[str, Any] = json.loads((run / RECORD).read_text())
    except FileNotFoundError as error:
        raise TrainingError(f'{run} is no run: it has no {RECORD}; train one first') from error
    except ValueError as error:
        raise TrainingError(f'{run / RECORD} is damaged: {error}') from error
    return record
