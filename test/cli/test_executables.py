"""Properties that all programs share."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from importlib import import_module

import pytest
from support.waiting import PATIENCE

from fer_ros import executables
from fer_ros.executables import COMMANDS

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


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('name', executables.FINITE)
def test_an_interrupted_command_does_not_report_success(name, number):
    """Nodes, and commands that run until a signal, report success: test_signals.py."""
    program = LATE_SIGNAL.format(number=0, main=f'os.kill(os.getpid(), {int(number)})').replace(
        "'late'", repr(name)
    )
    ended = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (128 + number, '')


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


@pytest.mark.parametrize('arguments', [['--help'], [], ['track'], ['rtsp://me:s3c#ret@cam/live']])
def test_the_help_describes_every_command_and_names_every_node(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, 'argv', ['fer_ros', *arguments])
    assert executables.main() == (0 if arguments == ['--help'] else 2)
    told = ''.join(capsys.readouterr())
    assert all(name in told for name in executables.EXECUTABLES)
    assert all(name in executables.EXECUTABLES for some in COMMANDS.values() for name in some)
    assert 's3c' not in told
    if arguments == ['track']:
        assert told.endswith("fer_ros: there is no command 'track'\n")


@pytest.mark.parametrize(
    ('module', 'arguments', 'reason'),
    [
        ('annotate', ['x', '--out', 'o', '--jobs', '0'], '0 must be 1 to '),
        ('annotate', ['x', '--out', 'o', '--jobs', '1000000'], '1000000 must be 1 to '),
        ('annotate', ['x', '--out', 'o', '--jobs', '1.5'], "'1.5' is not a whole number"),
        ('annotate', ['x', '--out', ''], 'the path is empty'),
        ('annotate', ['', '--out', 'o'], 'the path is empty'),
        ('classify', [''], 'the path is empty'),
        ('demo', ['--duration', '-1'], '-1 must be'),
        ('demo', ['--duration', 'nan'], 'nan must be'),
        ('doctor.command', ['--seconds', 'inf'], 'inf must be 0 to 3600'),
        ('doctor.command', ['--seconds', '-1'], '-1 must be 0 to 3600'),
        ('fetch_models', ['--timeout', '0'], '0 must be 0.1 to 3600'),
        ('web', ['--fps', 'nan'], 'nan must be 0 to 1000'),
        ('web', ['--port', '65536'], '65536 must be 0 to 65535'),
        ('web', ['--port', '-1'], '-1 must be 0 to 65535'),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_before_anything_starts(
    module, arguments, reason, capsys
):
    with pytest.raises(SystemExit) as ended:
        import_module(f'fer_ros.cli.{module}').main(arguments)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize('name', ['classify', 'annotate', 'web', 'camera_node'])
def test_a_removed_current_folder_is_named(name, tmp_path):
    folder = tmp_path / 'removed'
    program = (
        f'import os; os.mkdir({str(folder)!r}); os.chdir({str(folder)!r}); '
        f'from fer_ros import executables; os.rmdir({str(folder)!r}); '
        f'raise SystemExit(executables.run({name!r}))'
    )
    ended = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr == f'{name}: the current folder was removed: change to another one\n'


@pytest.mark.parametrize('name', ['camera_node', 'rep155_node', 'web_node', 'greet', 'classify'])
def test_every_executable_has_help(name):
    """A node has no options of its own. It must not start instead."""
    pytest.importorskip('rclpy', reason='no ROS 2')
    ended = subprocess.run(
        [sys.executable, '-m', 'fer_ros', name, '--help'],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert ended.returncode == 0
    assert f'{name}: ' in ended.stdout
    assert ended.stderr == ''


def test_windows_is_refused_with_the_remedy(monkeypatch, capsys):
    with monkeypatch.context() as patched:
        patched.setattr('os.name', 'nt')
        code = executables.run('classify')
    assert code == 1
    assert capsys.readouterr().err == (
        'classify: fer_ros needs Linux or macOS: on Windows, use it in WSL\n'
    )
