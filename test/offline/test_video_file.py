"""Annotated videos keep the times of their frames."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_ros.core.errors import OutputError
from fer_ros.offline.mp4 import set_frame_times
from fer_ros.offline.video import VideoFile

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


def test_frames_come_at_the_times_they_had_also_where_these_are_irregular(tmp_path):
    write(tmp_path / 'a.mp4', TIMES)
    assert read_times(tmp_path / 'a.mp4') == pytest.approx(TIMES, abs=1e-4)


@pytest.mark.parametrize('fps', [29.97, 240.05, 0.2])
def test_any_rate_can_be_written(tmp_path, fps):
    times = [number / fps for number in range(4)]
    write(tmp_path / 'a.mp4', times, fps)
    assert read_times(tmp_path / 'a.mp4') == pytest.approx(times, abs=1e-4)
    capture = cv2.VideoCapture(str(tmp_path / 'a.mp4'))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(fps, rel=1e-3)


def test_a_clock_that_was_set_back_does_not_turn_the_video_back(tmp_path):
    write(tmp_path / 'a.mp4', [0.0, 5.0, 1.0, 1.04])
    times = read_times(tmp_path / 'a.mp4')
    assert times == sorted(times)
    assert len(times) == 4


def test_pictures_of_another_size_are_scaled_and_that_is_said(tmp_path):
    video = VideoFile(tmp_path / 'a.mp4', 10)
    video.write(np.zeros((48, 64, 3), np.uint8), 0.0)
    video.write(np.full((96, 128, 3), 200, np.uint8), 0.1)
    video.close()
    assert 'scaled' in video.warning
    capture = cv2.VideoCapture(str(tmp_path / 'a.mp4'))
    capture.read()
    assert capture.read()[1].mean() == pytest.approx(200, abs=5)


@pytest.mark.parametrize('kept', [0.3, 0.97])
def test_a_file_that_was_cut_short_is_never_taken_for_whole(tmp_path, kept):
    path = tmp_path / 'a.mp4'
    write(path, TIMES)
    data = path.read_bytes()
    path.write_bytes(data[:int(len(data) * kept)])
    with pytest.raises(OutputError, match='not written whole'):
        set_frame_times(path, TIMES, 2.2)


def test_a_file_of_other_frames_is_never_taken_for_whole(tmp_path):
    write(tmp_path / 'a.mp4', TIMES)
    with pytest.raises(OutputError, match='7 of 8 frames'):
        set_frame_times(tmp_path / 'a.mp4', [*TIMES, 3.0], 3.1)
