"""Findings of doctor."""

from collections.abc import Iterable

from fer_ros.cli.doctor.finding import Finding, Level


def the_one(findings: Iterable[Finding], level: Level = Level.PROBLEM) -> Finding:
    """Return the only finding of a level."""
    (finding,) = (finding for finding in findings if finding.level is level)
    assert finding.meaning
    return finding
