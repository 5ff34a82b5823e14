"""Videos over HTTP: lines during processing, tables, a chart, an annotated video; errors."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import tempfile
import threading

import cv2
import httpx
import numpy as np
import pytest
from support.clips import write_clip
from support.people import Person, compose
from support.photographs import encode
from support.site import tiny_pipeline
from support.waiting import PATIENCE, wait_for

from fer_ros.web.files import video_files, videos


@pytest.fixture(scope='module')
def site(serve):
    return serve(make_pipeline=tiny_pipeline, max_video=2_000_000, video_time=20.0)


@pytest.fixture(scope='module')
def clip(portraits, tmp_path_factory) -> bytes:
    """Two seconds of one person and her mirror image, at 10 Hz."""
    wall = np.full((320, 480, 3), (150, 165, 170), np.uint8)
    name = portraits[0]
    still = compose(
        wall, [Person(name, 130, 140, 120), Person(name, 350, 140, 120, mirrored=True)]
    )
    path = write_clip(tmp_path_factory.mktemp('clip') / 'clip.avi', [still.image] * 20, 10.0)
    return path.read_bytes()


def lines_of(answer: httpx.Response) -> list[dict]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_video_gives_a_line_for_each_frame_and_then_tables_and_a_chart(site, clip):
    first, *frames, last = lines_of(site.post('/videos', content=clip, params={'fps': 5}))
    assert (first['frames'], first['fps'], first['model']) == (10, 5, 'tiny')
    assert len(frames) == 10
    assert [frame['time'] for frame in frames] == pytest.approx(np.arange(10) / 5, abs=0.11)
    assert all(len(frame['faces']) == 2 for frame in frames)
    assert sum(frames[0]['faces'][0]['probabilities'].values()) == pytest.approx(1, abs=0.01)
    assert last['summary']['frames'] == 10
    assert last['summary']['warning'] == ''
    assert last['chart'].startswith('<svg')
    rows = list(csv.DictReader(io.StringIO(last['faces_csv'])))
    assert len(rows) == 20
    assert float(rows[0]['probability.happy']) >= 0
    kinds = [row['type'] for row in csv.DictReader(io.StringIO(last['events_csv']))]
    assert kinds.count('appeared') == kinds.count('left') == 2, 'they leave with the last frame'
    assert last['annotated'] is None


def test_a_video_reports_heads_that_turn_to_the_camera(serve, clip):
    site = serve(make_pipeline=lambda: tiny_pipeline('auto'))
    _, *frames, last = lines_of(site.post('/videos', content=clip))
    face = frames[-1]['faces'][0]
    if face['yaw'] is None:
        pytest.skip('the detector that is here gives no landmarks')
    kinds = [row['type'] for row in csv.DictReader(io.StringIO(last['events_csv']))]
    assert face['looks'] is True
    assert kinds.count('looks') == kinds.count('looks_away') == 2


def test_the_annotated_video_can_be_played(site, clip, tmp_path):
    answer = site.post('/videos', files={'video': ('a.avi', clip)}, params={'annotated': True})
    file = tmp_path / 'annotated.mp4'
    file.write_bytes(base64.b64decode(lines_of(answer)[-1]['annotated']))
    capture = cv2.VideoCapture(str(file))
    count = 0
    while capture.read()[0]:
        count += 1
    assert count == 20


def test_lines_are_sent_while_the_video_is_processed(site, clip):
    with httpx.stream('POST', f'{site.url}/videos', content=clip, timeout=PATIENCE) as answer:
        read = answer.iter_lines()
        assert json.loads(next(read))['frames'] == 20
        assert json.loads(next(read))['frame'] == 0
        assert site.get('/healthz').is_success


def test_one_video_is_processed_at_a_time(serve, clip):
    waits = threading.Event()

    def slow_pipeline():
        waits.wait(PATIENCE)
        return tiny_pipeline()

    site = serve(make_pipeline=slow_pipeline)
    thread = threading.Thread(target=lambda: site.post('/videos', content=clip))
    thread.start()
    wait_for(lambda: site.services.videos._busy, 'video in hand')
    busy = site.post('/videos', content=clip)
    assert (busy.status_code, busy.headers['retry-after']) == (503, '10')
    waits.set()
    thread.join()
    with httpx.stream('POST', f'{site.url}/videos', content=clip, timeout=PATIENCE) as answer:
        next(answer.iter_lines())

    def answered() -> httpx.Response | None:
        again = site.post('/videos', content=clip)
        return None if again.status_code == 503 else again

    # A video without a waiting client is not continued.
    assert wait_for(answered, 'place for another video').status_code == 200


def test_only_the_first_seconds_up_to_the_limit_are_processed(site, clip, monkeypatch):
    monkeypatch.setattr(videos, 'MOST_SECONDS', 0.95)
    *_, last = lines_of(site.post('/videos', content=clip))
    assert last['summary']['frames'] == 10
    assert 'only the first' in last['summary']['warning']


def test_an_animated_picture_is_a_video(site, clip):
    images = [np.full((60, 80, 3), 80 * number, np.uint8) for number in range(3)]
    _, *frames, _ = lines_of(site.post('/videos', content=encode('.gif', *images)))
    assert len(frames) == 3


@pytest.mark.parametrize(
    ('data', 'status', 'reason'),
    [
        (b'', 415, 'not a video'),
        (b'#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n', 415, 'not a video'),
        (b'ffconcat version 1.0\nfile /etc/passwd\n', 415, 'not a video'),
        (b'v=0\no=- 0 0 IN IP4 127.0.0.1\n', 415, 'not a video'),
        (b'\x1aE\xdf\xa3' + b'x' * 1000, 422, 'no frame can be decoded'),
        (b'\0\0\0\x18ftypmp42' + b'\0' * 1000, 422, 'no frame can be decoded'),
    ],
    ids=['nothing', 'playlist', 'list', 'session', 'matroska', 'mp4'],
)
def test_other_files_are_refused_with_the_reason(site, data, status, reason):
    refused = site.post('/videos', content=data)
    assert refused.status_code == status
    assert reason in refused.json()['detail']
    assert '/proc' not in refused.text
    assert site.lives()


def test_a_picture_is_not_a_video(site, jpeg):
    assert site.post('/videos', content=jpeg).status_code == 415


def test_a_truncated_video_is_reported_in_its_last_line(site, clip):
    *_, last = lines_of(site.post('/videos', content=clip[: len(clip) // 2]))
    assert 'truncated or damaged' in last['summary']['warning']
    assert '/proc' not in last['summary']['warning']


def test_a_video_with_too_many_pixels_is_refused_before_decoding(site, clip, monkeypatch):
    monkeypatch.setattr(video_files, 'MAX_PIXELS', 100_000)
    refused = site.post('/videos', content=clip)
    assert refused.status_code == 413
    assert '480x320 pixels are too many' in refused.json()['detail']


def test_a_video_over_the_size_limit_is_refused(site):
    refused = site.post('/videos', content=b'\0\0\0\x18ftypmp42' + b'\0' * 2_000_000)
    assert refused.status_code == 413


def test_pages_of_other_servers_cannot_send_videos(site, clip):
    refused = site.post('/videos', content=clip, headers={'origin': 'http://elsewhere.test'})
    assert refused.status_code == 403


def test_a_missing_model_is_reported(serve, clip):
    refused = serve().post('/videos', content=clip)
    assert (refused.status_code, refused.json()['detail']) == (503, 'no model here')


def test_nothing_of_a_video_is_kept_on_disk(site, clip, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    assert lines_of(site.post('/videos', content=clip, params={'annotated': True}))
    assert list(tmp_path.iterdir()) == []


def test_systems_without_files_in_memory_use_private_files_that_are_removed(
    site, clip, tmp_path, monkeypatch
):
    """As macOS."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    monkeypatch.delattr(os, 'memfd_create')
    kept = []
    make = tempfile.TemporaryDirectory

    def noted(**options):
        folder = make(**options)
        kept.append(os.stat(folder.name).st_mode & 0o777)
        return folder

    monkeypatch.setattr(tempfile, 'TemporaryDirectory', noted)
    cut = clip[: len(clip) // 2]
    *_, last = lines_of(site.post('/videos', content=cut, params={'annotated': True}))
    assert kept == [0o700, 0o700], 'the video and the annotated one'
    assert base64.b64decode(last['annotated'])[4:8] == b'ftyp'
    assert last['summary']['warning'].startswith('the video ended after')
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('fps', ['nan', '0', '1e-300', '31'])
def test_a_rate_without_a_meaning_is_refused(site, clip, fps):
    refused = site.post('/videos', content=clip, params={'fps': fps, 'annotated': True})
    assert refused.status_code == 422
