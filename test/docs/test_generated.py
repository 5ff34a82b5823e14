"""The generated parts of the pages are complete and equal the code."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from fer_docs import (
    cards,
    commands,
    diagrams,
    findings,
    included,
    interfaces,
    packages,
    web,
)
from fer_docs.generated import GENERATORS, fill_in
from fer_ros.ros.contract import NODES

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / 'docs').glob('*.md'))


def test_every_topic_is_in_the_overview():
    topics = diagrams.topics()
    for node in NODES.values():
        for topic in node.publishes:
            assert topic.name == '/diagnostics' or f'`{topic.name}`' in topics


def test_every_message_field_is_documented_with_its_comment():
    for file in (ROOT / 'fer_msgs' / 'msg').glob('*.msg'):
        text = file.read_text()
        _, fields = interfaces.parse(text)
        names = re.findall(r'^[\w/\[\]]+ (\w+)', re.sub(r'#.*', '', text), re.MULTILINE)
        assert [field.name for field in fields] == names
        assert fields[0].comment
    head, fields = interfaces.parse('# What it is.\n\n# How wide.\nuint32 width\nuint32 A=1\n')
    assert head == 'What it is.'
    assert [(f.name, f.value, f.comment) for f in fields] == [
        ('width', '', 'How wide.'),
        ('A', '1', ''),
    ]
    with pytest.raises(ValueError, match='is not a field'):
        interfaces.parse('uint32\n')


def test_every_card_is_documented_with_its_limits_and_figures():
    text = cards.cards()
    for file in (ROOT / 'models').glob('*/card.json'):
        assert f'## {file.parent.name}\n' in text
    assert text.index('expression') < text.index('gender')
    assert text.count('**Limits.**') == len(list((ROOT / 'models').glob('*/card.json')))
    assert '| happy |' in text


def test_every_finding_of_doctor_is_documented():
    text = findings.findings()
    assert 'there is no camera' in text
    assert 'no node detects faces' in text
    assert '| *device* is in use by *users* | only one program can read a camera |' in text
    assert '{' not in text


def test_every_route_of_the_web_api_is_documented():
    for path in ('/classify', '/faces', '/events', '/healthz', '/metrics'):
        assert f'`{path}`' in web.routes()


def test_documented_options_are_those_of_the_parser():
    pytest.importorskip('rclpy')
    parser = commands.parser_of('record')
    assert isinstance(parser, argparse.ArgumentParser)
    assert {'--out', '--also'} <= set(parser._option_string_actions)
    assert commands.parser_of('camera_node') is None
    assert '`--keep-repeats`' in commands.training_commands()


def test_the_core_imports_no_other_part_and_there_are_no_import_cycles():
    needs = packages.dependencies()
    assert needs['fer_ros.core'] == set()
    assert not needs['fer_ros.ros'] & {'fer_ros.cli', 'fer_ros.robot', 'training'}
    assert needs['training'] <= {'fer_ros.core'}
    assert packages.layers(needs)[0] == ['fer_ros.core']
    with pytest.raises(ValueError, match='import each other: a, b'):
        packages.layers({'a': {'b'}, 'b': {'a'}, 'c': set()})


def test_folders_do_not_import_each_other():
    needs = packages.dependencies(3)
    packages.layers(needs)
    assert not any(part.startswith('fer_ros.ros') for part in needs['fer_ros.ros.contract'])
    assert not needs['fer_ros.ros.base'] & {'fer_ros.ros.nodes', 'fer_ros.ros.bringup'}
    assert {'training.data', 'training.evaluation'} <= needs['training.commands']
    assert not any('training.commands' in others for others in needs.values())


def test_training_folders_import_only_those_listed_above_them_in_the_readme():
    text = (packages.ROOT / 'training' / 'README.md').read_text()
    listed = [f'training.{name}' for name in re.findall(r'^\| `(\w+)/` \|', text, re.MULTILINE)]
    needs = {part: n for part, n in packages.dependencies(3).items() if part in listed}
    folders = {path.parent.name for path in (packages.ROOT / 'training').glob('*/__init__.py')}
    assert {name.partition('.')[2] for name in listed} == folders
    for part, others in needs.items():
        above = listed[: listed.index(part)]
        assert others & set(listed) <= set(above), part


def test_indirect_dependencies_are_left_out_of_the_drawing():
    assert packages.direct({'a': {'b', 'c'}, 'b': {'c'}, 'c': set()}) == {
        'a': {'b'},
        'b': {'c'},
        'c': set(),
    }


def test_a_drawing_is_one_block_with_a_text_alternative():
    for drawing in (diagrams.flow(), packages.diagram()):
        assert '\n\n' not in drawing, 'Markdown would end the block there'
        assert '<title' in drawing
    assert 'camera_node sends image_raw' in diagrams.flow()


def test_links_of_an_included_text_are_relative_to_the_page():
    text = included.text_of('training/README.md')
    assert '](training_example.md)' in text
    assert '](../training/examples/mini_xception_pictures/curves.png)' in text


def test_a_page_that_requests_an_unknown_text_is_an_error():
    with pytest.raises(KeyError, match='recipes'):
        fill_in('<!-- generated: recipes -->')


def test_every_generated_text_is_used_by_a_page():
    asked = {
        name
        for page in PAGES
        for name in re.findall(r'<!-- generated: (.+?) -->', page.read_text())
    }
    assert asked == set(GENERATORS)
