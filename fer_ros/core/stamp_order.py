"""Checks of stamps: in order, late, after a clock was set back, or unusable."""

from __future__ import annotations

from fer_ros.core.errors import LateError
from fer_ros.core.types import S_TO_NS

#: A frame this many seconds before the newest is late: two cameras on one topic, a busy driver.
#: An older one means that the clock was set back, or that a recording starts again.
LATEST = 1.0

#: This many late frames in a row mean the same, because single late frames are between others.
MOST_IN_A_ROW = 5

#: This many equal stamps, over at least this many nanoseconds, mean that the clock is stopped.
MOST_EQUAL = 5
LONGEST_STANDSTILL = S_TO_NS


class StampOrder:
    """Checks the order of the stamps of frames. Only this class decides that time goes back."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._late = 0

    def check(self, stamp: int) -> None:
        """Refuse the next frame if it is late. Call it before work that a late frame would waste.

        Args:
            stamp: Stamp of the next frame, in nanoseconds.

        Raises:
            LateError: The frame is late and must be omitted.
        """
        seconds = self._seconds_late(stamp)
        if not seconds:
            return
        self._late += 1
        if seconds <= LATEST and self._late < MOST_IN_A_ROW:
            raise LateError(
                f'a frame arrived {seconds:.3f} s after a newer one: check whether several '
                'cameras publish on this topic'
            )

    def step_back(self, stamp: int) -> float:
        """Take the stamp of the next frame, nanoseconds.

        Returns:
            The seconds by which time went back, 0.0 for a frame in order.

        Raises:
            LateError: The frame is late and must be omitted.
        """
        self.check(stamp)
        seconds = self._seconds_late(stamp)
        self._late = 0
        self._newest = stamp
        return seconds

    @property
    def newest(self) -> int | None:
        """Return the newest stamp, nanoseconds. None if there is none."""
        return self._newest

    def reset(self) -> None:
        """Accept any stamp next."""
        self._newest = None
        self._late = 0

    def _seconds_late(self, stamp: int) -> float:
        newest = self._newest
        return 0.0 if newest is None else max(newest - stamp, 0) / S_TO_NS


class UsableStamps:
    """Replaces unusable stamps by the time of arrival.

    Tracking, smoothing and events use the time of stamps. If every stamp is 0, no time passes and
    no face appears.

    Attributes:
        fault: What is wrong with the stamps. '' while they are used.
    """

    def __init__(self) -> None:
        self.fault = ''
        self._last: int | None = None
        self._equal = 0
        self._since = 0

    def of(self, stamp: int, arrival: int) -> int:
        """Return the stamp to use for a frame: its own, or the time of arrival.

        Args:
            stamp: Stamp of the next frame, in nanoseconds.
            arrival: Arrival of the frame, in nanoseconds.
        """
        if stamp != self._last:
            self._last, self._equal, self._since = stamp, 0, arrival
        self._equal += 1
        if stamp <= 0:
            self.fault = 'have no stamp (it is 0)' if stamp == 0 else 'have a stamp before 1970'
        elif self._equal >= MOST_EQUAL and arrival - self._since >= LONGEST_STANDSTILL:
            self.fault = 'all have the same stamp'
        else:
            self.fault = ''
        return arrival if self.fault else stamp
