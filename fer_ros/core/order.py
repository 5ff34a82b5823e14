"""Frames by their stamps: in order, late, or after the clock was set back."""

from __future__ import annotations

from fer_ros.core.errors import LateError

#: A frame this many seconds before the newest is late: two cameras on one topic, a busy driver.
#: One still older tells that the clock was set back, or that a recording starts again.
LATEST = 1.0

#: So do this many late frames in a row: late ones come between those that are in time.
MOST_IN_A_ROW = 5


class StampOrder:
    """Follows the stamps of frames as they come."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._late = 0

    def step_back(self, stamp: int) -> float:
        """Take the stamp of the next frame, nanoseconds; return the seconds time went back.

        These are 0.0 for a frame in order. Raises LateError for one that is to be left out.
        """
        newest = self._newest
        if newest is not None and stamp < newest:
            seconds = (newest - stamp) * 1e-9
            self._late += 1
            if seconds <= LATEST and self._late < MOST_IN_A_ROW:
                raise LateError(
                    f'a frame came {seconds:.3f} s after a newer one: does more than one camera '
                    'publish here?')
        else:
            seconds = 0.0
        self._late = 0
        self._newest = stamp
        return seconds

    def reset(self) -> None:
        """Forget what came: any stamp is in order next."""
        self._newest = None
        self._late = 0
