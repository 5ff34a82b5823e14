"""How the pipeline is, from what its nodes say and from when results came last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from fer_ros.core.display.drawing import SEARCHING
from fer_ros.core.display.overlay import STOPPED

#: Seconds after its capture from which on a result is not of now.
OLD = 2.0

#: Seconds without a word after which a node that speaks every second counts as gone.
NODE_SILENCE = 3.5


class Level(Enum):
    """How a node is."""

    OK = 'ok'
    WARN = 'warn'
    ERROR = 'error'


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """What a node says of itself.

    host: the machine it runs on, '' where nobody knows. heard: by the board's clock, seconds.
    rate: per second. latency: seconds, None where it is not known. dropped: frames since its
    start. skipped: the same per second, between its last two words.
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
        """Return whether it should have spoken again."""
        return now - self.heard > NODE_SILENCE


class Phase(Enum):
    """What the pipeline does."""

    STARTING = 'starting'
    SEARCHING = 'searching'
    WATCHING = 'watching'
    STOPPED = 'stopped'
    OFF = 'off'
    LINK_LOST = 'link lost'


@dataclass(frozen=True, slots=True)
class Situation:
    """phase: for programs. text: for people. detail: why, where somebody said it; else ''."""

    phase: Phase
    text: str
    detail: str = ''

    @property
    def is_running(self) -> bool:
        """Return whether results come."""
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

    now, last_result: seconds of one clock, None before the first result. faces: in the newest.
    latency: seconds from the capture of the newest result until it came.
    camera_on: whether the camera is on, None where nobody said so.
    host: this machine. A link is lost when nothing is heard any more of what runs elsewhere.
    """
    silence = None if last_result is None else now - last_result
    if silence is not None and silence <= STOPPED:
        if silence + latency > OLD:
            return Situation(
                Phase.STOPPED, 'results come too late', f'{latency:.1f} s after the picture'
            )
        if not faces:
            return Situation(Phase.SEARCHING, SEARCHING)
        return Situation(Phase.WATCHING, f'{faces} face{"" if faces == 1 else "s"} in view')
    nodes = list(nodes)
    lost = _lost_host(now, nodes, host)
    if lost is not None:
        name, since = lost
        return Situation(
            Phase.LINK_LOST, f'link to {name} lost', f'nothing heard of it for {since:.0f} s'
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
    """Return another host of which nothing is heard any more, and for how long."""
    last_word: dict[str, float] = {}
    for node in nodes:
        if node.host not in ('', host):
            last_word[node.host] = max(last_word.get(node.host, 0.0), node.heard)
    silent = {name: now - heard for name, heard in last_word.items() if now - heard > NODE_SILENCE}
    return min(silent.items(), key=lambda item: item[1]) if silent else None


def _worst(now: float, nodes: list[NodeHealth]) -> str:
    """Return what is wrong with a node, errors first, then nodes that are silent."""
    for level in (Level.ERROR, Level.WARN):
        for node in nodes:
            if node.level is level and not node.is_silent(now):
                return f'{node.name}: {node.message}'
    silent = [node.name for node in nodes if node.is_silent(now)]
    return f'nothing heard of {", ".join(silent)}' if silent else ''
