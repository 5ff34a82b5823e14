"""Cameras, with a mock of OpenCV's capture, because test machines have no camera."""

from __future__ import annotations

import sys
import threading
import time

import cv2
import numpy as np
import pytest

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig, auto, camera, live
from fer_ros.core.sources.auto import AutoSource
from fer_ros.core.sources.camera import CameraSource
from fer_ros.core.sources.reader import SourceReader


class FakeCapture:
    """Delivers `frames` frames at the pace of the reader, then fails or hangs until released."""

    def __init__(self, frames=10**9, *, hang=None, opens=True, age=None, size=(640, 480)):
        self.frames = frames
        self.hang = hang
        self.opens = opens
        self.age = age
        self.size = size
        self.settings = {}
        self.asked = threading.Semaphore(0)
        self.released = threading.Event()

    def isOpened(self):  # noqa: N802
        return self.opens

    def set(self, setting, value):
        self.settings[setting] = value
        return True

    def get(self, setting):
        if setting == cv2.CAP_PROP_POS_MSEC and self.age is not None:
            return (time.monotonic() - self.age) * 1000
        return 30.0 if setting == cv2.CAP_PROP_FPS else 0.0

    def grab(self):
        if self.frames == 0:
            if self.hang is not None:
                self.hang.wait(60)
            return False
        self.frames -= 1
        return True

    def retrieve(self):
        return True, np.full((self.size[1], self.size[0], 3), 7, np.uint8)

    def release(self):
        self.released.set()


def read_to_the_end(source):
    for _ in source:
        pass


@pytest.fixture
def device(tmp_path):
    path = tmp_path / 'video0'
    path.touch()
    return str(path)


@pytest.fixture
def plug_in(monkeypatch):
    def plug_in(*captures):
        waiting = list(captures)
        monkeypatch.setattr(cv2, 'VideoCapture', lambda *arguments: waiting.pop(0))
        return captures[0]

    return plug_in


def test_frames_arrive_and_the_device_is_released(plug_in, device):
    capture = plug_in(FakeCapture())
    with CameraSource(device, SourceConfig(frame_id='eye')) as source:
        frame = source.read()
        assert source.live
    assert frame.image.shape == (480, 640, 3)
    assert frame.frame_id == 'eye'
    assert source.description == f'camera {device}, 640x480 at 30 Hz'
    assert capture.released.is_set()
    assert source.read() is None


def test_the_format_is_set_before_the_size_and_one_buffer_is_requested(plug_in, device):
    capture = plug_in(FakeCapture(size=(1280, 720)))
    config = SourceConfig(width=1280, height=720, fps=30, pixel_format='MJPG')
    with CameraSource(device, config) as source:
        assert source.warning == ''
    assert list(capture.settings) == [
        cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS, cv2.CAP_PROP_BUFFERSIZE,
    ]  # fmt: skip
    assert capture.settings[cv2.CAP_PROP_BUFFERSIZE] == 1


def test_a_camera_is_released_if_opening_is_interrupted(plug_in, device, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    capture = plug_in(FakeCapture())
    source = CameraSource(device, SourceConfig())
    monkeypatch.setattr(source, 'check_format', interrupt)
    with pytest.raises(KeyboardInterrupt):
        source.open()
    assert capture.released.wait(10)


def test_settings_that_the_camera_refuses_are_reported(plug_in, device):
    plug_in(FakeCapture())
    with CameraSource(device, SourceConfig(width=1280, height=720, fps=60)) as source:
        assert '640x480 instead of 1280x720' in source.warning
        assert '30 Hz instead of 60' in source.warning


def test_the_newest_frame_wins_and_replaced_frames_are_counted(plug_in, device):
    ticks = iter(range(1, 10**9))
    plug_in(FakeCapture(50))
    source = CameraSource(device, SourceConfig(clock=lambda: next(ticks)))
    source.open()
    source._reader.join(30)
    assert source.read().stamp == 50
    assert source.dropped == 49
    source.close()


@pytest.mark.parametrize(('age', 'expected'), [
    (0.1, 0.1), (None, 0.0), (3600.0, 0.0), (-5.0, 0.0),
], ids=['known', 'unknown', 'of another clock', 'in the future'])  # fmt: skip
def test_the_stamp_is_the_time_at_which_the_driver_filled_the_buffer(
    plug_in, device, age, expected
):
    capture = FakeCapture(1, age=age)
    plug_in(capture)
    source = CameraSource(device, SourceConfig())
    assert source.frame_age(capture) == pytest.approx(expected, abs=0.05)


def test_an_unplugged_camera_is_an_error_and_can_be_opened_again(plug_in, device):
    plug_in(FakeCapture(3), FakeCapture())
    source = CameraSource(device, SourceConfig())
    source.open()
    with pytest.raises(SourceError, match='ended after 3 frames'):
        read_to_the_end(source)
    source.open()
    assert source.read() is not None
    source.close()


@pytest.mark.parametrize('error', [cv2.error('bad buffer'), RuntimeError('bad buffer')])
def test_any_error_of_a_library_is_reported_and_releases_the_camera(
    plug_in, device, monkeypatch, error
):
    capture = plug_in(FakeCapture())
    source = CameraSource(device, SourceConfig())
    source.open()

    def fail():
        raise error

    monkeypatch.setattr(capture, 'grab', fail)
    with pytest.raises(SourceError, match=r'cannot be read \(\w+: .*bad buffer'):
        read_to_the_end(source)
    assert capture.released.is_set()
    source.close()


def test_a_hanging_camera_is_an_error_and_can_be_closed(plug_in, device, monkeypatch):
    monkeypatch.setattr('fer_ros.core.sources.live.CLOSE_TIMEOUT', 0.05)
    let_go = threading.Event()
    capture = plug_in(FakeCapture(1, hang=let_go))
    source = CameraSource(device, SourceConfig(read_timeout=0.1))
    source.open()
    source.read()
    with pytest.raises(SourceError, match=r'no frame for 0\.1 s'):
        source.read()
    source.close()
    assert not capture.released.is_set()
    let_go.set()
    assert capture.released.wait(30), 'the thread that was left behind releases the device'


def test_close_wakes_a_waiting_reader(plug_in, device, monkeypatch):
    monkeypatch.setattr('fer_ros.core.sources.live.CLOSE_TIMEOUT', 0.05)
    let_go = threading.Event()
    plug_in(FakeCapture(1, hang=let_go))
    source = CameraSource(device, SourceConfig(read_timeout=60))
    source.open()
    source.read()
    read = []
    thread = threading.Thread(target=lambda: read.append(source.read()))
    thread.start()
    source.close()
    thread.join(30)
    let_go.set()
    assert read == [None]


def test_a_missing_camera_is_refused_and_the_existing_ones_are_named(monkeypatch):
    monkeypatch.setattr(camera, 'list_cameras', lambda: ['/dev/video41', '/dev/video42'])
    with pytest.raises(SourceError, match=r'there is no /dev/video977.*video41, /dev/video42'):
        CameraSource('977', SourceConfig()).open()


def test_on_other_systems_than_linux_the_camera_of_the_browser_is_recommended(monkeypatch):
    monkeypatch.setattr(sys, 'platform', 'darwin')
    with pytest.raises(SourceError, match=r'only on Linux.*/try .* the camera of the browser'):
        CameraSource('0', SourceConfig()).open()


def test_a_missing_permission_names_the_group(device, monkeypatch):
    monkeypatch.setattr('os.access', lambda *_: False)
    with pytest.raises(SourceError, match='usermod -aG video'):
        CameraSource(device, SourceConfig()).open()


def test_a_busy_camera_is_refused(plug_in, device):
    plug_in(FakeCapture(opens=False))
    with pytest.raises(SourceError, match='another program uses it'):
        CameraSource(device, SourceConfig()).open()


def test_auto_takes_the_first_working_camera_and_keeps_it(plug_in, device, monkeypatch):
    monkeypatch.setattr(auto, 'list_cameras', lambda: [device, device])
    plug_in(FakeCapture(opens=False), FakeCapture(2), FakeCapture(opens=False))
    source = AutoSource(SourceConfig())
    source.open()
    assert source.live
    assert source.warning == ''
    assert source.description.startswith(f'camera {device}')
    with pytest.raises(SourceError):
        read_to_the_end(source)
    with pytest.raises(SourceError, match='cannot be opened'):
        source.open()


def test_auto_without_a_camera_takes_the_demo_and_says_why(monkeypatch):
    pytest.importorskip('skimage', reason='no scikit-image, from which the photographs come')
    monkeypatch.setattr(auto, 'list_cameras', lambda: [])
    with AutoSource(SourceConfig(realtime=False)) as source:
        assert not source.live
        assert source.read() is not None
        assert 'not people' in source.warning
        assert '/dev/video0' in source.warning
    assert source.description.startswith('demo')
    assert 'there is no camera' in source.description


def test_auto_without_camera_and_photographs_shows_a_test_pattern_and_says_why(monkeypatch):
    def no_photographs(source):
        raise SourceError('the demo needs a photograph')

    monkeypatch.setattr(auto, 'list_cameras', lambda: [])
    monkeypatch.setattr(auto.DemoSource, 'open', no_photographs)
    with AutoSource(SourceConfig(realtime=False)) as source:
        assert source.read() is not None
        assert source.warning == 'there is no camera, and the demo needs a photograph'
        assert source.description.startswith('synthetic test pattern')
        assert source.warning in source.description


def test_auto_says_why_a_camera_was_skipped(plug_in, device, monkeypatch):
    pytest.importorskip('skimage', reason='no scikit-image, from which the photographs come')
    monkeypatch.setattr(auto, 'list_cameras', lambda: [device])
    plug_in(FakeCapture(opens=False))
    with AutoSource(SourceConfig(realtime=False)) as source:
        assert 'another program uses it' in source.description


def test_auto_searches_on_the_thread_of_the_reader_and_can_be_stopped(
    plug_in, device, monkeypatch
):
    """A camera that does not answer must not block the executor of the nodes."""
    monkeypatch.setattr(auto, 'list_cameras', lambda: [device] * 3)
    plug_in(*(FakeCapture(0, hang=threading.Event()) for _ in range(3)))
    calls = []
    source = AutoSource(SourceConfig())
    reader = SourceReader(
        source,
        lambda frame: calls.append('frame'),
        lambda error, again: calls.append(str(error)),
        lambda: calls.append('open'),
    )
    reader.start()
    assert calls == [], 'the search is not finished'
    reader.stop()
    assert calls == []
    assert source.description.startswith('auto:')


def test_closing_a_source_while_it_opens_is_not_an_error(monkeypatch):
    """close() comes from another thread, here before the reading thread has started."""
    source = CameraSource('/dev/there_is_no_camera', SourceConfig())
    start = live._Reader.start

    def close_first(reader):
        source.close()
        start(reader)

    monkeypatch.setattr(live._Reader, 'start', close_first)
    with pytest.raises(SourceError, match='there is no /dev/there_is_no_camera'):
        source.open()
