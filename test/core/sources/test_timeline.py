"""The times at which frames are released, and their stamps."""

from __future__ import annotations

import threading
from itertools import count

import numpy as np

from fer_ros.core.sources import SourceConfig
from fer_ros.core.sources.timeline import Timeline

SECOND = 1_000_000_000


def test_at_full_speed_stamps_follow_media_time():
    timeline = Timeline(SourceConfig(realtime=False, clock=lambda: 5 * SECOND))
    stamps = [timeline.release(t) for t in (0.0, 0.5, 10.0)]
    assert stamps == [5 * SECOND, 5 * SECOND + SECOND // 2, 15 * SECOND]


def test_in_real_time_the_clock_is_read_at_each_release():
    ticks = count(100)
    timeline = Timeline(SourceConfig(clock=lambda: next(ticks)))
    first, second = timeline.release(0.0), timeline.release(0.001)
    assert first is not None
    assert second is not None
    assert second > first > 99


def test_a_frame_is_not_released_before_its_time():
    timeline = Timeline(SourceConfig())
    waits = []
    timeline._interrupted = _FakeEvent(waits)
    timeline.release(0.0)
    timeline.release(2.0)
    assert waits[0] == 0.0
    assert 1.5 < waits[1] <= 2.0


def test_a_late_reader_gets_no_burst():
    waits: list[float] = []
    timeline = Timeline(SourceConfig(), slack=0.1)
    timeline._interrupted = _FakeEvent(waits)
    timeline.release(0.0)
    timeline._start -= 10.0
    timeline.release(1.0)
    timeline.release(2.0)
    assert waits[1] == 0.0
    assert waits[2] > 0.5, 'the schedule moved back with the late reader'


def test_an_interrupted_wait_releases_nothing():
    timeline = Timeline(SourceConfig())
    timeline.release(0.0)
    released: list[int | None] = []
    thread = threading.Thread(target=lambda: released.append(timeline.release(3600.0)))
    thread.start()
    timeline.interrupt()
    thread.join(30)
    assert released == [None]


def test_frames_of_a_constant_rate_are_numbered_from_each_restart():
    config = SourceConfig(realtime=False, clock=lambda: SECOND, frame_id='eye')
    timeline = Timeline(config)
    image = np.zeros((4, 6, 3), np.uint8)
    frames = [timeline.next_frame(image, 4.0) for _ in range(3)]
    assert [frame.stamp for frame in frames] == [SECOND, 5 * SECOND // 4, 3 * SECOND // 2]
    assert {frame.frame_id for frame in frames} == {'eye'}
    assert timeline.number == 3
    timeline.restart()
    assert timeline.next_frame(image, 4.0).stamp == SECOND
    timeline.interrupt()
    assert timeline.next_frame(image, 4.0) is None
    assert timeline.number == 1, 'a frame that was not given is not counted'


class _FakeEvent:
    """An event that never occurs and records how long it was waited for."""

    def __init__(self, waits: list[float]) -> None:
        self._waits = waits

    def wait(self, timeout: float) -> bool:
        self._waits.append(timeout)
        return False

    def is_set(self) -> bool:
        return False
