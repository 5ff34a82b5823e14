"""Unusual videos: interlaced, with non-square pixels, rotated."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.clips import write_clip
from support.proc import open_files
from support.readers import (
    READERS,
    combing,
    encode,
    ffmpeg,
    moving_bars,
    use_reader,
    woven,
)

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import SourceConfig
from fer_ros.core.sources.stream import StreamSource
from fer_ros.core.sources.video import VideoSource

FAST = SourceConfig(realtime=False, clock=lambda: 0)
FRAMES = 12
#: OpenCV's FFmpeg 8 leaves interlaced frames unwritten.
REFUSES = tuple(map(int, cv2.__version__.split('.')[:2])) >= (4, 13)


@pytest.fixture(params=READERS)
def reader(request, monkeypatch) -> str:
    use_reader(request.param, monkeypatch)
    return request.param


def frames_of(path: Path) -> list:
    with VideoSource(path, FAST) as source:
        frames = list(source)
        assert source.warning == ''
    return frames


def h264(path: Path, *, top_first: bool = True) -> Path:
    pictures = woven(moving_bars(2 * FRAMES), top_first)
    field = 'tff' if top_first else 'bff'
    return encode(path, pictures, options={'x264-params': f'{field}=1', 'crf': '10'})


def by_ffmpeg(path: Path, *arguments: str, top_first: bool = True) -> Path:
    """Encode interlaced pictures in 720x576 with options of ffmpeg."""
    pictures = woven(moving_bars(2 * FRAMES, (720, 576), 11), top_first)
    raw = path.with_suffix('.mkv.raw')
    raw.write_bytes(b''.join(picture.tobytes() for picture in pictures))
    ffmpeg(
        '-f',
        'rawvideo',
        '-pixel_format',
        'bgr24',
        '-video_size',
        '720x576',
        '-framerate',
        25,
        '-i',
        raw,
        '-vf',
        'setfield=tff' if top_first else 'setfield=bff',
        *arguments,
        path,
    )
    raw.unlink()
    return path


MPEG2 = ('-c:v', 'mpeg2video', '-flags', '+ilme+ildct', '-b:v', '8M', '-aspect', '4:3')
INTERLACED = {
    'camcorder.mts': h264,
    'old camera, lower field first.mkv': functools.partial(h264, top_first=False),
    'camera.mp4': h264,
    'disc.vob': lambda path: by_ffmpeg(path, *MPEG2, '-f', 'vob'),
    'television.mpg': lambda path: by_ffmpeg(path, *MPEG2),
    'station.ts': lambda path: by_ffmpeg(path, *MPEG2, top_first=False),
    'tape.dv': lambda path: by_ffmpeg(
        path, '-c:v', 'dvvideo', '-pix_fmt', 'yuv420p', '-aspect', '4:3', top_first=False
    ),
}


@pytest.mark.parametrize('name', INTERLACED)
def test_interlaced_video_is_deinterlaced(tmp_path, name):
    use_reader('PyAV', pytest.MonkeyPatch())
    frames = frames_of(INTERLACED[name](tmp_path / name))
    assert len(frames) == FRAMES
    assert [frame.stamp for frame in frames] == pytest.approx(
        [number * 40_000_000 for number in range(FRAMES)], abs=1_000_000
    )
    step = 3 if frames[0].width == 160 else 11
    raw = combing(woven(moving_bars(2, (160, 128), step))[0])
    assert max(combing(frame.image) for frame in frames) < raw / 4


@pytest.mark.parametrize('step', [4, 9])
def test_interlaced_frames_without_a_flag_are_detected(tmp_path, step):
    """Motion JPEG has no flag for it."""
    use_reader('PyAV', pytest.MonkeyPatch())
    pictures = woven(moving_bars(40, (640, 480), step))
    path = write_clip(tmp_path / 'old.avi', pictures)
    frames = frames_of(path)
    assert len(frames) == 20
    assert max(combing(frame.image) for frame in frames[5:]) < combing(pictures[0]) / 4


@pytest.mark.parametrize('deviation', [0, 5, 10, 20, 40])
def test_noise_is_not_detected_as_interlaced(tmp_path, deviation):
    use_reader('PyAV', pytest.MonkeyPatch())
    rng = np.random.default_rng(0)
    pictures = [
        np.clip(image + rng.normal(0, deviation, image.shape), 0, 255).astype(np.uint8)
        for image in moving_bars(20, (640, 480), 5)
    ]
    path = write_clip(tmp_path / 'clip.avi', pictures)
    from fer_ros.core.sources.pyav_capture import PyavCapture

    source = PyavCapture.of_file(path)
    while source.grab():
        pass
    assert not source.deinterlaces
    source.release()


@pytest.mark.parametrize('name', INTERLACED)
def test_opencv_gives_no_frame_that_was_not_written(tmp_path, monkeypatch, name):
    path = INTERLACED[name](tmp_path / name)
    somebody = encode(tmp_path / 'somebody.mp4', moving_bars(5, cv2_size(path)))
    use_reader('OpenCV', monkeypatch)
    frames_of(somebody)
    if not REFUSES:
        pytest.skip(f'OpenCV {cv2.__version__} converts interlaced frames')
    with pytest.raises(SourceError, match=r'are interlaced.*pip install av') as error:
        VideoSource(path, FAST).open()
    assert path.name in str(error.value)


def cv2_size(path: Path) -> tuple[int, int]:
    capture = cv2.VideoCapture(str(path))
    return (
        int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
    )


@pytest.fixture
def served(tmp_path):
    """A folder served over HTTP."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.02})
        thread.start()
        yield tmp_path, f'http://127.0.0.1:{server.server_port}'
        server.shutdown()
        thread.join()


def interlaced_stream(folder: Path, address: str) -> StreamSource:
    encode(
        folder / 'live.ts', woven(moving_bars(240)), options={'x264-params': 'tff=1', 'crf': '10'}
    )
    return StreamSource(f'{address}/live.ts', SourceConfig(open_timeout=30, read_timeout=30))


def test_an_interlaced_stream_is_deinterlaced(served):
    use_reader('PyAV', pytest.MonkeyPatch())
    with interlaced_stream(*served) as source:
        frames = [source.read() for _ in range(5)]
    limit = combing(woven(moving_bars(2))[0]) / 4
    assert max(combing(frame.image) for frame in frames) < limit


@pytest.mark.skipif(not REFUSES, reason='this OpenCV converts interlaced frames')
def test_opencv_refuses_an_interlaced_stream(served, monkeypatch):
    use_reader('OpenCV', monkeypatch)
    source = interlaced_stream(*served)
    with pytest.raises(SourceError, match='pip install av'):
        source.open()
    source.close()


@pytest.mark.parametrize(('aspect', 'size'), [
    (Fraction(2), (320, 128)), (Fraction(16, 11), (233, 128)), (Fraction(64, 45), (228, 128)),
    (Fraction(1, 2), (160, 256)), (Fraction(1), (160, 128)), (Fraction(200), (160, 128)),
], ids=str)  # fmt: skip
def test_non_square_pixels_become_square(tmp_path, reader, aspect, size):
    path = encode(tmp_path / 'clip.mp4', moving_bars(4), aspect=aspect)
    assert {(frame.width, frame.height) for frame in frames_of(path)} == {size}


def test_a_rotated_video_is_turned_upright_with_its_pixel_aspect(tmp_path, reader):
    flat = encode(tmp_path / 'flat.mp4', _bright_top(4), aspect=Fraction(2))
    ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v', 'rotate=90', tmp_path / 'side.mp4')
    ffmpeg('-i', tmp_path / 'side.mp4', '-frames:v', 1, tmp_path / 'side.png')
    frame = frames_of(tmp_path / 'side.mp4')[0]
    assert (frame.width, frame.height) == (128, 320)
    expected = cv2.resize(cv2.imread(str(tmp_path / 'side.png')), (128, 320))
    assert np.abs(frame.image.astype(int) - expected).mean() < 5


def _bright_top(count: int) -> list[np.ndarray]:
    image = np.full((128, 160, 3), 30, np.uint8)
    image[:40] = 200
    return [image] * count


def test_a_variable_rate_does_not_count_as_damage(tmp_path, reader):
    times = [0.0, 0.033, 0.067, 0.1, 3.3, 3.333, 3.367, 3.4]
    path = encode(tmp_path / 'gap.webm', moving_bars(8), 'libvpx-vp9', times=times)
    stamps = [frame.stamp for frame in frames_of(path)]
    assert stamps == pytest.approx([time * 1e9 for time in times], abs=1_500_000)


def test_longer_sound_does_not_count_as_damage(tmp_path, reader):
    silent = encode(tmp_path / 'silent.mp4', moving_bars(25))
    for name, codec in (('a.mp4', 'aac'), ('a.mkv', 'libopus')):
        ffmpeg(
            '-i',
            silent,
            '-f',
            'lavfi',
            '-i',
            'sine',
            '-t',
            4,
            '-c:v',
            'copy',
            '-c:a',
            codec,
            tmp_path / name,
        )
        assert len(frames_of(tmp_path / name)) == 25


def test_a_video_cut_from_a_longer_one_does_not_count_as_damaged(tmp_path):
    use_reader('PyAV', pytest.MonkeyPatch())
    long = encode(tmp_path / 'long.mp4', moving_bars(100))
    ffmpeg('-ss', 1.3, '-i', long, '-c', 'copy', tmp_path / 'part.mp4')
    assert 60 < len(frames_of(tmp_path / 'part.mp4')) < 75


@pytest.mark.parametrize('kept', [0.5, 0.9])
@pytest.mark.parametrize(('name', 'codec', 'options'), [
    ('a.mp4', 'libx264', {'bf': '0'}), ('a.mkv', 'libx264', {'bf': '0'}),
    ('a.webm', 'libvpx-vp9', {}), ('a.avi', 'mpeg4', {}), ('a.flv', 'libx264', {'bf': '0'}),
])  # fmt: skip
def test_a_truncated_video_is_reported(tmp_path, name, codec, options, kept):
    use_reader('PyAV', pytest.MonkeyPatch())
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (96, 128, 3), dtype=np.uint8) for _ in range(50)]
    path = encode(tmp_path / name, noise, codec, options=options)
    if name == 'a.mp4':
        ffmpeg('-i', path, '-c', 'copy', '-movflags', '+faststart', tmp_path / 'fast.mp4')
        path = tmp_path / 'fast.mp4'
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with VideoSource(path, FAST) as source:
        delivered = len(list(source))
    assert 0 < delivered < 50
    assert f'ended after {delivered} of ' in source.warning
    assert 'truncated or damaged' in source.warning
    assert source.dropped == pytest.approx(50 - delivered, abs=2)


def test_the_cover_of_a_song_is_not_a_video(tmp_path):
    use_reader('PyAV', pytest.MonkeyPatch())
    cv2.imwrite(str(tmp_path / 'cover.png'), moving_bars(1)[0])
    ffmpeg(
        '-f',
        'lavfi',
        '-i',
        'sine',
        '-i',
        tmp_path / 'cover.png',
        '-t',
        1,
        '-map',
        0,
        '-map',
        1,
        '-c:a',
        'aac',
        '-c:v',
        'copy',
        '-disposition:v',
        'attached_pic',
        tmp_path / 'song.mp4',
    )
    with pytest.raises(SourceError, match='but no video'):
        VideoSource(tmp_path / 'song.mp4', FAST).open()


@pytest.mark.parametrize('name', [b'caf\xe9.mp4', b'\xff\xfe%d:a.mp4', 'Gesichter ☺.mp4'.encode()])
def test_a_video_with_any_name_is_read_and_its_name_can_be_printed(tmp_path, reader, name):
    encode(tmp_path / 'clip.mp4', moving_bars(5))
    path = Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name)))
    (tmp_path / 'clip.mp4').rename(path)
    with VideoSource(path, FAST) as source:
        assert len(list(source)) == 5
        assert source.description.encode()
    path.write_bytes(b'no video')
    with pytest.raises(SourceError, match='no frame can be decoded') as error:
        VideoSource(path, FAST).open()
    assert str(error.value).encode()


def test_a_file_with_sound_alone_is_refused_with_that_reason(tmp_path):
    use_reader('PyAV', pytest.MonkeyPatch())
    ffmpeg('-f', 'lavfi', '-i', 'sine=d=1', tmp_path / 'sound.mp4')
    with pytest.raises(SourceError) as error:
        VideoSource(tmp_path / 'sound.mp4', FAST).open()
    assert 'no frame can be decoded: it contains sound or data, but no video;' in str(error.value)
    assert 'damaged' not in str(error.value)


def test_a_video_of_an_unknown_codec_is_refused_and_closed(tmp_path, reader):
    path = write_clip(tmp_path / 'a.avi', [np.zeros((48, 64, 3), np.uint8)] * 3)
    path.write_bytes(path.read_bytes().replace(b'MJPG', b'ZZZZ'))
    with pytest.raises(SourceError, match='no frame can be decoded'):
        VideoSource(path, FAST).open()
    assert path not in open_files()


def test_a_video_without_frames_is_refused_and_closed(tmp_path, reader):
    path = write_clip(tmp_path / 'a.avi', [np.zeros((48, 64, 3), np.uint8)] * 3)
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b'movi') + 4])
    source = VideoSource(path, FAST)
    with pytest.raises(SourceError, match='no frame can be decoded'):
        source.open()
    assert path not in open_files()


def test_ten_bit_colour_becomes_eight_bit(tmp_path):
    use_reader('PyAV', pytest.MonkeyPatch())
    encode(tmp_path / 'a.mp4', [np.full((64, 64, 3), 90, np.uint8)] * 3)
    ffmpeg(
        '-i',
        tmp_path / 'a.mp4',
        '-c:v',
        'libx265',
        '-pix_fmt',
        'yuv420p10le',
        '-x265-params',
        'log-level=none',
        tmp_path / 'b.mkv',
    )
    frame = frames_of(tmp_path / 'b.mkv')[0]
    assert frame.image.dtype == np.uint8
    assert frame.image.mean() == pytest.approx(90, abs=3)
