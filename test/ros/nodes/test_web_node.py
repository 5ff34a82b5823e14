"""web_node over DDS: topics are available over HTTP."""

from __future__ import annotations

import json
import socket
import struct

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

import httpx
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from sensor_msgs.msg import CompressedImage, Image
from support.nodes import emotion_set, face_emotion, node_process
from support.robot import PATIENCE, Robot, free_domain
from websockets.sync.client import connect

from fer_msgs.msg import AttentionEvent, ExpressionEvent, FaceEmotionArray
from fer_ros.core.types import AttentionEvent as Turn
from fer_ros.core.types import AttentionType, Box, EventType, Frame
from fer_ros.core.types import ExpressionEvent as Event
from fer_ros.ros import messages
from fer_ros.ros.nodes.web_node import WebNode
from fer_ros.web import application
from fer_ros.web.pages import routing
from fer_ros.web.services import Services
from fer_ros.web.serving.settings import TOKEN_VARIABLE

NODE = 'web_node'


@pytest.fixture(scope='module')
def robot(tmp_path_factory):
    with Robot([node_process(NODE, port=0)], tmp_path_factory.mktemp('robot')) as robot:
        robot.wait_for_state(NODE, 'active')
        yield robot


def address(robot) -> str:
    return robot.wait_for_status(
        NODE, lambda status: status.message.startswith('http://'), 'its address'
    ).message


def ask(robot, path: str):
    return httpx.get(address(robot) + path, timeout=PATIENCE).json()


def test_faces_events_and_nodes_are_shown_immediately(robot):
    url = address(robot)
    emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
    events = robot.publisher(ExpressionEvent, 'expression_events')
    diagnostics = robot.publisher(DiagnosticArray, '/diagnostics', 2)

    def shown():
        now = robot.node.get_clock().now().nanoseconds
        emotions.publish(messages.emotion_array(emotion_set(now, face_emotion('f1', 'sad'))))
        diagnostics.publish(
            DiagnosticArray(
                status=[
                    DiagnosticStatus(
                        name=f'{name}: fer_ros',
                        hardware_id='far',
                        message='well',
                        values=[
                            KeyValue(key='dropped_busy', value='3'),
                            KeyValue(key='rate_hz', value='12.5'),
                        ],
                    )
                    for name in ('camera_node', 'other/camera_node')
                ]
            )
        )
        figures = httpx.get(f'{url}/metrics', timeout=PATIENCE).text
        faces = httpx.get(f'{url}/faces', timeout=PATIENCE).json()
        return faces['result'] and 'fer_node_dropped' in figures and (faces, figures)

    faces, figures = robot.wait_for(shown, 'faces')
    assert faces['result']['faces'][0]['label'] == 'sad'
    assert faces['result']['faces'][0]['attributes'] == {'glasses': 0.75}
    assert 'fer_node_dropped_frames_total{node="camera_node"} 3.0' in figures
    assert 'fer_node_rate_hertz{node="camera_node"} 12.5' in figures
    assert figures.count('fer_node_rate_hertz{') == 1, 'of its own namespace alone'
    assert 'fer_latency_seconds' in figures
    event = Event(EventType.APPEARED, 1, 'eye', 'f1', 'sad', '', 0.8, 0.0, Box(1, 2, 3, 4))
    with connect(url.replace('http', 'ws') + '/events') as listener:
        events.publish(messages.event_message(event))
        assert json.loads(listener.recv(timeout=PATIENCE))['label'] == 'sad'
        turns = robot.publisher(AttentionEvent, 'attention_events')
        turn = Turn(AttentionType.LOOKS, 1, 'eye', 'f1', 0.75, 0.0, Box(1, 2, 3, 4))
        turns.publish(messages.attention_message(turn))
        told = json.loads(listener.recv(timeout=PATIENCE))
        assert (told['type'], told['face_id'], told['confidence']) == ('looks', 'f1', 0.75)


@pytest.mark.parametrize('transport', ['raw', 'compressed'])
def test_images_are_subscribed_only_while_a_client_watches(robot, transport):
    robot.transition(NODE, 'deactivate')
    robot.transition(NODE, 'cleanup')
    robot.accept(NODE, image_transport=transport)
    assert robot.transition(NODE, 'configure')
    assert robot.transition(NODE, 'activate'), 'a server can be started again'
    topic = 'image_raw' if transport == 'raw' else 'image_raw/compressed'
    assert robot.node.count_subscribers(topic) == 0
    page = httpx.get(address(robot), timeout=PATIENCE)
    assert 'live_picture' in page.text
    frame = Frame(np.full((48, 64, 3), 77, np.uint8), 'bgr8', 5, 'eye')
    emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
    with connect(address(robot).replace('http', 'ws') + '/pictures') as viewer:
        kind = Image if transport == 'raw' else CompressedImage
        images = robot.publisher(kind, topic)
        message = (
            messages.ImageBuffer().fill(frame)
            if transport == 'raw'
            else (messages.compressed_message(5, 'eye', jpeg(frame)))
        )

        def received():
            images.publish(message)
            emotions.publish(messages.emotion_array(emotion_set(5, face_emotion('f1'))))
            try:
                return viewer.recv(timeout=0.1)
            except TimeoutError:
                return None

        data = robot.wait_for(received, 'picture')
        (length,) = struct.unpack('>I', data[:4])
        head = json.loads(data[4 : 4 + length])
        assert [face['id'] for face in head['faces']] == ['f1']
        if transport == 'compressed':
            assert data.endswith(jpeg(frame)), 'as it came'
    robot.wait_for(lambda: robot.node.count_subscribers(topic) == 0, 'no subscription')


def jpeg(frame: Frame) -> bytes:
    import cv2

    return cv2.imencode('.jpg', frame.image)[1].tobytes()


def test_an_unusable_setting_is_reported_and_the_node_stays_unconfigured(tmp_path, monkeypatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    with (
        socket.create_server(('127.0.0.1', 0)) as taken,
        Robot(
            [node_process(NODE, address='0.0.0.0', port=taken.getsockname()[1])], tmp_path
        ) as robot,
    ):
        robot.wait_for_log(NODE, 'there is no token')
        assert robot.state(NODE) == 'unconfigured'
        robot.accept(NODE, address='127.0.0.1')
        assert robot.transition(NODE, 'configure')
        assert not robot.transition(NODE, 'activate')
        robot.wait_for_log(NODE, 'choose another port')


def test_the_threads_for_files_end_if_the_application_cannot_be_created(monkeypatch):
    def fail(*_):
        raise RuntimeError('no application')

    closed = []
    monkeypatch.setattr(Services, 'close', lambda services: closed.append(services))
    monkeypatch.setattr(routing, 'create_pages', lambda *_: None)
    monkeypatch.setattr(application, 'create_application', fail)
    context = rclpy.Context()
    with free_domain() as domain:
        rclpy.init(context=context, domain_id=domain)
        node = WebNode(context=context)
        try:
            node.autostart()
            assert 'no application' in node.fault
            assert len(closed) == 1
        finally:
            node.destroy_node()
            rclpy.shutdown(context=context)
