"""The command lines of the programs, from their parsers."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.contract.markdown import code, sentence, table
from training.__main__ import COMMANDS as TRAINING_COMMANDS

ROOT = Path(__file__).resolve().parents[3]


class _CapturedError(Exception):
    """Takes the parser out of a main() that is about to use it."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        super().__init__()
        self.parser = parser


def _capture(parser: argparse.ArgumentParser, *_: Any, **__: Any) -> NoReturn:
    raise _CapturedError(parser)


def _parser(module: str, arguments: list[str]) -> argparse.ArgumentParser | None:
    """Return the parser of main() of a module, or None if it has none."""
    main = import_module(module).main
    with (
        patch.object(sys, 'argv', arguments),
        patch.multiple(argparse.ArgumentParser, parse_args=_capture, parse_known_args=_capture),
    ):
        try:
            main()
        except _CapturedError as captured:
            return captured.parser
    return None


def has_options(name: str) -> bool:
    """Return whether an executable has its own options."""
    spec = find_spec(EXECUTABLES[name])
    return spec is not None and '.parse_' in Path(str(spec.origin)).read_text(encoding='utf-8')


@cache
def parser_of(name: str) -> argparse.ArgumentParser | None:
    """Return the parser of an executable, or None. Raises ImportError without ROS."""
    return _parser(EXECUTABLES[name], [name]) if has_options(name) else None


@cache
def training_parsers() -> Mapping[str, argparse.ArgumentParser]:
    """Return the parsers of `python -m training COMMAND`."""
    return {name: _subparser(name) for name in TRAINING_COMMANDS}


def _subparser(name: str) -> argparse.ArgumentParser:
    parser = _parser('training.__main__', ['training', name])
    assert parser is not None
    (choices,) = (
        action.choices
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    found: argparse.ArgumentParser = choices[name]
    return found


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Return all options of a parser, short and long."""
    return {
        option
        for nested in _with_subcommands(parser)
        for action in nested._actions
        for option in action.option_strings
    }


def _with_subcommands(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for nested in action.choices.values():
                yield from _with_subcommands(nested)


def commands() -> str:
    """Return a section for each program that has options."""
    return '\n\n'.join(
        _section(name, parser) for name in EXECUTABLES if (parser := parser_of(name)) is not None
    )


def training_commands() -> str:
    """Return a section for each training command."""
    return '\n\n'.join(
        _section(f'training {name}', parser) for name, parser in training_parsers().items()
    )


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    description = (parser.description or '').strip()
    # `record: write ...`: the heading already contains the name.
    description = description.removeprefix(f'{name}: ')
    paragraphs = [sentence(' '.join(part.split())) for part in description.split('\n\n') if part]
    rows = [
        _row(parser, action)
        for action in parser._actions
        if action.help != argparse.SUPPRESS and '--help' not in action.option_strings
    ]
    return '\n\n'.join([f'### {name}', *map(_escape, paragraphs), table(('option', ''), rows)])


def _row(parser: argparse.ArgumentParser, action: argparse.Action) -> tuple[str, str]:
    value = ''
    if action.nargs != 0:
        metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
        value = (
            '{' + ','.join(map(str, action.choices)) + '}'
            if (action.choices and not action.metavar)
            else metavar
        )
    if action.option_strings:
        named = f'{", ".join(action.option_strings)} {value}'
    else:
        named = f'{value} ...' if action.nargs in ('*', '+') else value
    return code(named.strip()), _escape(_help(parser, action))


def _help(parser: argparse.ArgumentParser, action: argparse.Action) -> str:
    text = parser._get_formatter()._expand_help(action) if action.help else ''
    # Omit missing defaults, and defaults that are folders of the machine that builds the pages.
    text = text.replace(' (default: None)', '').replace(' (default: )', '')
    text = text.replace(f'{ROOT}/', '').replace(str(Path.home()), '~')
    return sentence(re.sub(r'\s+', ' ', text)) if text.strip() else ''


def _escape(text: str) -> str:
    return re.sub(r'([\[\]<>*_])', r'\\\1', text)
