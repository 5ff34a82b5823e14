"""Animated pictures: each frame is read with its time, as in a video."""

from __future__ import annotations

import gc
import weakref
from itertools import islice

import numpy as np
import pytest
from support.photographs import corners, encode

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig, create_source
from fer_ros.core.sources.animation import AnimationSource

FAST = SourceConfig(realtime=False, clock=lambda: 0)
LEVELS = (20, 120, 220)


@pytest.fixture(params=['.gif', '.webp', '.png', '.avif'])
def animation(request, tmp_path):
    path = tmp_path / f'wave{request.param}'
    path.write_bytes(
        encode(request.param, *(np.full((30, 40, 3), level, np.uint8) for level in LEVELS))
    )
    return path


def test_frames_have_their_order_and_times(animation):
    with create_source(str(animation), FAST) as source:
        assert source.length == 3
        assert source.fps == pytest.approx(1 / 0.12)
        frames = list(source)
    assert [frame.stamp for frame in frames] == [0, 120_000_000, 240_000_000]
    assert [frame.image.shape for frame in frames] == [(30, 40, 3)] * 3
    for frame, level in zip(frames, LEVELS, strict=True):
        assert abs(int(frame.image[15, 20, 0]) - level) < 10
    assert not source.warning


def test_the_rate_and_looping_can_be_set(tmp_path):
    path = tmp_path / 'wave.gif'
    path.write_bytes(encode('.gif', corners(), 255 - corners()))
    config = SourceConfig(realtime=False, clock=lambda: 0, loop=True, fps=10, width=32, height=24)
    with AnimationSource(path, config) as source:
        frames = list(islice(source, 5))
    assert [frame.stamp for frame in frames] == [n * 100_000_000 for n in range(5)]
    assert [int(frame.image[2, 2, 0]) for frame in frames] == [255, 0, 255, 0, 255]
    assert frames[0].image.shape == (24, 32, 3)
    assert source.read() is None, 'closed'


def test_a_closed_animation_keeps_no_data(animation):
    source = AnimationSource(animation, FAST)
    with source:
        next(iter(source))
        image = weakref.ref(source._image)
    gc.collect()
    assert image() is None


def test_a_frame_without_duration_gets_the_default_of_browsers(tmp_path):
    path = tmp_path / 'wave.gif'
    path.write_bytes(encode('.gif', corners(), 255 - corners()).replace(b'\x0c\0', b'\0\0'))
    with AnimationSource(path, FAST) as source:
        assert [frame.stamp for frame in source] == [0, 100_000_000]


def test_a_truncated_animation_is_refused_by_name(animation):
    animation.write_bytes(animation.read_bytes()[:-20])
    with pytest.raises(SourceError, match=f'{animation.name}.*truncated'):
        AnimationSource(animation, FAST).open()
