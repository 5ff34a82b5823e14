"""The record of runs on FER2013's PublicTest, so that it is seen how often it was looked at."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from fer_ros.core.classification import Classifier
from training.errors import TrainingError

#: The split that holds PublicTest, and where its runs are recorded.
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
        log: the record, one JSON object a line.
        split: of the data that was judged on.
        purpose: what the figures are about.
        classifier: what ran.
        figures: JSON-like values.

    Raises:
        TrainingError: the record cannot be written. A run that is not recorded does not count.
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
        raise TrainingError(f'{log} cannot record the run: {error.strerror}') from error
