"""The command web: its output, its errors and its end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from support.waiting import PATIENCE

from fer_ros.cli.web import main


def status_of(asked: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code


def refusal(*arguments: str) -> str:
    """Return what web prints when it refuses to start.

    It runs in a separate process, because NiceGUI can create its pages only once in a process.
    """
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    refused = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'web', '--detector', 'haar', *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert refused.returncode == 1, refused.stderr
    return refused.stderr


def test_web_serves_a_source_until_a_signal_ends_it(tmp_path):
    pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')
    process = subprocess.Popen(
        [
            sys.executable,
            '-m',
            'fer_ros',
            'web',
            '--source',
            'synthetic',
            '--port',
            '0',
            '--detector',
            'haar',
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        lines = iter(process.stdout.readline, '')
        address = next(line.split()[-1] for line in lines if line.startswith('dashboard:'))
        with urllib.request.urlopen(f'{address}/faces', timeout=PATIENCE) as answer:
            assert json.load(answer)['state'] in ('starting', 'searching')
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            assert b'fer_ros' in answer.read()
        for method, path, status in (
            ('GET', '/classify', 405),
            ('POST', '/faces', 405),
            ('DELETE', '/', 405),
            ('POST', '/headset', 405),
            ('GET', '/nowhere', 404),
            ('GET', '/headset?colour=red', 400),
            ('GET', '/?theme=dark', 200),
        ):
            asked = urllib.request.Request(address + path, method=method)
            assert status_of(asked) == status, path
    finally:
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    assert 'Traceback' not in output
    assert list(tmp_path.iterdir()) == [], 'it leaves nothing where it was started'


@pytest.mark.parametrize(
    ('arguments', 'words'),
    [
        (['--address', '0.0.0.0'], 'there is no token'),
        (['--source', '/nowhere/clip.mp4', '--port', '0'], '/nowhere/clip.mp4'),
        (['--token-file', '/nowhere/token'], '/nowhere/token'),
        (['--model', 'nowhere', '--port', '0'], 'nowhere'),
    ],
)
def test_an_impossible_option_is_explained_in_one_line(arguments, words):
    source = [] if '--source' in arguments else ['--source', 'synthetic']
    error = refusal(*source, *arguments)
    assert error.startswith('web: ')
    assert words in error
    assert len(error.splitlines()) == 1


def test_a_busy_port_is_named():
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f'port {port}' in refusal('--source', 'synthetic', '--port', port)


def test_without_its_libraries_web_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr('fer_ros.web.libraries.find_spec', lambda name: None)
    assert main([]) == 1
    assert 'pip install nicegui' in capsys.readouterr().err
