"""The ClassifyImage service and the command that uses it."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from support.waiting import PATIENCE

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from sensor_msgs.msg import Image
from support.nodes import node_process
from support.robot import Robot

import fer_ros
from fer_msgs.srv import ClassifyImage
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.picture_classifier import MOST_WAITING
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Frame
from fer_ros.ros import messages
from fer_ros.ros.nodes.classify_image_node import ClassifyImageNode

NODE, SERVICE = 'classify_image_node', 'classify_image'
Request, Response = ClassifyImage.Request, ClassifyImage.Response


@pytest.fixture(scope='module')
def robot(tmp_path_factory):
    with Robot([node_process(NODE)], tmp_path_factory.mktemp('robot')) as robot:
        robot.wait_for_state(NODE, 'active')
        yield robot


def ask(robot, **fields):
    return robot.call(ClassifyImage, SERVICE, Request(**fields))


def compressed(picture: Path):
    return messages.compressed_message(7, 'album', picture.read_bytes())


def test_a_picture_gives_its_faces_and_its_header(robot, portrait):
    response = ask(robot, compressed_image=compressed(portrait))
    assert (response.status, response.message) == (Response.OK, '')
    result = response.result
    assert (result.header.stamp.nanosec, result.header.frame_id) == (7, 'album')
    assert (result.image_width, result.image_height) == (512, 512)
    (face,) = result.faces
    assert face.label == face.raw_label == 'happy'
    assert sum(face.probabilities) == pytest.approx(1.0, abs=1e-4)
    assert len(response.annotated_image.data) == 0


def test_an_uncompressed_picture_gives_faces_and_is_annotated_on_request(robot, portrait):
    image = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
    message = messages.ImageBuffer().fill(Frame(image, 'rgb8', 7, 'album'))
    response = ask(robot, image=message, annotate=True)
    assert response.result.faces[0].label == 'happy'
    annotated = response.annotated_image
    assert annotated.header == response.result.header
    drawn = messages.frame_from_image(annotated)
    assert drawn.encoding == 'bgr8'
    changed = np.any(drawn.image != image[..., ::-1], axis=2)
    assert 0.005 < changed.mean() < 0.5


def test_no_face_is_not_an_error(robot):
    empty = messages.ImageBuffer().fill(Frame(np.full((200, 200, 3), 90, np.uint8), 'bgr8', 1))
    response = ask(robot, image=empty)
    assert response.status == Response.OK
    assert list(response.result.faces) == []
    assert response.result.class_names


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        ({}, 'the request has no picture'),
        (
            {'compressed_image': messages.compressed_message(0, '', b'no picture')},
            'cannot be decoded',
        ),
        (
            {'compressed_image': messages.compressed_message(0, '', b'\xff\xd8\xff\xe0 cut')},
            'is truncated',
        ),
        ({'image': Image(width=9, height=9, step=1, encoding='bgr8', data=[1])}, 'image step 1'),
        ({'image': Image(width=1, height=1, step=1, encoding='bayer', data=[1])}, 'bayer'),
    ],
    ids=['nothing', 'no picture', 'truncated', 'wrong step', 'unknown encoding'],
)
def test_a_broken_picture_is_answered_with_the_reason(robot, fields, message):
    response = ask(robot, **fields)
    assert response.status == Response.BAD_IMAGE
    assert message in response.message
    assert list(response.result.faces) == []


def test_an_inactive_node_answers_that_it_is_not_ready(robot, portrait):
    assert robot.transition(NODE, 'deactivate')
    response = ask(robot, compressed_image=compressed(portrait))
    assert response.status == Response.NOT_READY
    assert 'inactive: configure and activate it' in response.message
    assert robot.transition(NODE, 'activate')
    assert ask(robot, compressed_image=compressed(portrait)).status == Response.OK


def test_a_face_has_the_position_and_head_pose_that_the_python_api_gives(robot, portrait):
    (face,) = ask(robot, compressed_image=compressed(portrait)).result.faces
    (expected,) = fer_ros.analyze(portrait)
    assert face.position.z == pytest.approx(expected.position.z)
    assert face.position_stddev == pytest.approx(expected.position.stddev)
    if expected.attention is not None:
        assert face.head_pose.pose.position.z == pytest.approx(expected.head_pose.position[2])
        assert face.attention == pytest.approx(expected.attention)
        assert face.looks == expected.looks
    robot.accept(NODE, horizontal_fov=90.0)
    (nearer,) = ask(robot, compressed_image=compressed(portrait)).result.faces
    robot.accept(NODE, horizontal_fov=60.0)
    shorter = math.tan(math.radians(30.0))
    assert nearer.position.z == pytest.approx(shorter * face.position.z)
    calibration = messages.camera_info(CameraModel.from_fov(256, 256, 90.0), 0, '')
    response = ask(robot, compressed_image=compressed(portrait), camera_info=calibration)
    assert response.result.faces[0].position.z == pytest.approx(nearer.position.z)
    calibration.k[2] = math.nan
    response = ask(robot, compressed_image=compressed(portrait), camera_info=calibration)
    assert response.status == Response.FAILED
    assert response.message.startswith('a camera_info is wrong')


def test_parameters_apply_to_the_next_picture(robot, portrait):
    robot.accept(NODE, uncertain_threshold=1.0)
    (face,) = ask(robot, compressed_image=compressed(portrait)).result.faces
    assert (face.label, face.raw_label) == ('uncertain', 'happy')
    robot.accept(NODE, uncertain_threshold=0.35, confidence=1.0)
    assert not ask(robot, compressed_image=compressed(portrait)).result.faces
    robot.accept(NODE, confidence=0.7)
    assert ask(robot, compressed_image=compressed(portrait)).result.faces


def command(robot, *arguments: object) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'classify_image', *map(str, arguments)],
        env={**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_command_prints_ranked_scores_and_writes_the_annotated_picture(
    robot, portrait, tmp_path
):
    output = tmp_path / 'annotated.png'
    run = command(robot, portrait, '--output', output)
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    assert lines[0].endswith(f'1 face (512x512, model {DEFAULT_MODEL})')
    assert 'face1: happy' in lines[1]
    scores = [float(line.split()[1].rstrip('%')) for line in lines[2:9]]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(100, abs=1)
    assert cv2.imread(str(output)).shape == (512, 512, 3)


def test_the_command_reports_errors(robot, tmp_path):
    (tmp_path / 'broken.jpg').write_text('no picture')
    run = command(robot, tmp_path / 'broken.jpg')
    assert run.returncode == 1
    assert 'broken.jpg: image cannot be decoded' in run.stderr
    run = command(robot, tmp_path / 'missing.jpg')
    assert run.returncode == 1
    assert 'there is no file' in run.stderr
    run = command(robot, tmp_path / 'broken.jpg', '--output', tmp_path / 'x.txt')
    assert 'name a file that ends in .png' in run.stderr


def test_without_the_node_the_command_says_what_to_start(tmp_path, portrait):
    with Robot([], tmp_path) as nobody:
        run = command(nobody, portrait, '--timeout', '0.5')
        assert run.returncode == 1
        assert 'start ros2 run fer_ros classify_image_node' in run.stderr
        assert 'Traceback' not in run.stderr


class Slow:
    """A classifier that waits until it is released, or fails."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()

    def classify(self, frame, camera=None):
        self.may_go_on.wait(30)
        raise RuntimeError('the model broke')


@pytest.fixture
def slow_node(tmp_path):
    """The node in this process with a blocked classifier."""
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    with Robot([], tmp_path) as robot:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=robot.domain)
        node = ClassifyImageNode(context=context)
        node._classifier, node._is_serving = Slow(), True
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        ended = threading.Event()

        def spin():
            while not ended.is_set():
                executor.spin_once(timeout_sec=0.2)

        thread = threading.Thread(target=spin)
        thread.start()
        yield robot, node
        node._classifier.may_go_on.set()
        ended.set()
        thread.join()
        node.destroy_node()
        executor.shutdown()
        rclpy.shutdown(context=context)


def test_a_busy_node_refuses_further_pictures_and_answers_other_services_quickly(
    slow_node, portrait
):
    robot, node = slow_node
    latencies = []
    node.statistics.processed = latencies.append
    client = robot.node.create_client(ClassifyImage, SERVICE)
    robot.wait_for(client.service_is_ready, 'service')
    request = Request(compressed_image=compressed(portrait))
    waiting = [client.call_async(request) for _ in range(MOST_WAITING)]
    robot.wait_for(lambda: node._waiting == len(waiting), 'requests in work')
    assert robot.state(NODE) == 'unconfigured', 'answered though all four are stuck'
    refused = client.call_async(request)
    robot.wait_for(refused.done, 'refusal')
    assert refused.result().status == Response.BUSY
    assert refused.result().message == '4 pictures are waiting: try again later'
    node._classifier.may_go_on.set()
    robot.wait_for(lambda: all(future.done() for future in waiting), 'answers')
    assert {f.result().status for f in waiting} == {Response.FAILED}
    assert {f.result().message for f in waiting} == {'RuntimeError: the model broke'}
    assert len(latencies) == 4
    assert min(latencies) > 0.0, 'from the request to the answer'


def test_a_result_that_cannot_be_sent_is_answered_and_does_not_count_as_waiting(
    slow_node, portrait, monkeypatch
):
    robot, node = slow_node
    monkeypatch.setattr(node, '_classifier', SimpleNamespace(classify=lambda frame, camera: None))
    response = ask(robot, compressed_image=compressed(portrait))
    assert response.status == Response.FAILED
    assert response.message.startswith('AttributeError')
    assert node._waiting == 0
