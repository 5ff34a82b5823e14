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


def warning(text: str, meaning: str, remedy: str = '') -> Finding:
    """Return something that may be the cause; remedy is empty where the text names it."""
    return Finding(Level.WARNING, text, meaning, remedy)


def problem(text: str, meaning: str, remedy: str = '') -> Finding:
    """Return what keeps the pipeline from working; remedy is empty where the text names it."""
    return Finding(Level.PROBLEM, text, meaning, remedy)
