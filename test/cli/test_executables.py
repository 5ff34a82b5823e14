"""Properties that all programs share."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module

import pytest

LATE_SIGNAL = """
import os, sys
from types import SimpleNamespace
from fer_ros import executables


class TakenDown:
    def __del__(self, kill=os.kill, process=os.getpid()):
        kill(process, {number})
        print('taken down', flush=True)


def main():
    {main}


left = TakenDown()
sys.modules['late'] = SimpleNamespace(main=main)
executables.EXECUTABLES['late'] = 'late'
sys.exit(executables.run('late'))
"""


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    ('main', 'code'),
    [
        pytest.param('return 0', 0, id='done'),
        pytest.param('return 1', 1, id='failed'),
        pytest.param('os.kill(os.getpid(), 15)', 0, id='ended by a signal'),
    ],
)
def test_a_signal_during_interpreter_shutdown_keeps_the_exit_code(number, main, code):
    program = LATE_SIGNAL.format(number=int(number), main=main)
    ended = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout.strip()) == (code, 'taken down'), ended.stderr


@pytest.mark.parametrize(
    ('module', 'arguments'),
    [
        ('web', ['rtsp://me:s3c#ret@cam/live']),
        ('web', ['--sorce=rtsp://me:s3c#ret@cam/live']),
        ('annotate', ['--sorce=rtsp://me:s3c#ret@cam/live']),
        ('annotate', ['rtsp://me:s3c#ret@cam/live', '--out', 'x']),
        ('classify', ['rtsp://me:s3c#ret@cam/live']),
        ('demo', ['source=rtsp://me:s3c#ret@cam/live']),
        ('launch', ['edge', 'sorce:=rtsp://me:s3c#ret@cam/live', 'x']),
    ],
)
def test_an_error_about_a_command_line_hides_its_password(
    module, arguments, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    main = import_module(f'fer_ros.cli.{module}').main
    with suppress(SystemExit):
        assert main(arguments)
    output = ''.join(capsys.readouterr())
    assert output
    assert 's3c' not in output
