"""Video files: frames, stamps, loops and damaged files."""

from __future__ import annotations

import threading
from itertools import count, islice, pairwise

import numpy as np
import pytest
from support.clips import write_clip
from support.readers import READERS, use_reader
from support.selection import EXTRAS

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig
from fer_ros.core.sources.video import VideoSource

FAST = SourceConfig(realtime=False, clock=lambda: 0)


@pytest.fixture(params=READERS, autouse=True)
def reader(request, monkeypatch) -> str:
    use_reader(request.param, monkeypatch)
    return request.param


def gray_levels(count: int, width: int = 64, height: int = 48) -> list[np.ndarray]:
    """Frames whose brightness encodes their number."""
    return [np.full((height, width, 3), 10 + 10 * n, np.uint8) for n in range(count)]


def levels(frames) -> list[int]:
    return [round((float(frame.image.mean()) - 10) / 10) for frame in frames]


@pytest.fixture(params=['clip.avi', 'clip.mp4'])
def clip(request, tmp_path):
    return write_clip(tmp_path / request.param, gray_levels(12), fps=25)


def test_all_frames_are_read_in_order_up_to_the_end(clip):
    with VideoSource(clip, FAST) as source:
        frames = list(source)
        assert source.read() is None
    assert levels(frames) == list(range(12))
    assert {frame.encoding for frame in frames} == {'bgr8'}
    assert source.warning == ''


def test_stamps_follow_the_rate_of_the_file(clip):
    with VideoSource(clip, SourceConfig(realtime=False, clock=lambda: 7_000)) as source:
        stamps = [frame.stamp for frame in source]
    assert stamps == pytest.approx([7_000 + n * 40_000_000 for n in range(12)], abs=1_000_000)


def test_a_given_rate_replaces_that_of_the_file(clip):
    config = SourceConfig(realtime=False, clock=lambda: 0, fps=10)
    with VideoSource(clip, config) as source:
        assert source.fps == 10
        stamps = [frame.stamp for frame in source]
    assert stamps == pytest.approx([n * 100_000_000 for n in range(12)], abs=10)


def test_a_loop_starts_again_and_its_stamps_continue(clip):
    config = SourceConfig(realtime=False, clock=lambda: 0, loop=True)
    with VideoSource(clip, config) as source:
        frames = list(islice(source, 30))
    assert levels(frames) == [n % 12 for n in range(30)]
    steps = [later.stamp - earlier.stamp for earlier, later in pairwise(frames)]
    assert steps == pytest.approx([40_000_000] * 29, abs=1_000_000)


def test_in_real_time_stamps_are_clock_times(clip):
    ticks = count(1000)
    config = SourceConfig(fps=1000, clock=lambda: next(ticks), frame_id='eye')
    with VideoSource(clip, config) as source:
        frames = list(source)
    assert [frame.stamp for frame in frames] == sorted({frame.stamp for frame in frames})
    assert all(1000 <= frame.stamp < 1100 for frame in frames)
    assert frames[0].frame_id == 'eye'


def test_large_frames_are_scaled_down_to_the_requested_size(clip):
    config = SourceConfig(realtime=False, width=32, height=32)
    with VideoSource(clip, config) as source:
        frame = source.read()
    assert (frame.width, frame.height) == (32, 24)


def test_kept_frames_are_not_overwritten(clip):
    with VideoSource(clip, FAST) as source:
        first = source.read()
        before = first.image.copy()
        for _ in source:
            pass
    assert np.array_equal(first.image, before)


def test_a_truncated_video_gives_its_readable_frames_and_reports_their_share(tmp_path, caplog):
    whole = write_clip(tmp_path / 'whole.avi', _noise(60)).read_bytes()
    cut = tmp_path / 'cut.avi'
    cut.write_bytes(whole[: len(whole) // 2])
    with VideoSource(cut, FAST) as source:
        delivered = len(list(source))
    assert 10 < delivered < 40
    assert f'{delivered} of 60 frames' in source.warning
    assert source.dropped == 60 - delivered
    assert source.warning in caplog.text


def test_a_truncated_video_can_loop(tmp_path, caplog):
    whole = write_clip(tmp_path / 'whole.avi', _noise(60)).read_bytes()
    cut = tmp_path / 'cut.avi'
    cut.write_bytes(whole[: len(whole) // 2])
    with VideoSource(cut, SourceConfig(realtime=False, loop=True)) as source:
        assert len(list(islice(source, 100))) == 100
    assert len(caplog.records) == 1, 'said once, not at every turn'


@pytest.mark.parametrize(('make', 'reason'), [
    (lambda path: None, 'there is no file'),
    (lambda path: path.write_bytes(b''), 'is empty'),
    (lambda path: path.write_bytes(b'this is no video ' * 999), 'no frame can be decoded'),
    (lambda path: path.mkdir(), 'is a folder: name a file in it'),
])  # fmt: skip
def test_a_file_that_is_not_a_video_is_refused_by_name_on_open(tmp_path, make, reason):
    path = tmp_path / 'clip.mp4'
    make(path)
    source = VideoSource(path, FAST)
    with pytest.raises(SourceError, match=reason) as error:
        source.open()
    assert 'clip.mp4' in str(error.value)
    assert source.read() is None
    source.close()


def test_a_name_with_non_ascii_characters_is_read(tmp_path):
    path = write_clip(tmp_path / 'clip.avi', gray_levels(3)).rename(tmp_path / 'Gesichter ☺.avi')
    with VideoSource(path, FAST) as source:
        assert len(list(source)) == 3
        assert 'Gesichter ☺.avi, 64x48 at 25 Hz' in source.description


def test_close_wakes_a_waiting_reader(clip):
    source = VideoSource(clip, SourceConfig(fps=0.001))
    source.open()
    source.read()
    read: list[object] = []
    thread = threading.Thread(target=lambda: read.append(source.read()))
    thread.start()
    source.close()
    source.close()
    thread.join(30)
    assert read == [None]


def test_a_closed_source_opens_again_from_the_start(clip):
    source = VideoSource(clip, FAST)
    for _ in range(2):
        with source:
            assert levels(islice(source, 5)) == [0, 1, 2, 3, 4]
        assert source.read() is None


@pytest.mark.extra('media')
def test_the_test_clip_is_read_to_its_end():
    with VideoSource(EXTRAS / 'media' / 'pyfeat_single_face.mp4', FAST) as source:
        assert len(list(source)) == 72
    assert source.warning == ''


def _noise(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (48, 64, 3), dtype=np.uint8) for _ in range(count)]
