"""The contract, and everything that repeats it: config/, docs/, the messages. Needs no ROS."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from fer_ros.ros import contract_text
from fer_ros.ros.bringup.arguments import ARGUMENTS, LAUNCHES
from fer_ros.ros.contract import NODES, Applies, Parameter, markdown
from fer_ros.ros.contract.text import parameters_yaml
from fer_ros.ros.contract.values import VALUES
from fer_ros.ros.contract_text import SECTIONS, with_sections

ROOT = Path(__file__).resolve().parents[3]
REMEDY = 'run python -m fer_ros.ros.contract_text'

PARAMETERS = [
    pytest.param(parameter, id=f'{node.name}.{parameter.name}')
    for node in NODES.values()
    for parameter in node.parameters
]
INTERFACES = sorted(
    file for folder in ('msg', 'srv') for file in (ROOT / 'fer_msgs' / folder).iterdir()
)
FIELD = re.compile(r'^(?P<type>[\w/]+(\[\d*\])?)\s+(?P<name>\w+)(\s*=.*)?$')


def test_the_parameter_file_equals_the_contract():
    text = (ROOT / 'config' / 'pipeline.yaml').read_text(encoding='utf-8')
    assert text == parameters_yaml(), REMEDY


@pytest.mark.parametrize('page', SECTIONS)
def test_a_page_equals_the_contract(page: str):
    text = (ROOT / 'docs' / page).read_text(encoding='utf-8')
    assert text == with_sections(page, text), REMEDY


def test_every_topic_service_parameter_and_argument_is_on_a_page():
    nodes, parameters, arguments = (
        markdown.nodes(),
        markdown.parameters(),
        contract_text.arguments(),
    )
    for node in NODES.values():
        assert f'## {node.name}\n' in nodes
        for entry in (*node.publishes, *node.subscribes, *node.services):
            assert entry.name == '/diagnostics' or f'`{entry.name}`' in nodes
        for parameter in node.parameters:
            assert f'`{parameter.name}`' in parameters
            assert parameter.description in parameters
    assert all(f'`{name}:=`' in arguments for name in ARGUMENTS)
    assert all(f'`{name}.launch.py`' in contract_text.launch_files() for name in LAUNCHES)


def test_every_count_of_a_node_is_described():
    sources = [file.read_text(encoding='utf-8') for file in (ROOT / 'fer_ros/ros').rglob('*.py')]
    counted = set(re.findall(r"\.count\('(\w+)'", ' '.join(sources)))
    assert 'dropped_transport' in counted
    assert counted <= VALUES.keys()


def test_a_page_without_section_marks_is_an_error():
    with pytest.raises(ValueError, match='lacks the lines'):
        with_sections('topics.md', '# Topics')


def test_the_parameter_file_applies_in_every_namespace_and_contains_the_defaults():
    content = yaml.safe_load(parameters_yaml())
    assert content == {
        f'/**/{node.name}': {'ros__parameters': {p.name: p.default for p in node.parameters}}
        for node in NODES.values()
    }


def test_reading_the_parameter_file_keeps_the_types():
    content = yaml.safe_load((ROOT / 'config' / 'pipeline.yaml').read_text(encoding='utf-8'))
    for node in NODES.values():
        values = content[f'/**/{node.name}']['ros__parameters']
        for parameter in node.parameters:
            assert type(values[parameter.name]) is type(parameter.default)


def test_names_are_relative_except_for_conventional_ones():
    """/diagnostics, /tf, and the names of REP-155."""
    for node in NODES.values():
        for topic in node.publishes + node.subscribes:
            absolute = topic.name.startswith('/')
            assert not absolute or topic.name.startswith(
                ('/diagnostics', '/humans/faces/', '/humans/persons/', '/tf')
            )


def test_every_node_reports_diagnostics():
    for node in NODES.values():
        assert '/diagnostics' in [topic.name for topic in node.publishes]


def test_a_topic_is_found_by_its_name_and_an_unknown_one_is_an_error():
    node = NODES['camera_node']
    assert node.topic('image_raw').type == 'sensor_msgs/Image'
    with pytest.raises(KeyError, match='faces'):
        node.topic('faces')


@pytest.mark.parametrize('parameter', PARAMETERS)
def test_a_parameter_is_described_and_its_default_is_allowed(parameter: Parameter):
    assert parameter.description.endswith('.')
    if parameter.choices:
        assert parameter.default in parameter.choices
    if isinstance(parameter.default, (int, float)) and not isinstance(parameter.default, bool):
        assert parameter.minimum is not None, 'a number has a range'
        assert parameter.maximum is not None, 'a number has a range'
        assert parameter.minimum <= parameter.default <= parameter.maximum
        assert type(parameter.default)(parameter.minimum) == parameter.minimum


def test_only_listed_parameters_cannot_change_at_run_time():
    """The others build a detector or a model, open a server, or are read only once."""
    waiting = {
        parameter.name
        for node in NODES.values()
        for parameter in node.parameters
        if parameter.applies is not Applies.ALWAYS
    }
    assert waiting == {
        'address',
        'allowed_hosts',
        'attribute_models',
        'autostart',
        'controls',
        'cors_origins',
        'depth_topic',
        'detector',
        'device',
        'image_reliability',
        'image_transport',
        'max_upload',
        'max_video',
        'model',
        'model_folders',
        'persons',
        'port',
        'privacy',
        'regard_frame',
        'runtime',
        'sources',
        'threads',
        'token_file',
        'upright_frame',
    }


@pytest.mark.parametrize('file', INTERFACES, ids=lambda file: file.name)
def test_every_field_of_a_message_has_a_comment(file: Path):
    """The comment is above the field, or above the group of lines that contains it."""
    commented = False
    for line in file.read_text().splitlines():
        if not line.strip() or line.startswith('---'):
            commented = commented and bool(line.strip())
        elif line.startswith('#'):
            commented = True
        else:
            match = FIELD.match(line)
            assert match, f'{file.name}: {line!r} is no field'
            assert commented, f'{file.name}: {match["name"]} has no comment'


def test_the_outer_package_repeats_version_and_dependencies_of_the_messages():
    """colcon and rosdep see only the outer package."""

    def needs(file: Path) -> set[tuple[str, str | None]]:
        root = ElementTree.parse(file).getroot()
        kinds = {'version', 'buildtool_depend', 'depend', 'exec_depend', 'member_of_group'}
        return {(entry.tag, entry.text) for entry in root if entry.tag in kinds}

    assert needs(ROOT / 'fer_msgs' / 'package.xml') <= needs(ROOT / 'package.xml')


def test_event_numbers_are_equal_in_core_and_message():
    from fer_ros.core.types import EventType

    text = (ROOT / 'fer_msgs' / 'msg' / 'ExpressionEvent.msg').read_text()
    assert {member.name: member.value for member in EventType} == {
        name: int(value) for name, value in re.findall(r'^uint8 ([A-Z]+)=(\d+)$', text, re.M)
    }
