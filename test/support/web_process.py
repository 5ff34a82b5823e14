"""The web server without ROS, in a separate process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from support.waiting import PATIENCE


class WebProcess:
    """`python -m fer_ros web` with arguments.

    Attributes:
        url: Its address.
    """

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.start('0')

    def start(self, port: str) -> None:
        """Start it and wait until it serves."""
        environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
        self._process = subprocess.Popen(
            [sys.executable, '-m', 'fer_ros', 'web', '--port', port, *self._arguments],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = next(
            line.split()[-1] for line in self._process.stdout if line.startswith('dashboard:')
        )

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it in any state."""
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.communicate(timeout=PATIENCE)
        finally:
            self._process.kill()

    def restart(self) -> None:
        """End it and start it on the same port."""
        self.stop()
        self.start(self.url.rpartition(':')[2])
