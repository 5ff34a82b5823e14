"""Runs launch_files.py where a ROS distribution with launch is sourced."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.mark.skipif(
    not shutil.which('launch_test') or not shutil.which('ros2'),
    reason='no ROS distribution with launch is sourced',
)
def test_every_launch_file_starts_its_nodes_and_ends_them(tmp_path: Path) -> None:
    if subprocess.run(['ros2', 'pkg', 'prefix', 'fer_ros'], capture_output=True).returncode:
        pytest.skip('fer_ros is not installed in a sourced workspace')
    path = [str(HERE.parent), *os.environ.get('PYTHONPATH', '').split(os.pathsep)]
    result = subprocess.run(
        ['launch_test', str(HERE / 'launch_files.py')],
        env={
            **os.environ,
            'PYTHONPATH': os.pathsep.join(path),
            'ROS_LOG_DIR': str(tmp_path),
            'TMPDIR': str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-8000:]
