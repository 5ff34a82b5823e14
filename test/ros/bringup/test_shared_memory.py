"""Files that a run leaves in shared memory. A folder replaces /dev/shm; needs no ROS."""

from __future__ import annotations

import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from fer_ros.ros.bringup.shared_memory import shared_memory_swept

HOLD_OPEN = 'import sys; f = open(sys.argv[1]); print("open", flush=True); sys.stdin.read()'
HOLD_MAPPED = (
    'import mmap, os, sys; f = os.open(sys.argv[1], os.O_RDWR); m = mmap.mmap(f, 0); os.close(f); '
    'print("mapped", flush=True); sys.stdin.read()'
)


def test_files_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    with shared_memory_swept(tmp_path):
        for name in (
            'fastrtps_a1_el',
            'sem.fastrtps_port7412_mutex',
            'fastdds_a1',
            'sem.fastdds_port7412_mutex',
            'lttng-ust-wait-6-0',
        ):
            (tmp_path / name).touch()
    assert list(tmp_path.iterdir()) == []


def test_files_are_removed_after_an_error(tmp_path: Path) -> None:
    def leave_a_segment_and_fail() -> None:
        with shared_memory_swept(tmp_path):
            (tmp_path / 'fastrtps_a1').touch()
            raise KeyError

    with pytest.raises(KeyError):
        leave_a_segment_and_fail()
    assert list(tmp_path.iterdir()) == []


def test_earlier_and_foreign_files_stay(tmp_path: Path) -> None:
    (tmp_path / 'fastrtps_port7411').touch()
    with shared_memory_swept(tmp_path):
        (tmp_path / 'another-program').touch()
    assert {path.name for path in tmp_path.iterdir()} == {'fastrtps_port7411', 'another-program'}


def test_the_tracing_page_is_removed_even_if_rclpy_was_imported_before(tmp_path: Path) -> None:
    (tmp_path / 'lttng-ust-wait-6').touch()
    with shared_memory_swept(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('program', [HOLD_OPEN, HOLD_MAPPED], ids=['open', 'mapped'])
def test_files_in_use_by_another_process_stay(tmp_path: Path, program: str) -> None:
    segment = tmp_path / 'fastrtps_port7412'
    with shared_memory_swept(tmp_path):
        segment.write_bytes(bytes(mmap.PAGESIZE))
        command = [sys.executable, '-c', program, str(segment)]
        other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        other.stdout.readline()
    other.communicate()
    assert segment.exists()
