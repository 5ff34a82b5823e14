"""Search of one tile of the frame after another, for faces too small for the overview."""

from __future__ import annotations

from fer_ros.core.detection.changes import CellMeans
from fer_ros.core.detection.window import SIDE_STEP, Window
from fer_ros.core.types import S_TO_NS, Frame

#: Rows and columns of tiles. One tile is searched every TILE_PERIOD seconds, so the whole frame
#: takes 1.6 s.
TILES = 4
TILE_PERIOD = 0.1

#: Pixels by which neighbouring tiles overlap at least. A face up to this height is completely
#: inside one of them. The overview shows 0.95 of the faces above it.
TILE_OVERLAP = 40


class TileScan:
    """Chooses the tile to search next. A tile that has not changed is omitted."""

    def __init__(self) -> None:
        self._number = 0
        self._last = 0
        self._full: CellMeans | None = None
        self._searched: dict[int, CellMeans] = {}

    def restart(self) -> None:
        """Begin with the first tile."""
        self._number = 0

    def note_full_search(self, cells: CellMeans) -> None:
        """Note that a frame was searched at full resolution.

        Args:
            cells: The cells of the whole frame.
        """
        self._last = cells.stamp
        self._searched.clear()
        self._full = cells

    def forget(self) -> None:
        """Search every tile again, even if it has not changed."""
        self._searched.clear()
        self._full = None

    def seconds_since(self, stamp: int) -> float:
        """Return the seconds from the last search of a tile to a stamp in nanoseconds."""
        return (stamp - self._last) / S_TO_NS

    def next(self, frame: Frame) -> Window | None:
        """Return the next tile. None if it has not changed since it was searched."""
        self._last = frame.stamp
        number, self._number = self._number, (self._number + 1) % TILES**2
        tile = _tile(number, frame)
        earlier = self._searched.get(number)
        if earlier is None and self._full is not None:
            earlier = self._full.cut(tile)
        now = CellMeans.of(frame, tile)
        if now.changed_part(earlier) is None:
            return None
        self._searched[number] = now
        return tile


def _tile(number: int, frame: Frame) -> Window:
    row, column = divmod(number, TILES)
    left, width = _span(column, frame.width)
    top, height = _span(row, frame.height)
    return Window(left, top, width, height)


def _span(index: int, length: int) -> tuple[int, int]:
    """Return the start and the length, in pixels, of a row or column of tiles."""
    part = -(-(length + (TILES - 1) * TILE_OVERLAP) // TILES)
    part = min(-(-part // SIDE_STEP) * SIDE_STEP, length)
    return index * (length - part) // (TILES - 1), part
