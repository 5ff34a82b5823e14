"""The catalogue of findings: each entry is reported, with the values that its texts name."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from fer_ros.cli import doctor
from fer_ros.cli.doctor.catalogue import Entry, Environment, Machine, Packages, System
from fer_ros.cli.doctor.finding import Finding, Level

SOURCES = [file.read_text('utf-8') for file in Path(doctor.__file__).parent.glob('*.py')]
ENTRIES = [*Packages, *Machine, *Environment, *System]
GROUPS = {group.__name__: group for group in (Packages, Machine, Environment, System)}


def names_in(entry: Entry) -> set[str]:
    texts = (entry.text, entry.meaning, entry.remedy)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def calls_of_found() -> list[ast.Call]:
    return [
        node
        for source in SOURCES
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == 'found'
    ]


def test_an_entry_becomes_a_finding_with_its_values():
    finding = System.NODE_NOT_ACTIVE.found(node='/a', state='inactive', step='activate')
    assert finding == Finding(
        Level.PROBLEM,
        '/a is inactive',
        'the node does nothing until it is active',
        'ros2 lifecycle set /a activate; its log and the diagnostics below show what prevents it',
    )


def test_values_may_contain_braces():
    assert Machine.CAMERA_REFUSED.found(error='{x}: no camera').text == '{x}: no camera'


@pytest.mark.parametrize('entry', ENTRIES)
def test_each_entry_is_reported_by_a_check(entry):
    name = f'{type(entry).__name__}.{entry.name}'
    assert any(re.search(rf'\b{re.escape(name)}\b', source) for source in SOURCES)


@pytest.mark.parametrize('entry', ENTRIES)
def test_each_entry_explains_its_meaning(entry):
    assert entry.level in (Level.WARNING, Level.PROBLEM)
    assert entry.text
    assert entry.meaning


def test_each_check_provides_the_values_that_its_texts_name():
    checked = 0
    for call in calls_of_found():
        entry, given = call.func.value, {keyword.arg for keyword in call.keywords}
        # A variable, or values from a dictionary: the tests of these checks run them.
        if isinstance(entry, ast.Attribute) and None not in given:
            assert given == names_in(GROUPS[entry.value.id][entry.attr]), ast.unparse(call)
            checked += 1
    assert checked > 25
