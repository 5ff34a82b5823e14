"""A soak (support/soak.py) as a process during a test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def start_soak(minutes: float, output: Path) -> subprocess.Popen[bytes]:
    """Start a soak that writes its figures into a file."""
    folders = [str(Path(__file__).resolve().parents[1]), os.environ.get('PYTHONPATH', '')]
    return subprocess.Popen(
        [sys.executable, '-m', 'support.soak', '--minutes', str(minutes), '--output', str(output)],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, folders))},
        stdout=subprocess.DEVNULL,
    )
