"""Every name that a document may use: from the contract, the messages, the code and the files."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.bringup.arguments import ARGUMENTS
from fer_ros.ros.contract import NODE_SERVICES, NODES

ROOT = Path(__file__).resolve().parents[2]

_FOLDERS = (
    'fer_ros',
    'fer_msgs',
    'training',
    'models',
    'config',
    'launch',
    'scripts',
    'test',
    'requirements',
    'docs',
)


def topics() -> set[str]:
    """Return the names of all topics and services, without a leading slash or tilde."""
    names = {
        entry.name
        for node in NODES.values()
        for entry in (*node.publishes, *node.subscribes, *node.services)
    }
    return {name.removeprefix('/').removeprefix('~/') for name in (*names, *NODE_SERVICES)}


def parameters() -> set[str]:
    """Return the names of all parameters and launch arguments."""
    return set(ARGUMENTS) | {
        parameter.name for node in NODES.values() for parameter in node.parameters
    }


def web_paths() -> set[str]:
    """Return the paths that the web server answers to."""
    return {
        path
        for file in ROOT.glob('fer_ros/web/**/*.py')
        for path in re.findall(
            r"\.(?:get|post|page|websocket)\(\s*'(/[a-z]+)'", file.read_text(encoding='utf-8')
        )
    }


def enclaves() -> set[str]:
    """Return the enclaves of the SROS2 policy."""
    policy = (ROOT / 'config' / 'sros2_policy.xml').read_text(encoding='utf-8')
    return set(re.findall(r'<enclave path="([^"]+)"', policy))


@cache
def known() -> frozenset[str]:
    """Return every name: those above, and of messages, programs, code, files, cards, tables."""
    names = topics() | parameters() | set(NODES) | set(EXECUTABLES) | set(_FOLDERS)
    names |= {part for topic in topics() for part in topic.split('/')}
    for file in (*ROOT.glob('fer_msgs/msg/*'), *ROOT.glob('fer_msgs/srv/*')):
        names |= set(re.findall(r'^[\w/\[\]]+ +(\w+)', file.read_text(), re.MULTILINE))
    for folder in _FOLDERS:
        for path in (ROOT / folder).rglob('*'):
            names |= {path.name, path.stem}
            if path.suffix == '.py' and folder in ('fer_ros', 'training'):
                names |= set(_defined(ast.parse(path.read_text(encoding='utf-8'))))
    settings = (ROOT / 'pyproject.toml').read_text(encoding='utf-8')
    names |= set(re.findall(r'^(\w+) = ', settings, re.MULTILINE))
    for card in ROOT.glob('models/*/card.json'):
        names |= set(_keys(json.loads(card.read_text(encoding='utf-8'))))
    for table in ROOT.glob('config/*.yaml'):
        names |= set(_keys(yaml.safe_load(table.read_text(encoding='utf-8'))))
    return frozenset(names)


def _defined(tree: ast.AST) -> Iterator[str]:
    """Yield the names of functions, classes, arguments, attributes and constants."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and (node.value.isidentifier())
        ):
            yield node.value  # keys of diagnostics, of cards, names of architectures


def _keys(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for key, value in table.items():
            yield str(key)
            yield from _keys(value)
    elif isinstance(table, list):
        for value in table:
            yield from _keys(value)
