"""Bytes on the wire for each frame between an edge and its compute host.

A test with two hosts measures them. It needs root. Its figures are read from its report.
"""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as Tree
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TEST = (
    'test/hosts/test_two_hosts.py::'
    'test_a_frame_with_one_face_takes_at_most_6_kilobytes_on_the_network'
)
PROPERTY = 'bytes_per_frame'


def measure(folder: Path) -> dict[str, Any]:
    """Return the bytes for each frame with one face, or the reason why they were not measured."""
    if os.geteuid() != 0:
        return {'not_measured': 'bytes on the wire: only root can create networks'}
    report = folder / 'hosts.xml'
    done = subprocess.run(
        [
            sys.executable,
            '-m',
            'pytest',
            '-q',
            '-p',
            'no:cacheprovider',
            TEST,
            f'--junitxml={report}',
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    values = (
        {entry.get('name'): entry.get('value') for entry in Tree.parse(report).iter('property')}
        if report.is_file()
        else {}
    )
    if PROPERTY not in values:
        last = (done.stdout.strip().splitlines() or ['pytest printed nothing'])[-1]
        return {'not_measured': f'bytes on the wire: {TEST} was not run ({last})'}
    return {'bytes_per_frame': float(values[PROPERTY] or 0)}
