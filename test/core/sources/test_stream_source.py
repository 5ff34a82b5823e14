"""Streams from a real HTTP server on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
from support.clips import write_clip
from support.readers import READERS, encode, moving_bars, use_reader

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig
from fer_ros.core.sources.stream import StreamSource


@pytest.fixture(params=READERS, autouse=True)
def reader(request, monkeypatch) -> str:
    use_reader(request.param, monkeypatch)
    return request.param


class _Camera(BaseHTTPRequestHandler):
    """Serves streams.

    /: Motion JPEG until stopped; /short: five frames; /stall: then silence; /hang: nothing; a clip
    as a recording (.avi) or at about its own rate (.ts).
    """

    def do_GET(self):
        stop = self.server.stop
        if self.path == '/hang':
            stop.wait(60)
            return
        if self.path.endswith('.avi'):
            self.send_response(200)
            self.send_header('Content-Length', str(len(self.server.clip)))
            self.end_headers()
            self.wfile.write(self.server.clip)
            return
        if self.path.endswith('.ts'):
            self.send_response(200)
            self.end_headers()
            for start in range(0, len(self.server.clip), 1128):
                self.wfile.write(self.server.clip[start : start + 1128])
                stop.wait(0.01)
            return
        if self.path not in ('/', '/short', '/stall'):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
        self.end_headers()
        try:
            number = 0
            while not stop.wait(0.02) and (self.path == '/' or number < 5):
                self._send_frame(number)
                number += 1
            if self.path == '/stall':
                stop.wait(60)
        except OSError:
            pass

    def _send_frame(self, number: int) -> None:
        image = np.full((48, 64, 3), 10 + number % 20 * 10, np.uint8)
        jpeg = cv2.imencode('.jpg', image)[1].tobytes()
        self.wfile.write(
            b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: '
            + str(len(jpeg)).encode() + b'\r\n\r\n' + jpeg + b'\r\n'
        )  # fmt: skip

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = ThreadingHTTPServer(('127.0.0.1', 0), _Camera)
    server.stop = threading.Event()
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    server.server_close()
    thread.join()


def read_to_the_end(source):
    for _ in source:
        pass


def source_at(server, path: str, **config) -> StreamSource:
    config = {'open_timeout': 20.0, 'read_timeout': 20.0, **config}
    return StreamSource(f'http://127.0.0.1:{server.server_port}{path}', SourceConfig(**config))


def test_motion_jpeg_over_http_gives_frames_with_rising_stamps(server):
    with source_at(server, '/') as source:
        assert source.live
        frames = [source.read() for _ in range(5)]
    assert all(frame.image.shape == (48, 64, 3) and frame.encoding == 'bgr8' for frame in frames)
    stamps = [frame.stamp for frame in frames]
    assert stamps == sorted(set(stamps))
    assert '64x48' in source.description


def test_a_stream_that_ends_is_a_recoverable_error(server):
    source = source_at(server, '/short')
    for _ in range(2):
        source.open()
        with pytest.raises(SourceError, match='ended after 5 frames'):
            read_to_the_end(source)
    source.close()


@pytest.mark.parametrize('late', [0.0, 1.5], ids=['read notices first', 'FFmpeg notices first'])
def test_a_stalled_stream_is_an_error_that_says_so(server, late):
    with source_at(server, '/stall', read_timeout=0.5) as source:
        time.sleep(late)
        with pytest.raises(SourceError, match=r'has delivered no frame for 0\.5 s'):
            read_to_the_end(source)


@pytest.mark.parametrize(('path', 'reason'), [
    ('/nothing-here', 'cannot be opened'),
    ('/hang', 'no frame within 1 s|cannot be opened'),
])  # fmt: skip
def test_a_stream_without_frames_is_refused_on_open(server, path, reason):
    source = source_at(server, path, open_timeout=1.0)
    with pytest.raises(SourceError, match=reason) as error:
        source.open()
    assert path in str(error.value)
    assert source.read() is None


def test_a_recording_behind_a_url_is_read(server, tmp_path):
    frames = [np.full((48, 64, 3), 100, np.uint8)] * 30
    server.clip = write_clip(tmp_path / 'clip.avi', frames, fps=200).read_bytes()
    with source_at(server, '/clip.avi') as source:
        assert source.read().image.shape == (48, 64, 3)


def test_stamps_rise_in_a_stream_with_b_frames(server, tmp_path):
    """Its packets arrive in another order than its frames are shown."""
    options = {'bf': '3', 'b_strategy': '0'}
    clip = encode(tmp_path / 'clip.ts', moving_bars(100), 'mpeg2video', options=options)
    server.clip = clip.read_bytes()
    stamps = []
    with source_at(server, '/clip.ts') as source, pytest.raises(SourceError, match='ended'):
        stamps.extend(frame.stamp for frame in source)
    assert len(stamps) > 10
    assert stamps == sorted(set(stamps))


def test_large_frames_are_scaled_down(server):
    with source_at(server, '/', width=32, height=32) as source:
        assert source.read().image.shape == (24, 32, 3)


def test_reading_after_close_gives_nothing(server):
    source = source_at(server, '/')
    source.open()
    source.close()
    source.close()
    assert source.read() is None


@pytest.mark.parametrize(
    'address',
    [
        'rtsp://me:s3c#ret@127.0.0.1:1/live',
        'rtsp://me:s3c@ret/x@127.0.0.1:1/live',
        'rtsp://127.0.0.1:1/user=me&password=s3c#ret',
        'tcp://127.0.0.1:1/?key=s3cret',
        'http://127.0.0.1:1/v?token=s3c@ret',
    ],
)
def test_no_line_shows_a_password(address):
    """Neither fer_ros nor FFmpeg, which writes to the terminal itself, shows it."""
    program = (
        'import sys\n'
        'from fer_ros.core.sources import SourceConfig, create_source\n'
        'source = create_source(sys.argv[1], SourceConfig(open_timeout=20.0))\n'
        'print(source.description)\n'
        'source.open()\n'
    )
    ended = subprocess.run(
        [sys.executable, '-c', program, address], capture_output=True, text=True, timeout=300
    )
    assert ended.returncode
    output = ended.stdout + ended.stderr
    assert 'cannot be opened' in output
    assert 's3c' not in output
    assert 'ret' not in output.replace('return', '').replace('retr', '')


def test_an_address_that_its_password_breaks_is_refused_with_the_remedy():
    source = StreamSource('rtsp://me:a#b@127.0.0.1:1/live', SourceConfig(open_timeout=20.0))
    with pytest.raises(SourceError, match='write %23 for #'):
        source.open()


def test_the_error_of_an_unreachable_stream_shows_no_password():
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        url = f'rtsp://me:secret@127.0.0.1:{taken.getsockname()[1]}/live'
        source = StreamSource(url, SourceConfig(open_timeout=10))
        with pytest.raises(SourceError, match='cannot be opened') as error:
            source.open()
    assert 'secret' not in str(error.value)
    assert 'secret' not in repr(error.value.__cause__)
