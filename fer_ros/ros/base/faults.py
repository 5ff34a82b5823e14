"""The fault of a node, for its log (not with every frame) and its diagnostics."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from fer_ros.core.redaction import redact

#: Seconds between two equal log lines of a fault that repeats with every frame.
LOG_PERIOD = 5.0


class Faults:
    """The fault of a node over time. Several threads may use it.

    Attributes:
        current: The present fault, '' if there is none.
    """

    def __init__(self, log: Callable[[str], object]) -> None:
        """Use this function to log a line."""
        self.current = ''
        self._log = log
        self._untold = ''
        self._logged: dict[str, float] = {}

    def report(self, message: str) -> None:
        """Note a fault, and log it unless an equal one was logged a moment ago."""
        message = redact(message)
        self.current = self._untold = message
        now = time.monotonic()
        # Texts that differ only in numbers are equal, because sizes change with every image.
        kind = re.sub(r'\d+', '', message)
        self._logged = {
            kind: logged for kind, logged in self._logged.items() if now - logged < LOG_PERIOD
        }
        if kind not in self._logged:
            self._logged[kind] = now
            self._log(message)

    def clear(self) -> None:
        """Forget the fault: the node works."""
        self.current = ''

    def take_passed(self) -> str:
        """Return a fault that began and ended since the last call. '' if there was none."""
        passed, self._untold = self._untold, ''
        return '' if self.current else passed
