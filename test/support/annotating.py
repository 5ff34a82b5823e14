"""The command annotate in a separate process, and its output."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from support.waiting import PATIENCE

from fer_ros.core.detection.base import Search
from fer_ros.offline.settings import Settings

COMMAND = (sys.executable, '-m', 'fer_ros', 'annotate')


def searching(settings: Settings, search: Search) -> Settings:
    """Return settings that search frames another way."""
    detector = dataclasses.replace(settings.pipeline.detector, search=search)
    pipeline = dataclasses.replace(settings.pipeline, detector=detector)
    return dataclasses.replace(settings, pipeline=pipeline)


def start(arguments: Sequence[object], prefix: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Start the command; both outputs come as one."""
    return subprocess.Popen(
        [*prefix, *COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the end; return exit code and output."""
    output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output


def finished(out: Path) -> set[str]:
    """Return the names of the inputs whose results are in a folder."""
    return {
        path.parent.relative_to(out / 'inputs').as_posix()
        for path in (out / 'inputs').rglob('summary.json')
    }


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return the lines for each frame of an input."""
    return [json.loads(line) for line in (folder / 'frames.jsonl').read_text().splitlines()]


def contents(out: Path) -> dict[str, bytes]:
    """Return all files of a results folder, by name."""
    return {
        str(path.relative_to(out)): path.read_bytes() for path in out.rglob('*') if path.is_file()
    }
