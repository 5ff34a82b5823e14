"""The findings of checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """The severity of a finding."""

    OK = 'ok'
    SKIPPED = 'skipped'
    WARNING = 'warning'
    PROBLEM = 'problem'


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the fact, its meaning for the robot, and the remedy."""

    level: Level
    text: str
    meaning: str = ''
    remedy: str = ''


def ok(text: str) -> Finding:
    """Return a finding without a fault."""
    return Finding(Level.OK, text)
