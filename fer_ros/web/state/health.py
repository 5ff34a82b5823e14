"""The state of the pipeline, from the reports of its nodes and the time of the last result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fer_ros.core.counting import count_text
from fer_ros.core.display.drawing import SEARCHING
from fer_ros.core.display.overlay import STOPPED

#: Age in seconds at which a result no longer counts as current.
OLD = 2.0

#: Seconds without a report after which a node counts as lost. Nodes report once a second.
NODE_SILENCE = 3.5


class Level(Enum):
    """The level of a node."""

    OK = 'ok'
    WARN = 'warn'
    ERROR = 'error'


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """The report of a node about itself.

    Attributes:
        host: The machine it runs on, '' if unknown.
        heard: Time of the report on the clock of the pipeline state, seconds.
        rate: Per second.
        latency: Seconds, None if unknown.
        dropped: Frames since its start.
        skipped: Frames dropped per second between the last two reports.
    """

    name: str
    host: str
    level: Level
    message: str
    heard: float
    rate: float | None = None
    latency: float | None = None
    dropped: int = 0
    skipped: float = 0.0

    def is_silent(self, now: float) -> bool:
        """Return whether its next report is overdue."""
        return now - self.heard > NODE_SILENCE


class Phase(Enum):
    """The phase of the pipeline."""

    STARTING = 'starting'
    SEARCHING = 'searching'
    WATCHING = 'watching'
    STOPPED = 'stopped'
    OFF = 'off'
    LINK_LOST = 'link lost'


@dataclass(frozen=True, slots=True)
class Situation:
    """The phase of the pipeline, with an explanation.

    Attributes:
        phase: For programs.
        text: For people.
        detail: The reason, '' if it is unknown.
    """

    phase: Phase
    text: str
    detail: str = ''

    @property
    def is_running(self) -> bool:
        """Return whether results arrive."""
        return self.phase in (Phase.SEARCHING, Phase.WATCHING)


def situation_of(
    now: float,
    last_result: float | None,
    faces: int,
    nodes: Iterable[NodeHealth],
    host: str,
    latency: float = 0.0,
    camera_on: bool | None = None,
) -> Situation:
    """Return the situation.

    Args:
        now: Seconds on the clock of the pipeline state.
        last_result: Seconds on the same clock. None before the first result.
        faces: In the newest result.
        latency: Seconds from the capture to the arrival of the newest result.
        camera_on: Whether the camera is on, None if unknown.
        host: This machine. The link is lost when the nodes on another host no longer report.
    """
    silence = None if last_result is None else now - last_result
    if silence is not None and silence <= STOPPED:
        if silence + latency > OLD:
            return Situation(
                Phase.STOPPED, 'results arrive too late', f'{latency:.1f} s after the frame'
            )
        if not faces:
            return Situation(Phase.SEARCHING, SEARCHING)
        return Situation(Phase.WATCHING, f'{count_text(faces, "face")} in view')
    nodes = list(nodes)
    lost = _lost_host(now, nodes, host)
    if lost is not None:
        name, since = lost
        return Situation(
            Phase.LINK_LOST, f'link to {name} lost', f'no report from it for {since:.0f} s'
        )
    if camera_on is False:
        return Situation(Phase.OFF, 'the camera is off')
    detail = _worst(now, nodes)
    if silence is None:
        return Situation(Phase.STARTING, 'waiting for the pipeline', detail)
    return Situation(
        Phase.STOPPED, 'the pipeline has stopped', detail or f'no results for {silence:.0f} s'
    )


def _lost_host(now: float, nodes: list[NodeHealth], host: str) -> tuple[str, float] | None:
    """Return the other host that no longer reports, and for how many seconds."""
    last_word: dict[str, float] = {}
    for node in nodes:
        if node.host not in ('', host):
            last_word[node.host] = max(last_word.get(node.host, 0.0), node.heard)
    silent = {name: now - heard for name, heard in last_word.items() if now - heard > NODE_SILENCE}
    return min(silent.items(), key=lambda item: item[1]) if silent else None


def _worst(now: float, nodes: list[NodeHealth]) -> str:
    """Return the fault of a node: errors first, then nodes that do not report."""
    for level in (Level.ERROR, Level.WARN):
        for node in nodes:
            if node.level is level and not node.is_silent(now):
                return f'{node.name}: {node.message}'
    silent = [node.name for node in nodes if node.is_silent(now)]
    return f'no report from {", ".join(silent)}' if silent else ''
