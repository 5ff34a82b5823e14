"""Errors at the start: one line that names the fault, and exit code 1."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.robot import PATIENCE, free_domain


def run(node: str, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    with free_domain() as domain:
        return subprocess.run(
            [sys.executable, '-m', 'fer_ros', node, *arguments],
            env={**os.environ, 'ROS_DOMAIN_ID': str(domain)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )


def assert_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 1
    assert 'Traceback' not in result.stderr
    (line,) = [line for line in result.stderr.splitlines() if line.startswith('fer_ros:')]
    for word in words:
        assert word in line


@pytest.mark.parametrize(
    ('node', 'parameter', 'words'),
    [
        ('camera_node', 'jpeg_quality:=101', ['jpeg_quality is 101: it must be 1 to 100']),
        ('camera_node', 'jpeg_quality:=high', ["jpeg_quality is 'high'", 'of type int']),
        ('camera_node', 'fps:=fast', ["fps is 'fast'", 'of type double', '5.0 is a double']),
        (
            'face_detector_node',
            'detector:=dlib',
            ['detector', "'dlib'", 'retinaface, yunet, haar'],
        ),
        ('emotion_classifier_node', 'time_constant:=0.0', ['time_constant is 0.0: it must be']),
        ('single_process', 'hold:=-1.0', ['hold is -1.0: it must be']),
    ],
)
def test_a_wrong_parameter_is_named_with_the_allowed_values(node, parameter, words):
    assert_refused(run(node, ['--ros-args', '-p', parameter]), *words)


def test_a_missing_params_file_is_named(tmp_path):
    missing = str(tmp_path / 'missing.yaml')
    assert_refused(run('camera_node', ['--ros-args', '--params-file', missing]), missing)


@pytest.mark.parametrize(
    ('program', 'arguments', 'words'),
    [
        ('camera_node', ['source:=demo'], ['source:=demo is not an argument of this node', '-p']),
        ('camera_node', ['-p', 'source:=demo'], ['-p is not an argument of this node']),
        ('camera_node', ['--ros-args', '-p', 'source=demo'], ['write -p NAME:=VALUE']),
        ('single_process', ['--ros-args', '-p', 'source=demo'], ['write -p NAME:=VALUE']),
        ('camera_node', ['--ros-args', '--nonsense'], ['--nonsense']),
    ],
)
def test_a_wrong_argument_of_a_node_is_named(program, arguments, words):
    assert_refused(run(program, arguments), *words)


@pytest.mark.parametrize('program', ['record', 'classify_image'])
@pytest.mark.parametrize('arguments', [['-p', 'hold=1'], ['--params-file', 'missing.yaml']])
def test_a_wrong_ros_argument_of_a_command_is_named(program, arguments, tmp_path):
    picture = tmp_path / 'picture.png'
    picture.write_bytes(b'no picture is read before the arguments')
    own = ['--out', str(tmp_path / 'bag')] if program == 'record' else [str(picture)]
    result = run(program, [*own, '--ros-args', *arguments])
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f'{program}: ')
    assert arguments[1] in line
    assert not (tmp_path / 'bag').exists()


@pytest.mark.parametrize(
    'arguments', [['-p', 'source:=caf\udce9.png'], ['--params-file', 'caf\udce9.yaml']]
)
def test_an_argument_that_ros_cannot_read_is_named_with_the_remedy(arguments):
    result = run('camera_node', ['--ros-args', *arguments])
    words = arguments[1].encode('ascii', 'backslashreplace').decode()
    assert_refused(result, f'{words}: ROS accepts only UTF-8: rename the file')


@pytest.mark.parametrize(
    ('program', 'option', 'reason'),
    [
        ('classify_image', '--timeout=0', 'no node serves classify_image'),
        ('record', '--out', r'caf\udce9 already exists and is not changed'),
    ],
)
def test_a_command_accepts_a_file_name_that_is_not_utf_8(program, option, reason, tmp_path):
    file = tmp_path / 'caf\udce9'
    file.write_bytes(b'no picture')
    result = run(program, [option, str(file)])
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
    assert reason in result.stderr


def test_a_signal_during_the_start_ends_the_node_quietly():
    with free_domain() as domain:
        process = subprocess.Popen(
            [
                sys.executable,
                '-m',
                'fer_ros',
                'single_process',
                '--ros-args',
                '-p',
                'source:=synthetic',
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, 'ROS_DOMAIN_ID': str(domain), 'PYTHONVERBOSE': '1'},
        )
        for line in process.stdout:
            if 'fer_ros.executables' in line:
                break
        # After the import of the table of executables. The imports of the nodes take long.
        while 'cv2' not in line:
            line = next(process.stdout)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert 'Traceback' not in output
