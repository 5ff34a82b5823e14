"""The drawn sequence: the same in every run, at any size and rate, and endless."""

from __future__ import annotations

from itertools import islice

import numpy as np

from fer_ros.core.sources import SourceConfig
from fer_ros.core.sources.synthetic import SyntheticSource


def frames(count: int, **config):
    source = SyntheticSource(SourceConfig(realtime=False, clock=lambda: 0, **config))
    with source:
        return list(islice(source, count))


def test_every_run_is_the_same_and_every_frame_differs():
    once, again = frames(5), frames(5)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(once, again, strict=True))
    assert len({frame.image.tobytes() for frame in once}) == 5


def test_size_and_rate_are_as_requested():
    one, two = frames(2, width=333, height=77, fps=8)
    assert (one.width, one.height, one.encoding) == (333, 77, 'bgr8')
    assert two.stamp - one.stamp == 125_000_000


def test_the_source_has_no_end_and_needs_no_loop():
    assert len(frames(200, width=32, height=24)) == 200


def test_a_closed_source_gives_nothing():
    source = SyntheticSource(SourceConfig(realtime=False))
    assert source.read() is None
    source.open()
    source.close()
    assert source.read() is None
