"""What a node counts, and the diagnostic message it makes of it once a second."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from fer_ros.core.redaction import redact

OK = DiagnosticStatus.OK
WARN = DiagnosticStatus.WARN
ERROR = DiagnosticStatus.ERROR

#: Share of lost messages above which diagnostics warn.
MUCH_LOST = 0.2

#: Seconds, and messages sent, after which the share of lost ones is taken.
_LOSS_PERIOD, _LOSS_MESSAGES = 2.0, 10

#: Seconds from which on a latency is taken for the difference of two clocks.
INCREDIBLE_LATENCY = 10.0


@dataclass(frozen=True, slots=True)
class Condition:
    """How a node is: a level, and the reason in words a person can act on."""

    level: bytes
    message: str


class Statistics:
    """Rate, latency, durations, counts. May be written on one thread and reported on another."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latencies: list[float] = []
        self._durations: dict[str, list[float]] = {}
        self._counts = {'processed': 0}
        self._since = time.monotonic()

    def processed(self, latency: float) -> None:
        """Note a message published `latency` seconds after its frame's stamp."""
        with self._lock:
            self._latencies.append(latency)
            self._counts['processed'] += 1

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Note how long a step of the work takes, unless it fails."""
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        with self._lock:
            self._durations.setdefault(step, []).append(seconds)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count that is reported from the node's start."""
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + number

    def report(self) -> dict[str, str]:
        """Return what happened since the last report, and all counts, as text by name."""
        now = time.monotonic()
        with self._lock:
            latencies, self._latencies = self._latencies, []
            durations, self._durations = self._durations, {}
            counts = dict(self._counts)
            seconds, self._since = now - self._since, now
        report = {'rate_hz': f'{len(latencies) / seconds:.1f}' if seconds > 0 else '0.0'}
        if latencies:
            report.update(_latency(latencies))
        for step, taken in durations.items():
            report[f'{step}_median_ms'] = f'{statistics.median(taken) * 1e3:.2f}'
        report.update({name: str(count) for name, count in counts.items()})
        return report


def _latency(latencies: list[float]) -> dict[str, str]:
    """Return median and maximum, or the reason without them: a stamp can be of another clock."""
    least, median = min(latencies), statistics.median(latencies)
    if least >= 0 and median < INCREDIBLE_LATENCY:
        return {
            'latency_median_ms': f'{median * 1e3:.1f}',
            'latency_max_ms': f'{max(latencies) * 1e3:.1f}',
        }
    difference = f'{-least:.3f} s ahead of' if least < 0 else f'{median:.1f} s behind'
    return {
        'latency': f'unknown: stamps are {difference} the clock of this host; they come from '
        'another clock (a host that is not synchronised, a bag without use_sim_time)'
    }


class SequenceCounter:
    """Lost messages, and mixed ones, from the publication sequence numbers of publishers.

    Depth 1 drops silently; the numbers show how many. Distributions before Jazzy give none, and
    two publishers count apart in one stream: then nothing is counted rather than guessed.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._newest = 0
        self._turns = 0

    def are_mixed(self) -> bool:
        """Return whether several publishers took turns since this was last asked.

        One that dies and returns starts to count again, once.
        """
        turns, self._turns = self._turns, 0
        return turns > 1

    def lost(self, message_info: Mapping[str, int | None], publishers: int) -> int:
        """Return how many messages were lost just before this one.

        Args:
            message_info: As rclpy passes it to the callback of the subscription.
            publishers: Number of publishers of the subscription.
        """
        number = message_info.get('publication_sequence_number')
        if number is not None:
            self._turns += number <= self._newest
            self._newest = number
        last, self._last = self._last, number if publishers == 1 else None
        if number is None or last is None or publishers != 1 or number <= last:
            return 0
        return number - last - 1


class LossRate:
    """The share of lost messages, which is measured repeatedly."""

    def __init__(self) -> None:
        self._received = self._lost = 0
        self._since: float | None = None

    def add(self, lost: int, now: float) -> float | None:
        """Take a message before which `lost` were lost, at `now` seconds of a steady clock.

        Returns the share of lost ones if enough arrived, 0.0 for less than MUCH_LOST; None in
        between.
        """
        if self._since is None:
            # What was lost before the first one is not known.
            self._since = now
            return None
        self._received += 1
        self._lost += lost
        sent = self._received + self._lost
        if now - self._since < _LOSS_PERIOD or sent < _LOSS_MESSAGES:
            return None
        share = self._lost / sent
        self._received = self._lost = 0
        self._since = now
        return share if share >= MUCH_LOST else 0.0


def status(
    node_name: str,
    hardware_id: str,
    condition: Condition,
    values: Mapping[str, str],
) -> DiagnosticStatus:
    """Return the diagnostic status of a node. It shows no password."""
    return DiagnosticStatus(
        name=f'{node_name}: fer_ros',
        hardware_id=hardware_id,
        level=condition.level,
        message=redact(condition.message),
        values=[KeyValue(key=key, value=redact(value)) for key, value in values.items()],
    )
