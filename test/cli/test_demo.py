"""The demo as a person starts it: what it prints, how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clips import face_at, nobody, write_clip
from support.robot import free_domain

from fer_ros.cli.demo import main

PATIENCE = 120.0


@pytest.fixture
def environment(tmp_path):
    with free_domain() as domain:
        yield {**os.environ, 'ROS_DOMAIN_ID': str(domain), 'ROS_LOG_DIR': str(tmp_path / 'ros'),
               'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}


@pytest.fixture
def face_clip(shared_media, tmp_path):
    face = [still.image for still in face_at(shared_media, [(320, 240)] * 20)]
    return write_clip(tmp_path / 'face.avi', [*face, *nobody(30)], 10.0)


def command(tmp_path, *arguments: str, web: str = 'false') -> list[str]:
    return [sys.executable, '-m', 'fer_ros', 'demo', '--log-folder', str(tmp_path / 'log'),
            f'web:={web}', *arguments]


def run(tmp_path, environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(tmp_path, *arguments), env=environment, capture_output=True, text=True,
        timeout=PATIENCE, check=False)


@pytest.mark.parametrize('arguments', [[], ['single_process:=true', 'namespace:=robot1']],
                         ids=['three processes', 'single process in a namespace'])
def test_events_are_printed_as_they_come_and_it_ends_by_itself(
        tmp_path, environment, face_clip, arguments):
    result = run(tmp_path, environment, '--duration', '8', f'source:={face_clip}', *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    assert 'Traceback' not in result.stdout + result.stderr
    assert 'source: video face.avi' in result.stdout
    # The clip is repeated: an event of its first pass may come before the demo is connected.
    assert re.search(r's  f\w+  appeared: \w+ \(\d\.\d\d\)', result.stdout)
    assert re.search(r's  f\w+  left:     last \w+, seen for \d\.\d s', result.stdout)
    events, faces, frames = re.search(
        r'(\d+) events of (\d+) faces in (\d+) frames', result.stdout).groups()
    assert int(events) >= 2
    assert int(faces) >= 1
    assert int(frames) > 10


def test_a_source_without_faces_gives_no_events(tmp_path, environment):
    result = run(tmp_path, environment, '--duration', '1', 'source:=synthetic')
    assert result.returncode == 0, result.stdout + result.stderr
    assert '0 events of 0 faces' in result.stdout


def test_a_source_that_is_not_there_is_named_and_the_exit_code_tells(tmp_path, environment):
    result = run(tmp_path, environment, '--duration', '5', 'source:=/nowhere/clip.mp4')
    assert result.returncode == 1
    assert '/nowhere/clip.mp4' in result.stdout
    assert 'Traceback' not in result.stdout + result.stderr


def test_the_dashboard_is_started_and_its_address_printed(tmp_path, environment):
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    process = subprocess.Popen(
        command(tmp_path, 'source:=synthetic', 'single_process:=true', web=''), env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        address = next(
            line.split()[-1] for line in process.stdout if line.startswith('dashboard: '))
        with urllib.request.urlopen(f'{address}/healthz', timeout=PATIENCE) as answer:
            assert json.load(answer)['state']
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_its_nodes_cleanly(tmp_path, environment, number):
    process = subprocess.Popen(
        command(tmp_path, 'source:=synthetic', 'single_process:=true'), env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if 'source: synthetic' in line:
                break
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    output = ''.join(lines) + output
    assert process.returncode == 0, output
    assert 'Traceback' not in output
    assert 'ended with exit code' not in output


def test_on_a_terminal_a_status_line_tells_that_it_searches_for_a_face(tmp_path, environment):
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        command(tmp_path, '--duration', '1', 'source:=synthetic', 'single_process:=true'),
        env=environment, stdin=subprocess.DEVNULL, stdout=end, stderr=end)
    os.close(end)
    output = b''
    try:
        while chunk := os.read(terminal, 4096):
            output += chunk
    except OSError:
        pass  # The terminal's other end was closed: the demo has ended.
    assert process.wait(PATIENCE) == 0, output
    assert b'\r\x1b[Ksearching for a face' in output
    os.close(terminal)


@pytest.mark.parametrize(('argument', 'words'), [
    ('clip.mp4', "'clip.mp4' is not of the form name:=value"),
    ('sauce:=clip.mp4', "no argument 'sauce'"),
    ('source:=caf\udce9.png', r'source:=caf\udce9.png: ROS takes UTF-8 alone; rename the file'),
    ('detector:=dlib', 'one of auto, retinaface, yunet, haar'),
    ('params_file:=/nowhere/mine.yaml', '/nowhere/mine.yaml')])
def test_a_wrong_argument_is_explained_and_nothing_is_started(capsys, argument, words):
    with pytest.raises(SystemExit) as ended:
        main([argument])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_help_lists_the_arguments(capsys):
    with pytest.raises(SystemExit) as ended:
        main(['--help'])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert '--duration' in text
    assert 'single_process:=' in text
