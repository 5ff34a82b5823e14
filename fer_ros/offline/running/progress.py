"""The progress and the remaining time, as a bar in a terminal or as lines in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from tqdm import tqdm

from fer_ros.offline.inputs.finding import Input

#: Assumed bytes of a video frame until the first video is opened.
_FRAME_BYTES = 20_000

#: Seconds between two lines in a log.
_LINE_PERIOD = 10.0


class Progress:
    """A progress bar over the frames of all inputs. In a log, it prints a line from time to time.

    The number of frames of a video is known when it is opened. Until then, it is estimated from
    the file size and the ratio of the videos opened so far.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._sizes = {one.name: one.size for one in inputs if one.kind == 'video'}
        self._lengths = {
            one.name: one.topic.count if one.topic else 1 for one in inputs if one.kind != 'video'
        }
        self._done: dict[str, int] = {}
        self._frames = 0
        self._last_line = time.monotonic()
        self._bar = tqdm(
            total=self._expected(),
            unit=' frames',
            dynamic_ncols=True,
            smoothing=0.1,
            mininterval=0.2,
            file=sys.stderr,
            disable=None,
            bar_format='{percentage:3.0f}% {bar} {n}/{total} frames, {rate_noinv_fmt}, '
            '{remaining} left',
        )

    def report(self, name: str, done: int, length: int) -> None:
        """Show that `done` of `length` frames of an input are processed.

        Args:
            length: 0 if unknown.
        """
        if name in self._sizes and length:
            self._lengths[name] = length
        new = done - self._done.get(name, 0)
        self._done[name] = done
        self._lengths[name] = max(self._lengths.get(name, 0), done)
        self._frames += new
        self._bar.total = max(self._expected(), self._frames)
        self._bar.update(new)
        if self._bar.disable and time.monotonic() - self._last_line >= _LINE_PERIOD:
            self._last_line = time.monotonic()
            self.line(f'{self._frames} of about {self._bar.total} frames')

    def finish(self, name: str, frames: int) -> None:
        """Show that an input has finished or failed, and the number of its frames."""
        self.report(name, frames, 0)
        self._lengths[name] = frames

    def line(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.write(text, file=sys.stderr)

    def close(self) -> None:
        """Close the bar."""
        self._bar.refresh()
        self._bar.close()

    def _expected(self) -> int:
        """Return the number of frames of all inputs, estimated from the size if unknown."""
        opened = [name for name in self._sizes if name in self._lengths]
        frames = sum(self._lengths[name] for name in opened)
        size = sum(self._sizes[name] for name in opened)
        frame_bytes = size / frames if frames and size else _FRAME_BYTES
        waiting = sum(size for name, size in self._sizes.items() if name not in self._lengths)
        return sum(self._lengths.values()) + round(waiting / frame_bytes)
