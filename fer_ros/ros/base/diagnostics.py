"""The statistics of a node, and its diagnostic message."""

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

#: End of the name of a status: '<node>: fer_ros'.
STATUS_SUFFIX = ': fer_ros'

#: Share of lost messages above which diagnostics warn.
MUCH_LOST = 0.2

#: Seconds and sent messages after which the share of lost ones is computed.
_LOSS_PERIOD, _LOSS_MESSAGES = 2.0, 10

#: Seconds from which a latency counts as the difference of two clocks.
INCREDIBLE_LATENCY = 10.0


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of a node: a level, and the reason with the remedy."""

    level: bytes
    message: str


class Statistics:
    """Rate, latency, durations and counts. One thread can write and another report."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latencies: list[float] = []
        self._durations: dict[str, list[float]] = {}
        self._counts = {'processed': 0}
        self._since = time.monotonic()

    def processed(self, latency: float) -> None:
        """Note a message that was published `latency` seconds after the stamp of its frame."""
        with self._lock:
            self._latencies.append(latency)
            self._counts['processed'] += 1

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Measure the time of a step, unless it fails."""
        start = time.perf_counter()
        yield
        seconds = time.perf_counter() - start
        with self._lock:
            self._durations.setdefault(step, []).append(seconds)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count since the start of the node."""
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + number

    def report(self) -> dict[str, str]:
        """Return the statistics since the last report, and all counts, as text by name."""
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
    """Return median and maximum, or why there are none, as for stamps of another clock."""
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
    """Counts lost messages and detects several publishers by publication sequence numbers.

    With depth 1, messages are dropped silently, and the numbers show how many. The losses are
    unknown before the first message, for distributions before Jazzy, which have no numbers, and
    for several publishers, whose numbers are mixed.
    """

    def __init__(self) -> None:
        self._last: int | None = None
        self._newest = 0
        self._turns = 0

    def are_mixed(self) -> bool:
        """Return whether several publishers took turns since the last call.

        A publisher that was restarted begins to count again only once.
        """
        turns, self._turns = self._turns, 0
        return turns > 1

    def lost(self, message_info: Mapping[str, int | None], publishers: int) -> int | None:
        """Return the number of messages that were lost directly before this one.

        None if it is unknown.

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
            return None
        return number - last - 1


class LossRate:
    """The share of lost messages, which is measured repeatedly."""

    def __init__(self) -> None:
        self._received = self._lost = 0
        self._since: float | None = None

    def add(self, lost: int, now: float) -> float | None:
        """Note a message and the lost ones before it, at `now` seconds of a steady clock.

        Returns the share of lost ones if enough arrived, 0.0 for less than MUCH_LOST. None in
        between.
        """
        if self._since is None:
            # The losses before the first message are unknown.
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
        name=node_name + STATUS_SUFFIX,
        hardware_id=hardware_id,
        level=condition.level,
        message=redact(condition.message),
        values=[KeyValue(key=key, value=redact(value)) for key, value in values.items()],
    )
