"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How bad it is."""

    OK = 'ok'
    SKIPPED = 'skipped'
    WARNING = 'warning'
    PROBLEM = 'problem'


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: what is the case, what it means for the robot, and what to do."""

    level: Level
    text: str
    meaning: str = ''
    remedy: str = ''


def ok(text: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(Level.OK, text)
