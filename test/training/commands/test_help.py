"""The help of each command shows how to call it, and the call is valid."""

from __future__ import annotations

import shlex

import pytest

from training.__main__ import COMMANDS, LESSONS, create_parser, main

CALL = 'python -m training '


def test_every_command_has_a_lesson() -> None:
    assert set(LESSONS) == set(COMMANDS)


@pytest.mark.parametrize('command', COMMANDS)
def test_the_calls_of_a_lesson_are_valid(command: str) -> None:
    calls = [line.strip() for line in LESSONS[command].splitlines() if CALL in line]
    assert calls
    for call in calls:
        given = shlex.split(call.removeprefix(CALL))
        assert given[0] == command
        create_parser(given).parse_args(given)


@pytest.mark.parametrize('command', COMMANDS)
def test_help_shows_the_lesson_unchanged_and_no_empty_default(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([command, '--help'])
    shown = capsys.readouterr().out
    assert LESSONS[command].rstrip() in shown
    for empty in ('None', 'False', '', '[]'):
        assert f'(default: {empty})' not in shown
