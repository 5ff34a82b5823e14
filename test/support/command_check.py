"""Checks a command in a document: its target, program, options and names."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.bringup.arguments import ARGUMENTS, LAUNCHES
from fer_ros.ros.contract import NODE_SERVICES, NODES

ROOT = Path(__file__).resolve().parents[2]

TRANSITIONS = {'configure', 'activate', 'deactivate', 'cleanup', 'shutdown'}

#: Names that every ROS node takes in a remapping.
_REMAPPED_ALWAYS = ('__ns', '__node', '__name')


class CommandError(AssertionError):
    """The command is invalid."""


def check(words: Sequence[str]) -> bool:
    """Check a command of fer_ros; return whether it is one. Raises CommandError."""
    for beginning, judge in _JUDGES.items():
        if tuple(words[: len(beginning)]) == beginning:
            judge(list(words[len(beginning) :]))
            return True
    for index, word in enumerate(words):  # as in `... edge.launch.py peer:=...`
        if re.fullmatch(r'(\w+)\.launch\.py', word):
            _launch(['fer_ros', *words[index:]])
            return True
    return False


def _require(condition: object, text: str) -> None:
    if not condition:
        raise CommandError(text)


def _make(words: list[str]) -> None:
    makefile = (ROOT / 'Makefile').read_text(encoding='utf-8')
    phony = re.search(r'^\.PHONY: (.*)$', makefile, re.MULTILINE)
    assert phony is not None
    for word in words:
        name, is_variable, _ = word.partition('=')
        if is_variable:
            _require(f'$({name})' in makefile, f'make knows no variable {name}')
        elif word != '...':
            _require(word in phony[1].split(), f'make has no target {word}')


def _launch(words: list[str]) -> None:
    if not words:
        return
    package, file, *arguments = words
    name = file.removesuffix('.launch.py')
    _require(package == 'fer_ros' and name in LAUNCHES, f'there is no {package} {file}')
    _launch_arguments(name, arguments)


def _launch_arguments(launch: str, arguments: list[str]) -> None:
    for argument in arguments:
        name, separator, value = argument.partition(':=')
        if name == 'name':
            continue
        if not separator:
            _require(not re.fullmatch(r'\w+=.*', argument), f'{argument} is written with :=')
            continue
        _require(name in LAUNCHES[launch][0], f'{launch}.launch.py has no argument {name}')
        choices = ARGUMENTS[name].choices
        _require(not choices or value in (*choices, ''), f'{name} cannot be {value}')


def _executable(words: list[str]) -> None:
    """Judge NAME [options] [--ros-args ...]."""
    if not words or words[0] == 'NAME':
        return
    name, *rest = words
    _require(name in EXECUTABLES, f'fer_ros has no executable {name}')
    own, ros = rest, []
    if '--ros-args' in rest:
        cut = rest.index('--ros-args')
        own, ros = rest[:cut], rest[cut + 1 :]
    _ros_arguments(name, ros)
    if name == 'demo':
        _launch_arguments('pipeline', own)
    if name == 'launch' and own:
        _require(own[0] in LAUNCHES, f'there is no bring-up {own[0]}')
        _launch_arguments(own[0], own[1:])
    if name in NODES:
        _require(not own, f'{name} takes only --ros-args, not {own}')
    elif own:
        from fer_docs.commands import parser_of

        parser = parser_of(name)
        _require(parser, f'{name} takes no arguments, not {own}')
        assert parser is not None
        _parse(parser, own)


def _ros_arguments(name: str, words: list[str]) -> None:
    for option, value in zip(words[::2], words[1::2], strict=False):
        key, separator, _ = value.partition(':=')
        _require(separator or option not in ('-p', '-r'), f'{value} is written with :=')
        if option == '-p' and name in NODES and not key.startswith('qos_overrides.'):
            _parameter(name, key)
        if option == '-r' and name in NODES and key not in _REMAPPED_ALWAYS:
            node = NODES[name]
            topics = [topic.name for topic in node.publishes + node.subscribes]
            _require(key in topics, f'{name} has no topic {key}')


def _parameter(node: str, name: str) -> None:
    names = {parameter.name for parameter in NODES[node].parameters} | {'use_sim_time'}
    _require(name in names, f'{node} has no parameter {name}')


def _parse(parser: argparse.ArgumentParser, words: list[str]) -> None:
    def error(self: argparse.ArgumentParser, message: str) -> None:
        raise CommandError(f'{self.prog} {" ".join(words)}: {message}')

    if '--help' in words or '-h' in words:
        return
    with patch.object(argparse.ArgumentParser, 'error', error):
        parser.parse_args([word for word in words if word != '...'])


def _training(words: list[str]) -> None:
    from fer_docs.commands import training_parsers

    if not words or words[0] in ('COMMAND', '<command>'):
        return
    _require(words[0] in training_parsers(), f'training has no command {words[0]}')
    if words[1:]:
        _parse(training_parsers()[words[0]], words[1:])


def _pytest(words: list[str]) -> None:
    for word in words:
        if word.startswith('test/'):
            _require((ROOT / word.partition('::')[0]).exists(), f'there is no {word}')


def _file(words: list[str]) -> None:
    outside = ('install/', '/opt/', '~/')
    _require(words[0].startswith(outside) or (ROOT / words[0]).exists(), f'there is no {words[0]}')


def _topic(words: list[str]) -> None:
    names = [word for word in words[1:] if not word.startswith('-')]
    if names:
        known = {
            topic.name.removeprefix('/')
            for node in NODES.values()
            for topic in node.publishes + node.subscribes
        }
        _require(_known(names[0], known), f'there is no topic {names[0]}')


def _service(words: list[str]) -> None:
    if words[:1] == ['call'] and words[1:]:
        ours = {
            service.name.removeprefix('~/') for node in NODES.values() for service in node.services
        }
        _require(_known(words[1], ours | set(NODE_SERVICES)), f'there is no service {words[1]}')


def _known(name: str, known: set[str]) -> bool:
    """Return whether a full name exists in fer_ros, in a namespace or below its node."""
    relative = name.lstrip('/')
    return any(
        relative == entry or relative.endswith(f'/{entry.removeprefix("~/")}') for entry in known
    )


def _interface(words: list[str]) -> None:
    package, kind, name = words[0].split('/')
    _require(
        package != 'fer_msgs' or (ROOT / package / kind / f'{name}.{kind}').is_file(),
        f'there is no {words[0]}',
    )


def _node_name(name: str) -> str:
    node = name.rpartition('/')[2]
    _require(node in NODES, f'there is no node {name}')
    return node


def _lifecycle(words: list[str]) -> None:
    # A text can mention the command alone.
    if words[1:]:
        _node_name(words[1])
        _require(
            words[0] != 'set' or words[2] in TRANSITIONS, f'there is no transition {words[2:]}'
        )


def _param(words: list[str]) -> None:
    if not words[1:]:
        return
    node = _node_name(words[1])
    if words[2:]:
        _parameter(node, words[2])


_JUDGES: Mapping[tuple[str, ...], Callable[[list[str]], None]] = {
    ('make',): _make,
    ('ros2', 'launch'): _launch,
    ('ros2', 'run', 'fer_ros'): _executable,
    ('python', '-m', 'fer_ros'): _executable,
    ('python', '-m', 'training'): _training,
    ('python', '-m', 'pytest'): _pytest,
    ('python', '-m', 'fer_ros.ros.contract_text'): lambda words: None,
    ('ros2', 'topic'): _topic,
    ('ros2', 'service'): _service,
    ('ros2', 'interface', 'show'): _interface,
    ('ros2', 'lifecycle'): _lifecycle,
    ('ros2', 'param'): _param,
    ('.',): _file,
    ('bash', 'scripts'): _file,
}
