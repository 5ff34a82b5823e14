"""The detector file is downloaded and checked, or nothing is written and the error is shown."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fer_ros.cli import fetch_models

DETECTOR = b'stands for the detector' * 1000


class Handler(BaseHTTPRequestHandler):
    """Answers each path with a different fault."""

    def do_GET(self) -> None:
        if self.path == '/missing':
            self.send_error(404)
        elif self.path == '/moved':
            self.send_response(302)
            self.send_header('Location', '/good')
            self.end_headers()
        elif self.path == '/elsewhere':
            self.send_response(302)
            self.send_header('Location', 'file:///etc/hostname')
            self.end_headers()
        elif self.path == '/truncated':
            self._answer(DETECTOR[:100], announced=len(DETECTOR))
        elif self.path == '/cut':
            self._answer(DETECTOR[:100])
        elif self.path == '/other':
            self._answer(DETECTOR + b'!')
        elif self.path == '/endless':
            self._send_endlessly(b'0' * 65536, pause=0.0)
        elif self.path == '/slow':
            self._send_endlessly(b'0', pause=0.02)
        else:
            self._answer(DETECTOR)

    def _answer(self, body: bytes, announced: int | None = None) -> None:
        self.send_response(200)
        self.send_header('Content-Length', str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)

    def _send_endlessly(self, chunk: bytes, pause: float) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(chunk)
                time.sleep(pause)
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope='module')
def server() -> Iterator[str]:
    """The address of a server on this machine."""
    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
        yield f'http://127.0.0.1:{http.server_port}'
        http.shutdown()


@pytest.fixture(autouse=True)
def _here_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sha256 = hashlib.sha256(DETECTOR).hexdigest()
    monkeypatch.setattr(fetch_models, 'MODEL_SHA256', sha256)
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path / 'data'))
    for variable in ('http_proxy', 'HTTP_PROXY', 'FER_ROS_MODEL_PATH'):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / 'models'


def fetched(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize('path', ['/good', '/moved'])
def test_the_file_is_written_and_named(
    server: str, folder: Path, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    assert fetch_models.main(['--to', str(folder), '--url', server + path]) == 0
    target = folder / fetch_models.MODEL_FILE
    assert fetched(folder) == [target]
    assert target.read_bytes() == DETECTOR
    assert target.stat().st_mode & 0o444 == 0o444
    said = capsys.readouterr().out
    assert f'wrote {target}' in said
    assert 'FER_ROS_MODEL_PATH' in said


def test_the_default_folder_is_the_user_folder(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch_models.main(['--url', server + '/good']) == 0
    assert fetched(tmp_path / 'data/fer_ros/models')
    assert 'FER_ROS_MODEL_PATH' not in capsys.readouterr().out


def test_an_existing_file_is_not_fetched_again(
    server: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch_models.main(['--to', str(folder), '--url', server + '/good'])
    assert fetch_models.main(['--to', str(folder), '--url', server + '/missing']) == 0
    assert 'already exists' in capsys.readouterr().out


def test_an_altered_file_is_replaced(server: str, folder: Path) -> None:
    folder.mkdir()
    (folder / fetch_models.MODEL_FILE).write_bytes(b'altered')
    assert fetch_models.main(['--to', str(folder), '--url', server + '/good']) == 0
    assert (folder / fetch_models.MODEL_FILE).read_bytes() == DETECTOR


@pytest.mark.parametrize(
    ('path', 'reason'),
    [
        ('/missing', '404'),
        ('/truncated', 'incomplete: 100 of'),
        ('/cut', 'sha256'),
        ('/other', 'sha256'),
        ('/endless', 'larger than'),
        ('/elsewhere', 'file:'),
    ],
)
def test_a_wrong_download_writes_nothing_and_the_fallback_is_named(
    server: str, folder: Path, capsys: pytest.CaptureFixture[str], path: str, reason: str
) -> None:
    assert fetch_models.main(['--to', str(folder), '--url', server + path]) == 1
    assert fetched(folder) == []
    said = capsys.readouterr().err
    assert reason in said
    assert 'Nothing was written' in said
    assert 'detector' in said


def test_a_slow_server_runs_into_the_timeout(
    server: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['--to', str(folder), '--url', server + '/slow', '--timeout', '0.3']
    assert fetch_models.main(arguments) == 1
    assert 'the download was not complete after 0.3 seconds' in capsys.readouterr().err
    assert fetched(folder) == []


def test_a_missing_connection_is_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch_models.main(['--to', str(folder), '--url', 'http://127.0.0.1:9/x']) == 1
    assert 'cannot be reached' in capsys.readouterr().err


def test_only_web_addresses_are_fetched(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'local').write_bytes(DETECTOR)
    url = (tmp_path / 'local').as_uri()
    assert fetch_models.main(['--to', str(folder), '--url', url]) == 1
    assert 'only http and https' in capsys.readouterr().err


def test_a_local_copy_is_installed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / 'copy').write_bytes(DETECTOR)
    arguments = ['--to', str(folder), '--file', str(tmp_path / 'copy')]
    assert fetch_models.main(arguments) == 0
    assert (folder / fetch_models.MODEL_FILE).read_bytes() == DETECTOR


@pytest.mark.parametrize('content', [b'other', None])
def test_a_wrong_local_copy_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None
) -> None:
    copy = tmp_path / 'copy'
    if content is not None:
        copy.write_bytes(content)
    assert fetch_models.main(['--to', str(folder), '--file', str(copy)]) == 1
    assert str(copy) in capsys.readouterr().err
    assert fetched(folder) == []


def test_a_folder_that_cannot_be_created_is_named(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / 'file').write_bytes(b'')
    arguments = ['--to', str(tmp_path / 'file' / 'models'), '--url', server + '/good']
    assert fetch_models.main(arguments) == 1
    assert 'cannot be written' in capsys.readouterr().err


@pytest.mark.parametrize('timeout', ['0', '-1', 'nan', 'soon'])
def test_a_timeout_out_of_range_is_refused(timeout: str) -> None:
    with pytest.raises(SystemExit) as caught:
        fetch_models.main(['--timeout', timeout])
    assert caught.value.code == 2
