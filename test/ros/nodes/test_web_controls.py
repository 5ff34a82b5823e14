"""The page of web_node changes the nodes through their parameters and services."""

from __future__ import annotations

import cv2
import httpx
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from support.nodes import node_process
from support.robot import PATIENCE, Robot

CAMERA, DETECTOR, CLASSIFIER = 'camera_node', 'face_detector_node', 'emotion_classifier_node'
WEB = 'web_node'


@pytest.fixture(scope='module')
def robot(tmp_path_factory):
    folder = tmp_path_factory.mktemp('robot')
    for name in ('first', 'second'):
        cv2.imwrite(str(folder / f'{name}.png'), np.full((120, 160, 3), 90, np.uint8))
    nodes = [
        node_process(CAMERA, source=str(folder / 'first.png'), fps=5.0),
        node_process(DETECTOR, detector='haar', model='tiny'),
        node_process(CLASSIFIER, model='tiny'),
        node_process(WEB, port=0, sources=[str(folder / 'second.png')]),
    ]
    with Robot(nodes, folder / 'log') as robot:
        for name in (CAMERA, DETECTOR, CLASSIFIER, WEB):
            robot.wait_for_state(name, 'active')
        yield robot


@pytest.fixture(scope='module')
def url(robot) -> str:
    return robot.wait_for_status(
        WEB, lambda status: status.message.startswith('http://'), 'its address'
    ).message


def state(url: str):
    return httpx.get(f'{url}/controls', timeout=PATIENCE).json()['state']


def post(url: str, path: str, **body):
    return httpx.post(f'{url}{path}', json=body, timeout=PATIENCE)


def parameter(robot, node: str, name: str):
    return robot.get_parameter(node, name)


def test_controls_show_the_values_of_the_nodes(robot, url):
    told = robot.wait_for(lambda: state(url), 'the nodes')
    assert (told['source'], told['model'], told['detector']) == ('first.png', 'tiny', 'haar')
    assert 'second.png' in told['sources']
    assert told['camera_on'] is True


def test_source_and_sensitivity_set_parameters(robot, url):
    assert post(url, '/controls', source='second.png').is_success
    assert parameter(robot, CAMERA, 'source').endswith('second.png')
    changed = post(url, '/controls', time_constant=1.5, uncertain_threshold=0.6).json()
    assert changed['state']['sensitivity']['time_constant'] == 1.5
    assert parameter(robot, CLASSIFIER, 'uncertain_threshold') == 0.6


def test_both_nodes_load_another_model(robot, url):
    changed = post(url, '/controls', model='mini_xception')
    assert changed.is_success, changed.text
    for node in (DETECTOR, CLASSIFIER):
        assert parameter(robot, node, 'model') == 'mini_xception'
        robot.wait_for_state(node, 'active')


def test_only_a_node_with_another_model_loads_it(robot, url):
    """Somebody set the model of one node by hand."""
    assert post(url, '/controls', model='tiny').is_success
    for node, model in ((DETECTOR, 'mini_xception'), (CLASSIFIER, 'tiny')):
        for transition in ('deactivate', 'cleanup'):
            assert robot.transition(node, transition)
        robot.accept(node, model=model)
        for transition in ('configure', 'activate'):
            assert robot.transition(node, transition)
    assert post(url, '/controls', model='mini_xception').is_success
    for node in (DETECTOR, CLASSIFIER):
        assert parameter(robot, node, 'model') == 'mini_xception'
        robot.wait_for_state(node, 'active')


def test_pictures_of_clients_are_classified_by_the_chosen_model(robot, url, photographs):
    """web_node was started with its own model and detector and keeps these parameters."""
    picture = (photographs / 'astronaut.png').read_bytes()

    def classified():
        answer = httpx.post(f'{url}/classify', content=picture, timeout=PATIENCE)
        assert answer.is_success, answer.text
        return answer.json()

    for model in ('tiny', 'mini_xception'):
        assert post(url, '/controls', model=model, uncertain_threshold=0.0).is_success
        answer = classified()
        assert answer['model'] == model
        assert not any(face['uncertain'] for face in answer['faces'])
    assert post(url, '/controls', uncertain_threshold=1.0).is_success
    assert all(face['uncertain'] for face in classified()['faces']), 'the threshold, too'
    assert parameter(robot, WEB, 'model') == 'default'


def test_an_unavailable_detector_is_refused_with_the_reason_of_the_node(robot, url):
    """The file of YuNet is missing in the model folders of the nodes."""
    refused = post(url, '/controls', detector='yunet')
    if refused.is_success:
        pytest.skip('YuNet is installed here')
    assert refused.status_code == 409
    assert 'yunet' in refused.json()['detail'].lower()
    assert parameter(robot, DETECTOR, 'detector') == 'haar'
    robot.wait_for_state(DETECTOR, 'active')


def test_a_source_that_is_not_allowed_is_refused(robot, url):
    refused = post(url, '/controls', source='/etc/passwd')
    assert refused.status_code == 409
    assert 'is not allowed' in refused.json()['detail']


def test_the_service_turns_the_camera_off_and_on(robot, url):
    assert post(url, '/camera', on=False).json()['state']['camera_on'] is False
    robot.wait_for_state(CAMERA, 'inactive')
    robot.wait_for(
        lambda: httpx.get(f'{url}/faces', timeout=PATIENCE).json()['state'] == 'off', 'off'
    )
    assert post(url, '/camera', on=True).is_success
    robot.wait_for_state(CAMERA, 'active')
