"""Videos of many kinds, and both readers: PyAV, and OpenCV as without PyAV."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.waiting import PATIENCE

from fer_ros.core.sources import capture
from fer_ros.offline.results import video

READERS = ('PyAV', 'OpenCV')

Image = NDArray[np.uint8]


def use_reader(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this test read and write videos with one of READERS, or skip."""
    if name == 'OpenCV':
        without_pyav(monkeypatch)
    else:
        pytest.importorskip('av', reason='no PyAV: pip install av')


def without_pyav(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this test use OpenCV only."""
    for module in (capture, video):
        monkeypatch.setattr(module, 'has_pyav', lambda: False)


def encode(
    path: Path,
    frames: Iterable[Image],
    codec: str = 'libx264',
    *,
    fps: int = 25,
    times: Sequence[float] | None = None,
    aspect: Fraction | None = None,
    options: Mapping[str, str] | None = None,
) -> Path:
    """Write bgr8 frames of one size with PyAV; return the path.

    Args:
        times: Seconds of each frame, for a variable rate.
        aspect: Width divided by height of a pixel.
    """
    av = pytest.importorskip('av', reason='no PyAV: pip install av')
    milliseconds = Fraction(1, 1000)
    with av.open(str(path), 'w') as container:
        stream = container.add_stream(codec, rate=fps, options=dict(options or {}))
        stream.pix_fmt = 'yuv420p'
        for number, image in enumerate(frames):
            if not number:
                stream.height, stream.width = image.shape[:2]
                if aspect:
                    stream.codec_context.sample_aspect_ratio = aspect
                if times:
                    stream.codec_context.time_base = milliseconds
            frame = av.VideoFrame.from_ndarray(image, format='bgr24')
            frame.pts = round(times[number] * 1000) if times else number
            frame.time_base = milliseconds if times else Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def ffmpeg(*arguments: object) -> None:
    """Run Debian's ffmpeg, or skip: PyAV cannot make what it makes."""
    program = shutil.which('ffmpeg')
    if program is None:
        pytest.skip('no ffmpeg: apt-get install ffmpeg')
    subprocess.run(
        [program, '-v', 'error', '-y', *map(str, arguments)], check=True, timeout=PATIENCE
    )


def moving_bars(count: int, size: tuple[int, int] = (160, 128), step: int = 3) -> list[Image]:
    """Return pictures of bars that move to the right, of which two fields in one look combed."""
    across = np.arange(size[0])
    return [
        np.repeat(
            np.broadcast_to(
                np.where((across - step * number) // 16 % 2, 210, 40), (size[1], size[0])
            )[..., None].astype(np.uint8),
            3,
            axis=2,
        )
        for number in range(count)
    ]


def woven(frames: Sequence[Image], top_first: bool = True) -> list[Image]:
    """Return half as many pictures, each with the lines of two frames in turn."""
    pictures = []
    for first, second in zip(frames[::2], frames[1::2], strict=True):
        picture = first.copy()
        later = 1 if top_first else 0
        picture[later::2] = second[later::2]
        pictures.append(picture)
    return pictures


def combing(image: Image) -> float:
    """Return how much lines differ from their neighbours, gray levels: much for two fields."""
    lines = image[..., 0].astype(float)
    return float(np.abs(lines[1:-1] - (lines[:-2] + lines[2:]) / 2).mean())
