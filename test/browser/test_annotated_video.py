"""Annotated videos play in a browser."""

from __future__ import annotations

import functools
import http.server
import threading
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('av', reason='no PyAV: pip install av')

from fer_ros.offline.results.video import VideoFile

TIMES = [0.0, 0.1, 0.2, 1.0, 1.1]


@pytest.fixture
def served(tmp_path):
    """A folder served over HTTP."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
        thread.start()
        yield tmp_path, f'http://127.0.0.1:{server.server_port}'
        server.shutdown()
        thread.join()


def write(path: Path) -> None:
    video = VideoFile(path, 10)
    for number, time in enumerate(TIMES):
        video.write(np.full((120, 161, 3), 40 * (number + 1), np.uint8), time)
    video.close()


def test_an_annotated_video_plays_to_its_end_in_a_browser(chromium, served):
    folder, address = served
    write(folder / 'a.mp4')
    (folder / 'page.html').write_text(
        '<video src="a.mp4" muted></video><script>const video = document.querySelector("video");'
        'video.onerror = () => video.dataset.state = `error ${video.error.message}`;'
        'video.onended = () => video.dataset.state = "ended"; video.play()</script>'
    )
    chromium.open(f'{address}/page.html')
    chromium.wait_for(
        lambda: chromium.script('return document.querySelector("video").dataset.state'), 'an end'
    )
    state, width, duration = chromium.script(
        'const video = document.querySelector("video");'
        'return [video.dataset.state, video.videoWidth, video.duration]'
    )
    assert (state, width) == ('ended', 162)
    assert duration == pytest.approx(1.2, abs=0.01)
