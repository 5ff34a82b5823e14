"""A link with delay and loss, or without multicast: Ethernet frames between two TAP devices.

tc netem does the first on kernels that have it; this does the same on all of them.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

TUN = Path('/dev/net/tun')

_TUNSETIFF = 0x400454CA
_TAP_WITHOUT_HEADER = 0x0002 | 0x1000
_LONGEST_FRAME = 65536


class Relay:
    """Carries frames between two TAP devices.

    Args:
        delay: Seconds in each direction.
        loss: Share of lost frames, [0, 1]. The same frames are lost in each run.
        multicast: Whether IPv4 multicast passes. Many wireless networks block it.
    """

    def __init__(self, delay: float = 0.0, loss: float = 0.0, multicast: bool = True) -> None:
        self._delay = delay
        self._loss = loss
        self._multicast = multicast
        self._random = random.Random(1)
        self._ends: list[int] = []
        self.lost = 0

    def open(self) -> Sequence[str]:
        """Make both devices, start to carry frames, and return the names of the devices."""
        names = []
        for end in 'ab':
            name = f'fer{os.getpid()}{end}'
            descriptor = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
            self._ends.append(descriptor)
            fcntl.ioctl(
                descriptor, _TUNSETIFF, struct.pack('16sH22x', name.encode(), _TAP_WITHOUT_HEADER)
            )
            names.append(name)
        self._wake, self._stop = os.pipe()
        self._thread = threading.Thread(target=self._carry, name='relay', daemon=True)
        self._thread.start()
        return names

    def close(self) -> None:
        """Stop; this removes the devices."""
        if self._ends:
            os.close(self._stop)
            self._thread.join()
            for descriptor in (*self._ends, self._wake):
                os.close(descriptor)
            self._ends = []

    def _carry(self) -> None:
        waiting: list[tuple[float, int, int, bytes]] = []
        count = 0
        while True:
            timeout = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
            ready, _, _ = select.select([*self._ends, self._wake], [], [], timeout)
            if self._wake in ready:
                return
            for descriptor in ready:
                # An end that is down, or was just set up, has nothing to read or takes nothing.
                with suppress(OSError):
                    frame = os.read(descriptor, _LONGEST_FRAME)
                    if self._passes(frame):
                        other = self._ends[1 - self._ends.index(descriptor)]
                        count += 1
                        heapq.heappush(
                            waiting, (time.monotonic() + self._delay, count, other, frame)
                        )
            while waiting and waiting[0][0] <= time.monotonic():
                _, _, descriptor, frame = heapq.heappop(waiting)
                with suppress(OSError):
                    os.write(descriptor, frame)

    def _passes(self, frame: bytes) -> bool:
        # IPv4 multicast goes to Ethernet addresses 01:00:5e:..., IPv6's to 33:33:...
        if not self._multicast and frame[:2] in (b'\x01\x00', b'\x33\x33'):
            return False
        if self._random.random() < self._loss:
            self.lost += 1
            return False
        return True
