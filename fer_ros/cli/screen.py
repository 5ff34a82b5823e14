"""A terminal with permanent lines, and a status line below them."""

from __future__ import annotations

import shutil
import sys
import time

#: Seconds for which "starting ..." is shown at most until the first frame is processed.
STARTUP = 30.0

#: Seconds between two status lines if the terminal cannot rewrite a line.
STATUS_PERIOD = 5.0


class Screen:
    """Prints permanent lines, and a status line below them if the terminal allows it."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._last_status = 0.0

    def line(self, text: str) -> None:
        """Print a permanent line."""
        print(f'\r\033[K{text}' if self._live else text, flush=True)

    def status(self, text: str) -> None:
        """Show the status line."""
        if self._live:
            # A terminal without a size reports 0 columns. This gives 80 instead.
            columns = shutil.get_terminal_size().columns
            print(f'\r\033[K{text[: columns - 1]}', end='', flush=True)
        elif time.monotonic() - self._last_status >= STATUS_PERIOD:
            self._last_status = time.monotonic()
            print(f'          {text}', flush=True)

    def end(self) -> None:
        """End the status line."""
        if self._live:
            print('\r\033[K', end='', flush=True)
