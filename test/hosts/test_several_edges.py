"""Two edge devices and one compute host, with a compute launch for each namespace."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.hosts import Host, connect, now

from fer_ros.core.models import DEFAULT_MODEL, ModelStore

NAMES = ('edge1', 'edge2')


@pytest.fixture(scope='module')
def foreign_model(tmp_path_factory):
    """Return a model with another name and another crop geometry."""
    shipped = ModelStore().load_card(DEFAULT_MODEL).folder
    folder = tmp_path_factory.mktemp('models') / 'wide'
    shutil.copytree(shipped, folder)
    card = json.loads((folder / 'card.json').read_text())
    card['name'] = 'wide'
    card['input']['crop_geometry'].update(name='wide_angle', box_scale=1.4)
    (folder / 'card.json').write_text(json.dumps(card))
    return folder


@pytest.fixture(scope='module')
def network(clip, tmp_path_factory):
    folder = tmp_path_factory.mktemp('hosts')
    with ExitStack() as stack:
        compute = stack.enter_context(Host('compute', folder))
        observations = {}
        for number, name in enumerate(NAMES, start=1):
            edge = stack.enter_context(Host(name, folder))
            stack.enter_context(connect(compute, edge, number))
            edge.launch('edge', source=str(clip), namespace=name)
            compute.launch('compute', namespace=name)
            observations[name] = compute.observe(
                name, None, 'face_emotions', 'expression_events', 'diagnostics'
            )
        yield compute, observations


def test_each_namespace_has_the_results_of_its_edge(network):
    _, observations = network
    faces = {}
    for name, heard in observations.items():
        emotions = heard.wait_for('face_emotions', 10)
        faces[name] = {face for message in emotions for face in message.fields['faces']}
        assert len(faces[name]) == 1
    assert not faces['edge1'] & faces['edge2']


def test_a_model_with_another_geometry_is_named_and_affects_no_other_edge(network, foreign_model):
    compute, observations = network
    node = 'emotion_classifier_node'
    compute.stop(f'edge2/{node}')
    compute.launch('compute', namespace='edge2', model=str(foreign_model))
    try:
        (status, *_) = observations['edge2'].wait_for(
            'diagnostics',
            since=now(),
            is_meant=lambda m: (
                m.fields['level'] == 2 and m.fields['name'].startswith(f'edge2/{node}')
            ),
        )
        assert 'fer2013' in status.fields['message']
        assert 'wide_angle' in status.fields['message']
        observations['edge1'].wait_for('face_emotions', 5, since=now())
    finally:
        compute.stop(f'edge2/{node}')
        compute.launch('compute', namespace='edge2')
