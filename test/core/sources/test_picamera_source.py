"""The camera module of a Raspberry Pi, with a mock of Picamera2.

The mock follows the manual of Picamera2 for the calls that are used. No camera module was
available, so these tests do not show that a real one works.
"""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from support.waiting import wait_for

from fer_ros.core.errors import SourceError
from fer_ros.core.source_spec import camera_module, file_of
from fer_ros.core.sources import SourceConfig, auto, create_source
from fer_ros.core.sources.auto import AutoSource


class FakeRequest:
    """A frame with its metadata; it must be released, or the camera runs out of buffers."""

    waiting = 0

    def __init__(self, size: tuple[int, int]) -> None:
        FakeRequest.waiting += 1
        self._pixels = np.empty((size[1], size[0], 3), np.uint8)
        self._pixels[:] = (10, 20, 30)

    def make_array(self, stream: str) -> np.ndarray:
        assert stream == 'main'
        return self._pixels

    def get_metadata(self) -> dict[str, int]:
        started = time.clock_gettime(time.CLOCK_BOOTTIME)
        return {'SensorTimestamp': round((started - 0.05) * 1e9)}

    def release(self) -> None:
        FakeRequest.waiting -= 1
        self._pixels[:] = 255  # the next frame overwrites the buffer


class FakePicamera2:
    """A camera that delivers 50 frames a second at the size that was configured."""

    modules = ('imx708',)
    busy = False
    fails = False
    made: ClassVar[list[FakePicamera2]] = []

    @staticmethod
    def global_camera_info() -> list[dict[str, object]]:
        return [{'Model': model, 'Num': n} for n, model in enumerate(FakePicamera2.modules)]

    def __init__(self, number: int) -> None:
        if FakePicamera2.busy:
            raise RuntimeError('Failed to acquire camera: Device or resource busy')
        self.number = number
        self.calls: list[str] = []
        FakePicamera2.made.append(self)

    def create_video_configuration(self, main, controls):
        return SimpleNamespace(main=main, controls=controls)

    def configure(self, configuration) -> None:
        self.configuration = configuration

    def start(self) -> None:
        self.calls.append('start')
        if FakePicamera2.fails:
            raise RuntimeError('the sensor does not answer')

    def capture_request(self) -> FakeRequest:
        time.sleep(0.02)
        return FakeRequest(self.configuration.main['size'])

    def stop(self) -> None:
        self.calls.append('stop')

    def close(self) -> None:
        self.calls.append('close')


@pytest.fixture(autouse=True)
def library(monkeypatch):
    monkeypatch.setattr(FakePicamera2, 'made', [])
    module = SimpleNamespace(Picamera2=FakePicamera2, __spec__=SimpleNamespace())
    monkeypatch.setitem(sys.modules, 'picamera2', module)
    return module


def test_frames_are_bgr_copies_stamped_at_exposure():
    with create_source('picamera', SourceConfig(320, 240, 20)) as source:
        assert source.live
        assert source.description == 'camera module 0, 320x240 at 20 Hz'
        frame = source.read()
        age = time.time_ns() - frame.stamp
    assert frame.encoding == 'bgr8'
    assert frame.image.shape == (240, 320, 3)
    assert (frame.image == (10, 20, 30)).all()
    assert age >= 0.05e9
    (camera,) = FakePicamera2.made
    assert camera.configuration.main == {'size': (320, 240), 'format': 'RGB888'}
    assert camera.configuration.controls == {'FrameRate': 20}


def test_the_camera_is_stopped_and_every_buffer_returned():
    with create_source('picamera', SourceConfig()) as source:
        source.read()
    (camera,) = FakePicamera2.made
    wait_for(lambda: camera.calls == ['start', 'stop', 'close'], 'end of the camera')
    assert FakeRequest.waiting == 0


def test_a_second_module_is_chosen_by_its_number(monkeypatch):
    monkeypatch.setattr(FakePicamera2, 'modules', ('imx708', 'ov5647'))
    with create_source('picamera:1', SourceConfig()) as source:
        source.read()
    assert FakePicamera2.made[0].number == 1


def test_a_missing_module_is_named():
    with pytest.raises(SourceError, match=r'no camera module 3, there are 1: .*--list-cameras'):
        create_source('picamera:3', SourceConfig()).open()


def test_a_busy_module_is_named(monkeypatch):
    monkeypatch.setattr(FakePicamera2, 'busy', True)
    with pytest.raises(SourceError, match=r'busy.*another program'):
        create_source('picamera', SourceConfig()).open()


def test_a_module_that_does_not_start_is_closed(monkeypatch):
    monkeypatch.setattr(FakePicamera2, 'fails', True)
    with pytest.raises(SourceError, match='the sensor does not answer'):
        create_source('picamera', SourceConfig()).open()
    (camera,) = FakePicamera2.made
    assert camera.calls == ['start', 'close']


def test_without_the_library_the_error_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, 'picamera2', None)
    with pytest.raises(SourceError, match='python3-picamera2'):
        create_source('picamera', SourceConfig()).open()


def test_auto_prefers_the_camera_module_to_video_devices(monkeypatch):
    monkeypatch.setattr(auto, 'list_cameras', lambda: ['/dev/video0'])
    with AutoSource(SourceConfig()) as source:
        assert source.description.startswith('camera module 0, 640x480')
        assert source.read() is not None


@pytest.mark.parametrize(
    ('spec', 'number'),
    [('picamera', 0), ('picamera:2', 2), ('picamera:', None), ('picamera:x', None), ('0', None)],
)
def test_a_module_is_addressed_by_name_or_number(spec, number):
    assert camera_module(spec) == number
    assert (file_of(spec) is None) == (number is not None or spec == '0')
