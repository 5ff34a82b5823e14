"""The record of runs on FER2013's PublicTest, which shows how often it was used."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fer_ros.core.classification import Classifier
from training.errors import TrainingError

#: The split of PublicTest, and the record of its runs.
PUBLIC = 'public'
LOG = Path(__file__).resolve().parents[2] / 'models' / 'publictest_runs.jsonl'


def record_run(
    log: Path,
    split: str,
    purpose: str,
    classifier: Classifier,
    figures: Mapping[str, Any],
) -> None:
    """Append date, model, hash of the file that ran and figures, if the run was on PublicTest.

    Args:
        log: The record, one JSON object per line.
        split: Split of the evaluation data.
        purpose: Subject of the figures.
        classifier: The model that ran.
        figures: JSON-like values.

    Raises:
        TrainingError: The record cannot be written. Such a run does not count.
    """
    if split != PUBLIC:
        return
    row = {
        'date': datetime.now(timezone.utc).isoformat(timespec='seconds'),
        'purpose': purpose,
        'model': classifier.name,
        'model_hash': classifier.model_hash,
        'runtime': classifier.runtime_name,
        **figures,
    }
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open('a') as file:
            file.write(json.dumps(row) + '\n')
    except OSError as error:
        raise TrainingError(
            f'cannot record the run in {log} ({error.strerror}): check the path and the '
            'permissions'
        ) from error
