"""The adapter nodes over DDS, with the real packages if installed, and without them."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from sensor_msgs.msg import Image
from std_msgs.msg import Bool, String
from support.nodes import NAMES, emotion_set, face_emotion, node_process
from support.robot import Robot, free_domain

from fer_msgs.msg import FaceArray, FaceEmotionArray
from fer_ros.core.stamp_order import StampOrder
from fer_ros.core.types import Box, Crop, Face, FaceSet, HeadPose, Position
from fer_ros.ros import messages
from fer_ros.ros.adapters import rep155_node
from fer_ros.ros.adapters.packages import SOURCES
from fer_ros.ros.adapters.rep155_node import Rep155Node
from fer_ros.ros.base.diagnostics import Statistics
from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.contract import LATCHED

PACKAGES = {
    'tf_node': 'tf2_msgs',
    'rep155_node': 'hri_msgs',
    'vision_msgs_node': 'vision_msgs',
    'foxglove_node': 'foxglove_msgs',
}


def messages_of(package: str):
    return pytest.importorskip(f'{package}.msg', reason=f'{package} is not installed')


@pytest.mark.parametrize(('executable', 'package'), PACKAGES.items())
def test_without_its_package_a_node_says_what_to_install_and_continues(
    executable, package, tmp_path, monkeypatch
):
    # A module of that name without messages hides an installed one.
    (tmp_path / f'{package}.py').write_text('')
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=os.pathsep)
    with Robot([node_process(executable)], tmp_path) as robot:
        status = robot.wait_for_status(executable, lambda s: s.level == b'\x02', 'an error')
        assert f'cannot configure: {package} cannot be imported' in status.message
        assert f'install ros-<distro>-{package.replace("_", "-")}' in status.message
        assert SOURCES[package] in robot.log(executable)
        assert robot.state(executable) == 'unconfigured'
        assert robot.stop() == {executable: 0}


def publish_until(robot, publisher, message, condition, what):
    """Publish a message repeatedly until a condition gives a result: a message can be lost."""
    return robot.wait_for(lambda: condition() or publisher.publish(message), what)


def test_ros4hri_tools_see_a_face_its_topics_and_its_end(tmp_path):
    hri_msgs = messages_of('hri_msgs')
    crop = Crop(np.full((48, 48), 77, np.uint8), np.zeros((2, 3), np.float32))
    with Robot([node_process('rep155_node', track_timeout=1.0)], tmp_path) as robot:
        robot.wait_for_state('rep155_node', 'active')
        lists = robot.listen(hri_msgs.IdsList, '/humans/faces/tracked')
        faces = robot.publisher(FaceArray, 'faces')
        emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
        face = Face('fq1', Box(160, 120, 160, 240), 0.9, crop=crop)
        message = messages.face_array(FaceSet(10**9, 'eye', 640, 480, (face,), 'fer2013', 'gray'))
        publish_until(
            robot, faces, message, lambda: any(list(m.ids) == ['fq1'] for m in lists), 'the id'
        )
        rois = robot.listen(hri_msgs.NormalizedRegionOfInterest2D, '/humans/faces/fq1/roi')
        crops = robot.listen(Image, '/humans/faces/fq1/cropped')
        expressions = robot.listen(hri_msgs.Expression, '/humans/faces/fq1/expression')
        publish_until(robot, faces, message, lambda: rois and crops, 'roi and cropped')
        assert (rois[0].xmin, rois[0].xmax) == pytest.approx((0.25, 0.5))
        assert (crops[0].width, crops[0].height) == (128, 128)
        said = messages.emotion_array(emotion_set(10**9, face_emotion('fq1', 'fear')))

        def keep_going():
            faces.publish(message)
            return expressions

        publish_until(robot, emotions, said, keep_going, 'the expression')
        assert expressions[0].expression == 'scared'
        assert expressions[0].header == said.header
        robot.wait_for(lambda: list(lists[-1].ids) == [], 'the list without the id')
        robot.wait_for(
            lambda: robot.node.count_publishers('/humans/faces/fq1/roi') == 0, 'no publisher'
        )
        assert robot.stop() == {'rep155_node': 0}


def test_remapping_the_list_also_moves_the_topics_of_the_faces(tmp_path):
    hri_msgs = messages_of('hri_msgs')
    process = node_process(
        'rep155_node', remappings=(('/humans/faces/tracked', '/robot1/humans/faces/tracked'),)
    )
    with Robot([process], tmp_path) as robot:
        robot.wait_for_state('rep155_node', 'active')
        lists = robot.listen(hri_msgs.IdsList, '/robot1/humans/faces/tracked')
        faces = robot.publisher(FaceArray, 'faces')
        message = messages.face_array(
            FaceSet(10**9, 'eye', 640, 480, (Face('fq1', Box(0, 0, 60, 80), 0.9),))
        )
        publish_until(robot, faces, message, lambda: lists, 'the list')
        robot.wait_for(
            lambda: robot.node.count_publishers('/robot1/humans/faces/fq1/roi') == 1, 'its roi'
        )


def test_faces_that_arrive_late_are_counted():
    order = StampOrder()
    order.step_back(10**9)
    node = SimpleNamespace(_order=order, statistics=Statistics())
    Rep155Node._take_faces(node, FaceSet(9 * 10**8, 'eye', 640, 480, ()))
    assert node.statistics.report()['dropped_late'] == '1'


def test_class_names_reach_late_subscribers(tmp_path):
    vision_msgs = messages_of('vision_msgs')
    with Robot([node_process('vision_msgs_node')], tmp_path) as robot:
        robot.wait_for_state('vision_msgs_node', 'active')
        emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
        detections = robot.listen(vision_msgs.Detection2DArray, 'detections')
        message = messages.emotion_array(emotion_set(5, face_emotion('fq1', 'sad')))
        publish_until(robot, emotions, message, lambda: detections, 'detections')
        assert detections[0].header == message.header
        assert detections[0].detections[0].id == 'fq1'
        labels: list = []
        robot.node.create_subscription(
            vision_msgs.LabelInfo,
            'label_info',
            labels.append,
            QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL),
        )
        robot.wait_for(lambda: labels, 'label_info')
        assert tuple(entry.class_name for entry in labels[0].class_map) == NAMES


def test_foxglove_receives_annotations(tmp_path):
    foxglove_msgs = messages_of('foxglove_msgs')
    with Robot([node_process('foxglove_node')], tmp_path) as robot:
        robot.wait_for_state('foxglove_node', 'active')
        emotions = robot.publisher(FaceEmotionArray, 'face_emotions')
        annotations = robot.listen(foxglove_msgs.ImageAnnotations, 'image_annotations')
        message = messages.emotion_array(emotion_set(5, face_emotion('fq1', 'sad')))
        publish_until(robot, emotions, message, lambda: annotations, 'annotations')
        assert annotations[0].texts[0].text == 'sad 80% fq1'


def test_tf_has_a_frame_for_each_face_with_the_image_stamp(tmp_path):
    tf2_msgs = messages_of('tf2_msgs')
    turn = (0.5, 0.5, -0.5, 0.5)
    head = HeadPose((0.1, -0.2, 1.5), turn, np.zeros((6, 6)))
    faces = (replace(face_emotion('a'), head_pose=head), face_emotion('b'))
    message = messages.emotion_array(replace(emotion_set(7), faces=faces))
    with Robot([node_process('tf_node')], tmp_path) as robot:
        robot.wait_for_state('tf_node', 'active')
        frames = robot.listen(tf2_msgs.TFMessage, '/tf')
        publisher = robot.publisher(FaceEmotionArray, 'face_emotions')
        publish_until(robot, publisher, message, lambda: frames, 'a transform')
        (found,) = frames[0].transforms
        assert found.child_frame_id == 'face_a'
        assert found.header == message.header
        place, rotation = found.transform.translation, found.transform.rotation
        assert (place.x, place.y, place.z) == head.position
        assert (rotation.x, rotation.y, rotation.z, rotation.w) == turn
        # Without faces, nothing is sent. Frames of TF become old on their own.
        count = len(frames)
        empty = messages.emotion_array(emotion_set(8))
        for _ in range(5):
            publisher.publish(empty)
        robot.wait_for_status('tf_node', lambda s: s.level == b'\x00', 'a status')
        assert all(len(one.transforms) for one in frames[count:])
        count = len(frames)
        message.header.frame_id = ''
        publisher.publish(message)
        status = robot.wait_for_status('tf_node', lambda s: s.level == b'\x02', 'ERROR')
        assert 'the images have no frame_id' in status.message
        assert len(frames) == count


def test_engagement_is_published_for_an_anonymous_person_of_each_face(tmp_path):
    hri_msgs = messages_of('hri_msgs')
    head = HeadPose((0.0, 0.0, 1.0), (0.5, 0.5, -0.5, 0.5), np.zeros((6, 6)))
    position = Position(0.0, 0.0, 1.0, 0.1)
    face = replace(face_emotion('a'), head_pose=head, looks=True, position=position)
    options = {'persons': True, 'engagement_time': 0.5}
    with Robot([node_process('rep155_node', **options)], tmp_path) as robot:
        robot.wait_for_state('rep155_node', 'active')
        persons = robot.listen(hri_msgs.IdsList, '/humans/persons/tracked')
        prefix = '/humans/persons/anonymous_person_a'
        levels = robot.listen(hri_msgs.EngagementLevel, f'{prefix}/engagement_status')
        faces = robot.publisher(FaceArray, 'faces')
        expressions = robot.publisher(FaceEmotionArray, 'face_emotions')
        stamp = 1_000_000_000

        def show():
            nonlocal stamp
            stamp += 100_000_000
            seen = FaceSet(stamp, 'eye', 640, 480, (Face('a', face.box, 0.9),))
            faces.publish(messages.face_array(seen))
            expressions.publish(
                messages.emotion_array(replace(emotion_set(7), stamp=stamp, faces=(face,)))
            )
            return any(level.level == hri_msgs.EngagementLevel.ENGAGED for level in levels)

        robot.wait_for(show, 'engagement')
        assert list(persons[-1].ids) == ['anonymous_person_a']
        # As libhri subscribes; only now, long after the person entered.
        for kind, name, expected in ((String, 'face_id', 'a'), (Bool, 'anonymous', True)):
            received: list = []
            robot.node.create_subscription(
                kind, f'{prefix}/{name}', received.append, qos_profile(LATCHED)
            )
            robot.wait_for(lambda received=received: received, name)
            assert [message.data for message in received] == [expected]
        told = [level.level for level in levels]
        assert told == sorted(told), 'engaging before engaged'


class Strings:
    """Mock of the messages of hri_msgs, which need not be installed: each is a text."""

    def __init__(self, *arguments):
        self.ids = self.roi = self.expression = self.engagement = lambda *of: String()


def test_nothing_remains_of_faces_that_left(monkeypatch):
    monkeypatch.setattr(rep155_node, 'messages_of', lambda package: None)
    monkeypatch.setattr(rep155_node, 'Rep155Messages', Strings)
    monkeypatch.setattr(
        messages, 'message_type', lambda name: Bool if name == 'std_msgs/Bool' else String
    )
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = rep155_node.Rep155Node(
            context=context, parameter_overrides=[Parameter('persons', value=True)]
        )
        node.trigger_configure()
        node.trigger_activate()
        kept = []
        for number in range(12):
            face = Face(f'f{number}', Box(0, 0, 60, 80), 0.9)
            node._take_faces(FaceSet(number * 10**10, 'eye', 640, 480, (face,)))
            entities = node.default_callback_group.entities
            kept.append((len(entities), len(list(node.publishers))))
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert set(kept[2:]) == {kept[1]}
