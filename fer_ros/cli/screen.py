"""A terminal: lines that stay, and under them one that is rewritten."""

from __future__ import annotations

import os
import sys
import time

#: Seconds between two status lines where the terminal cannot rewrite one.
STATUS_PERIOD = 5.0


class Screen:
    """Prints lines, and under them one that is rewritten where the terminal allows."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._last_status = 0.0

    def line(self, text: str) -> None:
        """Print a line that stays."""
        print(f'\r\033[K{text}' if self._live else text, flush=True)

    def status(self, text: str) -> None:
        """Show the status line."""
        if self._live:
            columns = os.get_terminal_size().columns
            print(f'\r\033[K{text[: columns - 1]}', end='', flush=True)
        elif time.monotonic() - self._last_status >= STATUS_PERIOD:
            self._last_status = time.monotonic()
            print(f'          {text}', flush=True)

    def end(self) -> None:
        """Leave the status line."""
        if self._live:
            print('\r\033[K', end='', flush=True)
