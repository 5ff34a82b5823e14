"""Every command ends without a traceback when its output is closed, as with `| head`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.waiting import PATIENCE

from fer_ros.executables import EXECUTABLES

ROOT = Path(__file__).resolve().parents[2]
CLOSED = 128 + signal.SIGPIPE

#: Those whose help comes from argparse; nodes know the arguments of ROS alone.
WITH_HELP = [
    name
    for name in EXECUTABLES
    if not name.endswith('_node') and name not in ('greet', 'look_at_who_looks')
]


def into_nothing(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose output is closed from the start."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            [sys.executable, *command],
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **environment},
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(writer)


def wall(folder: Path) -> Path:
    """Write a picture without a face."""
    cv2 = pytest.importorskip('cv2')
    import numpy as np

    path = folder / 'wall.png'
    cv2.imwrite(str(path), np.full((60, 80, 3), 90, np.uint8))
    return path


@pytest.mark.parametrize('name', WITH_HELP)
def test_help_into_a_closed_pipe_ends_cleanly(name):
    pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
    pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
    done = into_nothing(['-m', 'fer_ros', name, '--help'])
    # argparse itself passes over what cannot be written.
    assert (done.returncode, done.stderr) in ((CLOSED, ''), (0, ''))


@pytest.mark.parametrize('option', ['--help', '--version', 'unknown'])
def test_the_list_of_commands_into_a_closed_pipe_ends_cleanly(option):
    done = into_nothing(['-u', '-m', 'fer_ros', option])
    assert 'Traceback' not in done.stderr
    assert done.returncode == (2 if option == 'unknown' else CLOSED)


@pytest.mark.parametrize('option', ['--help', 'classify'])
def test_a_full_disk_under_the_output_is_named_without_a_traceback(tmp_path, option):
    command = [sys.executable, '-m', 'fer_ros', option]
    if option == 'classify':
        command.append(str(wall(tmp_path)))
    with open('/dev/full', 'w') as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=PATIENCE
        )
    assert done.returncode == 1
    assert done.stderr == (
        'the output cannot be written (No space left on device): free some space, or write it '
        'elsewhere\n'
    )


@pytest.mark.parametrize('closed', ['>&-', '2>&-', '<&-', '<&- >&- 2>&-'])
def test_a_command_without_a_standard_stream_does_its_work(tmp_path, closed):
    picture, out = wall(tmp_path), tmp_path / 'out.png'
    program = f'"$0" -m fer_ros classify "$1" --out "$2" {closed}'
    done = subprocess.run(
        ['sh', '-c', program, sys.executable, str(picture), str(out)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, '')
    assert out.read_bytes().startswith(b'\x89PNG')


@pytest.mark.parametrize(
    'command',
    [['training', '--help'], ['training', 'summary', 'mini_xception'], ['benchmark', '--help']],
)
def test_training_and_benchmark_end_cleanly_on_a_closed_pipe(command):
    done = into_nothing(['-m', *command])
    if 'No module named' in done.stderr:
        pytest.skip(done.stderr.splitlines()[-1])
    assert 'Traceback' not in done.stderr
    assert 'BrokenPipe' not in done.stderr
    assert done.returncode in (CLOSED, 0)


def test_results_into_a_closed_pipe_end_cleanly(tmp_path):
    done = into_nothing(['-m', 'fer_ros', 'classify', str(wall(tmp_path))])
    assert done.returncode == CLOSED
    assert 'Traceback' not in done.stderr


def test_a_demo_with_a_closed_output_ends_with_its_nodes(tmp_path):
    pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
    pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
    from support.family import Family

    reader, writer = os.pipe()
    command = [
        sys.executable,
        '-m',
        'fer_ros',
        'demo',
        '--log-folder',
        str(tmp_path / 'log'),
        'source:=synthetic',
        'web:=false',
    ]
    with Family(
        command,
        tmp_path / 'errors.txt',
        stdout=writer,
        stderr=(tmp_path / 'errors.txt').open('wb'),
    ) as family:
        os.close(writer)
        with os.fdopen(reader) as lines:
            assert next(lines).startswith('topics: ')
        family.wait_until_all_are_gone()
        assert family.process.wait(PATIENCE) == CLOSED
        assert 'Traceback' not in family.text()


def test_other_file_errors_are_still_reported():
    program = (
        'from fer_ros.core.ending import until_output_closes\n'
        'with until_output_closes():\n    raise BrokenPipeError("of a socket")\n'
    )
    done = subprocess.run([sys.executable, '-c', program], capture_output=True, text=True)
    assert 'BrokenPipeError: of a socket' in done.stderr
