"""Write files in one step: a reader never sees half of one, and a full disk loses nothing."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from training.errors import TrainingError

#: What took long to compute is kept here, by the content of what it was computed from.
CACHES = Path(__file__).resolve().parents[2] / '.cache'


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
    """Write arrays as write_npz() does; a failure does not stop the work, and is reported."""
    try:
        write_npz(path, **arrays)
    except TrainingError as error:
        print(f'this is not kept for the next time: {error}')
