"""One part of a frame after another: where faces are looked for that an overview does not show."""

from __future__ import annotations

from fer_ros.core.detection.changes import Squares
from fer_ros.core.detection.window import Window, window_about
from fer_ros.core.types import S_TO_NS, Frame

#: A frame has so many columns and rows of parts. One part is due in so many seconds: the whole
#: frame in 1.6 s.
PARTS = 4
PART_PERIOD = 0.1

#: Pixels around each part that are searched with it: a face up to twice this height lies whole in
#: one of them.
PART_MARGIN = 32


class PartScan:
    """Chooses the part of a frame to search next; one that has not changed is left out."""

    def __init__(self) -> None:
        self._number = 0
        self._last = 0
        self._whole: Squares | None = None
        self._searched: dict[int, Squares] = {}

    def restart(self) -> None:
        """Begin with the first part."""
        self._number = 0

    def note_whole(self, whole: Squares) -> None:
        """Take note of what a frame shows that was searched as a whole."""
        self._last = whole.stamp
        self._searched.clear()
        self._whole = whole

    def forget(self) -> None:
        """Search every part again, whether it has changed or not."""
        self._searched.clear()
        self._whole = None

    def seconds_since(self, stamp: int) -> float:
        """Return the time between the last part and a stamp."""
        return (stamp - self._last) / S_TO_NS

    def next(self, frame: Frame) -> Window | None:
        """Return the part whose turn it is; None where it shows what it showed when searched."""
        self._last = frame.stamp
        number, self._number = self._number, (self._number + 1) % PARTS**2
        row, column = divmod(number, PARTS)
        width, height = -(-frame.width // PARTS), -(-frame.height // PARTS)
        part = window_about(
            ((column + 0.5) * width, (row + 0.5) * height),
            width + 2 * PART_MARGIN,
            height + 2 * PART_MARGIN,
            frame,
        )
        before = self._searched.get(number)
        if before is None and self._whole is not None:
            before = self._whole.part(part)
        now = Squares.of(frame, part)
        if not now.show_news(before):
            return None
        self._searched[number] = now
        return part
