"""The record of runs on FER2013's PublicTest, so that it is seen how often it was looked at."""

from __future__ import annotations

import argparse
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


def add_log_argument(parser: argparse.ArgumentParser) -> None:
    """Declare the option that record_run reads."""
    parser.add_argument(
        '--log', type=Path, default=LOG, help=f'each run on the split {PUBLIC} is recorded here'
    )


def record_run(
    options: argparse.Namespace,
    purpose: str,
    classifier: Classifier,
    figures: Mapping[str, Any],
) -> None:
    """Append date, model, hash of the file that ran and figures, if the run was on PublicTest.

    Raises TrainingError where the record cannot be written: a run that is not recorded does not
    count.
    """
    if options.split != PUBLIC:
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
        options.log.parent.mkdir(parents=True, exist_ok=True)
        with options.log.open('a') as file:
            file.write(json.dumps(row) + '\n')
    except OSError as error:
        raise TrainingError(f'{options.log} cannot record the run: {error.strerror}') from error
