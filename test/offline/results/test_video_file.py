"""Annotated videos keep the times of their frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip('av', reason='no PyAV: pip install av')

from support.proc import open_files
from support.readers import without_pyav

from fer_ros.core.errors import OutputError
from fer_ros.offline.results import video
from fer_ros.offline.results.video import VideoFile, shortcoming

TIMES = [0.0, 0.04, 0.08, 0.5, 0.511, 2.0, 2.1]


def write(path: Path, times: list[float], fps: float = 25.0) -> VideoFile:
    video = VideoFile(path, fps)
    for number, time in enumerate(times):
        video.write(np.full((48, 64, 3), 30 * number, np.uint8), time)
    video.close()
    return video


def read_times(path: Path) -> list[float]:
    capture, times = cv2.VideoCapture(str(path)), []
    while capture.read()[0]:
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
    return times


def test_frames_keep_their_times_also_if_irregular(tmp_path):
    write(tmp_path / 'a.mp4', TIMES)
    assert read_times(tmp_path / 'a.mp4') == pytest.approx(TIMES, abs=1e-4)


@pytest.mark.parametrize('fps', [29.97, 240.05, 0.2])
def test_any_frame_rate_can_be_written(tmp_path, fps):
    times = [number / fps for number in range(4)]
    write(tmp_path / 'a.mp4', times, fps)
    assert read_times(tmp_path / 'a.mp4') == pytest.approx(times, abs=1e-4)
    capture = cv2.VideoCapture(str(tmp_path / 'a.mp4'))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(fps, rel=1e-3)


def test_a_clock_set_back_does_not_reverse_the_video(tmp_path):
    write(tmp_path / 'a.mp4', [0.0, 5.0, 1.0, 1.04])
    times = read_times(tmp_path / 'a.mp4')
    assert times == sorted(times)
    assert len(times) == 4


def test_frames_of_another_size_are_scaled_and_reported(tmp_path):
    video = VideoFile(tmp_path / 'a.mp4', 10)
    video.write(np.zeros((48, 64, 3), np.uint8), 0.0)
    video.write(np.full((96, 128, 3), 200, np.uint8), 0.1)
    video.close()
    assert 'scaled' in video.warning
    capture = cv2.VideoCapture(str(tmp_path / 'a.mp4'))
    capture.read()
    assert capture.read()[1].mean() == pytest.approx(200, abs=5)


@pytest.mark.parametrize('by', ['PyAV', 'OpenCV'])
def test_a_file_with_lost_frames_is_never_reported_as_complete(tmp_path, monkeypatch, by):
    """A full device simulates it, because not all libraries report lost frames."""
    if by == 'OpenCV':
        without_pyav(monkeypatch)
    path = tmp_path / 'a.mp4'
    video = VideoFile(path, 25)
    for number in range(30):
        video.write(np.full((48, 64, 3), 5 * number, np.uint8), number / 25)
    video._count += 1
    with pytest.raises(OutputError, match=r'30 of 31 frames.*again to continue'):
        video.close()


@pytest.mark.parametrize(
    ('size', 'written'), [((63, 47), (64, 48)), ((1, 1), (2, 2)), ((64, 48), (64, 48))]
)
def test_odd_sizes_grow_by_a_row_or_column(tmp_path, size, written):
    video = VideoFile(tmp_path / 'a.mp4', 25)
    video.write(np.full((size[1], size[0], 3), 90, np.uint8), 0.0)
    video.close()
    image = cv2.VideoCapture(str(tmp_path / 'a.mp4')).read()[1]
    assert image.shape[1::-1] == written
    assert image.mean() == pytest.approx(90, abs=3)


def test_colours_do_not_change(tmp_path):
    bars = np.zeros((48, 96, 3), np.uint8)
    bars[:, :32], bars[:, 32:64], bars[:, 64:] = (200, 30, 30), (30, 200, 30), (30, 30, 200)
    video = VideoFile(tmp_path / 'a.mp4', 25)
    video.write(bars, 0.0)
    video.close()
    image = cv2.VideoCapture(str(tmp_path / 'a.mp4')).read()[1]
    for column in (16, 48, 80):
        assert image[24, column] == pytest.approx(bars[24, column], abs=12)


def test_the_index_precedes_the_frames_so_that_players_start_at_once(tmp_path):
    write(tmp_path / 'a.mp4', TIMES)
    data = (tmp_path / 'a.mp4').read_bytes()
    assert data.index(b'moov') < data.index(b'mdat')
    assert b'avc1' in data


def test_the_same_frames_give_the_same_file(tmp_path):
    for name in ('a.mp4', 'b.mp4'):
        write(tmp_path / name, TIMES)
    assert (tmp_path / 'a.mp4').read_bytes() == (tmp_path / 'b.mp4').read_bytes()


def test_without_pyav_opencv_writes_the_video_and_its_limits_are_reported(tmp_path, monkeypatch):
    assert shortcoming() == ''
    without_pyav(monkeypatch)
    write(tmp_path / 'a.mp4', TIMES)
    assert len(read_times(tmp_path / 'a.mp4')) == len(TIMES)
    assert 'browsers do not play: run pip install av' in shortcoming()


def test_a_video_that_cannot_be_encoded_is_closed(tmp_path, monkeypatch):
    monkeypatch.setattr(video, '_encoder', lambda: 'libx264')
    monkeypatch.setitem(video._ENCODERS, 'libx264', {'preset': 'unknown'})
    file = VideoFile(tmp_path / 'a.mp4', 25.0)
    with pytest.raises(OutputError, match='was not written completely'):
        file.write(np.zeros((48, 64, 3), np.uint8), 0.0)
    file.abandon()
    assert tmp_path / 'a.mp4' not in open_files()
