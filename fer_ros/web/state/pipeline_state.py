"""The current state: faces in view, events, and the condition of the pipeline.

The program that runs the pipeline writes it on any thread. Pages and API read it on another.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from fer_ros.core.redaction import redact
from fer_ros.core.types import EmotionSet, Event
from fer_ros.web.state.health import NodeHealth, Situation, situation_of
from fer_ros.web.state.people import People
from fer_ros.web.state.time_line import TimeLines

#: Number of events that are kept for later clients.
KEPT_EVENTS = 1000

#: Seconds over which rate and latency are measured.
FIGURES_SPAN = 3.0

#: Seconds without a report after which a node is removed while results arrive.
NODE_MEMORY = 30.0


#: Seconds by which the wall clock must move to count as set.
CLOCK_SET = 1.0


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """An event, its number since the start, and its time of arrival by the wall clock, seconds.

    Attributes:
        person: The number of the person.
    """

    number: int
    time: float
    event: Event
    person: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of the pipeline.

    Attributes:
        rate: Results per second.
        latency: Median in seconds. None if the clocks do not allow it.
        results: Number since the start.
        events: Number since the start.
        skipped: Frames per second that newer frames replaced, as the nodes count them.
    """

    rate: float
    latency: float | None
    results: int
    events: int
    skipped: float


EventSink = Callable[[NumberedEvent], None]


class PipelineState:
    """The newest results, events and node reports.

    Args:
        host: The name of this machine, to distinguish nodes on this machine from others.
        clock: A monotonic clock in seconds.

    Attributes:
        people: The numbers of the people.
    """

    def __init__(
        self,
        host: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.host = socket.gethostname() if host is None else host
        self.clock = clock
        self.people = People()
        self._wall = time.time() - clock()
        self._lock = threading.Lock()
        self._emotions: EmotionSet | None = None
        self._camera_on: bool | None = None
        self._model: tuple[str, str] | None = None
        self._last_result: float | None = None
        self._latency = 0.0
        self._recent: deque[tuple[float, float | None]] = deque(maxlen=1000)
        self._lines = TimeLines()
        self._events: deque[NumberedEvent] = deque(maxlen=KEPT_EVENTS)
        self._nodes: dict[str, NodeHealth] = {}
        self._sinks: set[EventSink] = set()
        self._results = 0
        self._event_count = 0

    @property
    def wall(self) -> float:
        """Return the difference between the wall clock and this clock, in seconds.

        It changes only when the wall clock is set, so that a moment has the same time in each
        answer.
        """
        wall = time.time() - self.clock()
        if abs(wall - self._wall) > CLOCK_SET:
            self._wall = wall
        return self._wall

    # Writing.

    def take_emotions(self, emotions: EmotionSet, latency: float | None = None) -> None:
        """Store the expressions of a frame, which arrived `latency` seconds after its stamp."""
        now = self.clock()
        self.people.see(emotions.faces)
        with self._lock:
            self._model = emotions.model_name, emotions.model_hash
            self._emotions, self._last_result, self._latency = emotions, now, latency or 0.0
            self._results += 1
            self._recent.append((now, latency))
            self._lines.add(emotions, now)

    def take_event(self, event: Event) -> None:
        """Store an event and pass it to all listeners."""
        person = self.people.number(event.face_id)
        with self._lock:
            self._event_count += 1
            numbered = NumberedEvent(self._event_count, time.time(), event, person)
            self._events.append(numbered)
            sinks = tuple(self._sinks)
        for sink in sinks:
            sink(numbered)

    def take_health(self, health: NodeHealth) -> None:
        """Store the report of a node."""
        with self._lock:
            health = replace(
                health,
                message=redact(health.message),
                skipped=_skipped(self._nodes.get(health.name), health),
            )
            self._nodes[health.name] = health
            while len(self._nodes) > 64:
                del self._nodes[min(self._nodes, key=lambda name: self._nodes[name].heard)]

    def take_camera(self, on: bool) -> None:
        """Store whether the camera is on."""
        with self._lock:
            self._camera_on = on

    def listen(self, sink: EventSink) -> Callable[[], None]:
        """Call `sink` with each event, on the thread of the event.

        Return a function that ends this.
        """
        with self._lock:
            self._sinks.add(sink)

        def end() -> None:
            with self._lock:
                self._sinks.discard(sink)

        return end

    # Reading.

    def emotions(self) -> EmotionSet | None:
        """Return the expressions of the newest frame, or None if no results arrive."""
        with self._lock:
            return self._emotions if self._situation().is_running else None

    def camera_on(self) -> bool | None:
        """Return whether the camera is on, or None if unknown."""
        with self._lock:
            return self._camera_on

    def model(self) -> tuple[str, str] | None:
        """Return name and hash of the model of the newest results, None if there are none."""
        with self._lock:
            return self._model

    def situation(self) -> Situation:
        """Return the situation of the pipeline."""
        with self._lock:
            return self._situation()

    def figures(self) -> Figures:
        """Return rate, latency and counts."""
        now = self.clock()
        with self._lock:
            recent = [entry for entry in self._recent if now - entry[0] < FIGURES_SPAN]
            skipped = sum(node.skipped for node in self._nodes.values() if not node.is_silent(now))
            results, events = self._results, self._event_count
        latencies = [latency for _, latency in recent if latency is not None]
        span = now - recent[0][0] if len(recent) > 1 else 0.0
        return Figures(
            (len(recent) - 1) / span if span > 0 else 0.0,
            statistics.median(latencies) if latencies else None,
            results,
            events,
            skipped,
        )

    def time_lines(self) -> TimeLines:
        """Return a copy of the time lines of the faces that ends now."""
        with self._lock:
            return self._lines.until(self.clock())

    def events(self, after: int = 0) -> list[NumberedEvent]:
        """Return the kept events with a number above `after`, oldest first.

        If no event has the number `after` yet, it is of an earlier run of the server. All events
        are then new.
        """
        with self._lock:
            known = after if after <= self._event_count else 0
            return [event for event in self._events if event.number > known]

    def nodes(self) -> list[NodeHealth]:
        """Return the last report of each node, by name."""
        with self._lock:
            if self._situation().is_running:
                now = self.clock()
                self._nodes = {
                    name: node
                    for name, node in self._nodes.items()
                    if now - node.heard < NODE_MEMORY
                }
            return [self._nodes[name] for name in sorted(self._nodes)]

    def _situation(self) -> Situation:
        faces = len(self._emotions.faces) if self._emotions is not None else 0
        return situation_of(
            self.clock(),
            self._last_result,
            faces,
            self._nodes.values(),
            self.host,
            self._latency,
            self._camera_on,
        )


def _skipped(before: NodeHealth | None, now: NodeHealth) -> float:
    """Return the dropped frames per second between two reports of a node, or 0 after a restart."""
    if before is None or now.heard <= before.heard:
        return 0.0
    return max(now.dropped - before.dropped, 0) / (now.heard - before.heard)
