"""config/personal_data.yaml declares how data about people is used. Needs no ROS."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.contract import NODES, PRIVACY, NodeContract

ROOT = Path(__file__).resolve().parents[3]
DECLARED = yaml.safe_load((ROOT / 'config' / 'personal_data.yaml').read_text(encoding='utf-8'))
#: Messages that hold pixels.
PICTURE_TYPES = {'sensor_msgs/Image', 'sensor_msgs/CompressedImage', 'fer_msgs/FaceArray'}


@pytest.fixture(params=NODES.values(), ids=NODES)
def node(request) -> NodeContract:
    return request.param


def test_exactly_the_nodes_of_the_contract_are_declared():
    assert list(DECLARED['nodes']) == list(NODES)


def test_exactly_the_topics_and_services_of_a_node_are_declared(node):
    declared = DECLARED['nodes'][node.name]
    assert set(declared['publishes']) == {topic.name for topic in node.publishes}
    assert set(declared.get('serves', {})) == {service.name for service in node.services}
    for kind in (*declared['publishes'].values(), *declared.get('serves', {}).values()):
        assert kind in DECLARED['kinds']


def test_image_topics_in_the_file_are_those_that_privacy_removes(node):
    pictures = {
        name
        for name, kind in DECLARED['nodes'][node.name]['publishes'].items()
        if kind == 'picture'
    }
    assert pictures == {topic.name for topic in node.publishes if topic.picture}


def test_every_message_type_with_pixels_counts_as_an_image(node):
    for topic in node.publishes:
        assert topic.picture == (topic.type in PICTURE_TYPES), topic.name


def test_a_node_that_publishes_images_has_a_switch(node):
    assert (PRIVACY in node.parameters) == any(topic.picture for topic in node.publishes)


def test_each_kind_of_personal_data_has_a_retention_and_an_effect_of_privacy():
    for name, kind in DECLARED['kinds'].items():
        assert kind['what']
        if name != 'none':
            assert kind['held']
            assert kind['privacy']


def test_only_programs_that_a_person_starts_store_data():
    for program, stored in DECLARED['stored'].items():
        assert program in EXECUTABLES or program.startswith('python -m training ')
        assert program not in NODES
        assert stored['held']


def test_every_program_that_can_store_images_or_results_is_declared():
    for program, module in EXECUTABLES.items():
        source = ROOT / (module.replace('.', '/') + '.py')
        writes = re.search(r"'--out(put)?'", source.read_text(encoding='utf-8')) is not None
        assert writes == (program in DECLARED['stored']), program


def test_every_training_command_that_shows_pictures_is_declared():
    for file in (ROOT / 'training').glob('*.py'):
        if 'picture_grid(' in file.read_text(encoding='utf-8') and file.name != 'plots.py':
            command = file.stem.removesuffix('_report').replace('evaluation', 'evaluate')
            assert f'python -m training {command}' in DECLARED['stored']


def test_no_personal_data_is_kept_for_late_subscribers(node):
    for topic in node.publishes:
        kind = DECLARED['nodes'][node.name]['publishes'][topic.name]
        # The topic of an id does not exist any more when its face has left.
        assert kind in ('none', 'id') or topic.qos.durability == 'volatile', topic.name
    for topic in node.publishes + node.subscribes:
        assert topic.qos.durability in ('volatile', 'transient_local')
        assert topic.qos.reliability in ('reliable', 'best_effort')
