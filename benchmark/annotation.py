"""The rate of annotate for a video of one moving face, on two cores."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any

from benchmark.scenes import RATE, Scene
from fer_ros.offline.results.video import VideoFile

CORES = 2

SEARCHES = ('fast', 'full')

#: Length of the video, and of its part that is repeated, seconds.
SECONDS, PART_SECONDS = 60, 4

_RESULT = re.compile(r'(\d+) frames in .* ([\d.]+) a second')


def measure(model: str, folder: Path, repetitions: int) -> dict[str, Any]:
    """Return frames per second and processor time per frame for each search.

    The searches take turns.
    """
    video = folder / 'walk.mp4'
    _write(video)
    runs: dict[str, list[dict[str, float]]] = {search: [] for search in SEARCHES}
    with _on_cores(CORES):
        for _ in range(repetitions):
            for search in SEARCHES:
                runs[search].append(_annotate(model, folder, video, search))
    return {'seconds': SECONDS, 'runs': runs}


def _write(path: Path) -> None:
    frames = Scene().walk(PART_SECONDS * RATE)
    video = VideoFile(path, RATE)
    for number in range(SECONDS * RATE):
        video.write(frames[number % len(frames)], number / RATE)
    video.close()


@contextmanager
def _on_cores(count: int) -> Iterator[None]:
    """Run programs that are started in the `with` block on that many cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _annotate(model: str, folder: Path, video: Path, search: str) -> dict[str, float]:
    """Run annotate. The rate is that which it prints: with the start of its process."""
    used = _seconds_of_children()
    options = ['--again', '--out', str(folder / 'annotated'), '--model', model, '--search', search]
    done = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'annotate', str(video), *options],
        capture_output=True,
        text=True,
        check=True,
    )
    used = _seconds_of_children() - used
    result = _RESULT.search(done.stdout)
    if result is None:
        raise RuntimeError(f'annotate printed no rate: {done.stdout}')
    return {'rate': float(result[2]), 'processor_ms': 1e3 * used / int(result[1])}


def _seconds_of_children() -> float:
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
