"""The record of a run: what was asked, on which data, with which versions, and what came out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.errors import TrainingError

RECORD = 'record.json'


def read_record(run: Path) -> dict[str, Any]:
    """Read the record of a run folder; TrainingError when there is none."""
    try:
        record: dict[str, Any] = json.loads((run / RECORD).read_text())
    except FileNotFoundError as error:
        raise TrainingError(f'{run} is not a run: it has no {RECORD}; train one first') from error
    except ValueError as error:
        raise TrainingError(f'{run / RECORD} is damaged: {error}') from error
    return record
