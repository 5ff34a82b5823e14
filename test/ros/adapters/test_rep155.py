"""Messages of REP-155, and the order in which topics of faces appear and disappear."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.parameter import Parameter
from rclpy.qos import (
    DurabilityPolicy,
    QoSCompatibility,
    QoSProfile,
    ReliabilityPolicy,
    qos_check_compatible,
)
from support.nodes import emotion_set, face_emotion
from support.recorded_messages import CONSTANTS, recorded_messages
from support.robot import free_domain

from fer_ros.core.attention.engagement import Engagement
from fer_ros.core.types import Box, Crop, Face, FaceSet
from fer_ros.core.upright import ROTATIONS, Upright
from fer_ros.ros import messages
from fer_ros.ros.adapters import rep155_node
from fer_ros.ros.adapters.rep155 import EXPRESSIONS, Rep155Messages

SECOND = 1_000_000_000

#: Of each face, in the order in which they come and go.
FACE_TOPICS = ('roi', 'landmarks', 'cropped', 'aligned', 'expression')

#: A head that is tilted, in a picture of 200x100 pixels.
LANDMARKS = np.array([[20, 40], [60, 20], [50, 50], [40, 80], [70, 65]], np.float32)


def face_set(stamp: int, *face_ids: str) -> FaceSet:
    crop = Crop(np.full((48, 48), 77, np.uint8), np.zeros((2, 3), np.float32))
    return FaceSet(
        stamp,
        'eye',
        640,
        480,
        tuple(Face(face_id, Box(-10, 120, 170, 240), 0.875, crop=crop) for face_id in face_ids),
        'fer2013',
        'gray',
    )


def test_a_region_is_clipped_and_normalised(hri_msgs):
    faces = face_set(5, 'fa1')
    roi = Rep155Messages(hri_msgs, 128).roi(faces.faces[0], faces)
    assert (roi.xmin, roi.ymin, roi.xmax, roi.ymax) == pytest.approx((0, 0.25, 0.25, 0.75))
    assert roi.c == pytest.approx(0.875)
    assert (roi.header.stamp.nanosec, roi.header.frame_id) == (5, 'eye')


def test_ids_are_listed_under_the_image_header(hri_msgs):
    ids = Rep155Messages(hri_msgs, 128).ids(['fa1', 'fa2'], face_set(5))
    assert list(ids.ids) == ['fa1', 'fa2']
    assert ids.header.stamp.nanosec == 5


@pytest.mark.parametrize(
    ('label', 'expression'),
    [
        ('happy', 'happy'),
        ('surprise', 'surprised'),
        ('disgust', 'disgusted'),
        ('fear', 'scared'),
        ('contempt', ''),
        ('uncertain', ''),
        ('asleep at the wheel', ''),
    ],
)
def test_an_expression_has_its_rep155_name_or_none_and_always_valence_and_arousal(
    hri_msgs, label, expression
):
    message = Rep155Messages(hri_msgs, 128).expression(face_emotion(label=label), emotion_set(7))
    assert message.expression == expression
    assert (message.valence, message.arousal) == (0.5, -0.25)
    assert message.confidence == pytest.approx(0.8)
    assert message.header.stamp.nanosec == 7


def test_an_uncertain_expression_has_no_name(hri_msgs):
    message = Rep155Messages(hri_msgs, 128).expression(
        face_emotion(uncertain=True), emotion_set(7)
    )
    assert message.expression == ''


def test_every_name_is_defined_in_hri_msgs():
    assert set(EXPRESSIONS.values()) == set(CONSTANTS['hri_msgs/Expression'].values())


def test_a_crop_is_scaled_to_the_size_of_the_rep(hri_msgs):
    faces = face_set(5, 'fa1')
    image = Rep155Messages(hri_msgs, 128).cropped(faces.faces[0].crop, faces)
    assert (image.width, image.height, image.encoding) == (128, 128, 'mono8')
    assert set(image.data) == {77}
    assert image.header.stamp.nanosec == 5


class Recorder(rep155_node.Rep155Node):
    """Records published messages and the creation and removal of publishers."""

    def __init__(self, **kwargs) -> None:
        self.diary: list[tuple[str, str, object]] = []
        self.profiles: dict[str, QoSProfile] = {}
        super().__init__(**kwargs)

    def create_contract_publisher(self, name):
        return RecordingPublisher(self.diary, name)

    def create_publisher(self, kind, topic, *arguments, **options):
        if topic.startswith('/humans'):
            self.diary.append(('create', topic, None))
            self.profiles[topic] = arguments[0]
            return RecordingPublisher(self.diary, topic)
        return super().create_publisher(kind, topic, *arguments, **options)

    def destroy_publisher(self, publisher):
        if isinstance(publisher, RecordingPublisher):
            self.diary.append(('destroy', publisher.topic_name, None))
            return True
        return super().destroy_publisher(publisher)

    def subscribe(self, topic, callback, past_executor=False):
        return topic

    def unsubscribe(self, subscription):
        pass

    def destroy_lifecycle_publisher(self, publisher):
        return True

    def told(self, since: int = 0) -> list[tuple[str, str]]:
        """Return the recorded events without values."""
        return [(action, topic) for action, topic, _ in self.diary[since:]]


class RecordingPublisher:
    def __init__(self, diary, topic_name) -> None:
        self.diary, self.topic_name = diary, topic_name

    def get_subscription_count(self) -> int:
        return 1

    def publish(self, message) -> None:
        self.diary.append(('publish', self.topic_name, message))


@pytest.fixture
def persons() -> bool:
    return False


@pytest.fixture
def node(monkeypatch, persons):
    hri_msgs = recorded_messages('hri_msgs')
    monkeypatch.setattr(rep155_node, 'messages_of', lambda package: hri_msgs)
    monkeypatch.setattr(messages, 'message_type', lambda name: name)
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = Recorder(context=context, parameter_overrides=[Parameter('persons', value=persons)])
        node.configure()
        node.activate()
        yield node
        node.destroy_node()
        rclpy.shutdown(context=context)


def show(node, stamp: int, *face_ids: str) -> int:
    """Show faces to the node; return the position in its record before them."""
    begin = len(node.diary)
    node._on_faces(messages.face_array(face_set(stamp, *face_ids)))
    return begin


def ids(node, index: int) -> list[str]:
    return list(node.diary[index][2].ids)


def test_a_face_is_listed_before_its_topics_are_published(node):
    begin = show(node, 0, 'fa1')
    topics = [f'/humans/faces/fa1/{name}' for name in FACE_TOPICS]
    assert node.told(begin) == [
        *(('create', topic) for topic in topics),
        ('publish', '/humans/faces/tracked'),
        ('publish', topics[0]),
        ('publish', topics[2]),
    ]
    assert ids(node, begin + len(FACE_TOPICS)) == ['fa1']


def test_a_briefly_missed_face_stays_listed(node):
    show(node, 0, 'fa1', 'fa2')
    begin = show(node, SECOND, 'fa1')
    assert ids(node, begin) == ['fa1', 'fa2']
    assert all('fa2' not in topic for _, topic in node.told(begin))


def test_a_face_that_left_is_removed_from_the_list_before_its_topics(node):
    show(node, 0, 'fa1', 'fa2')
    show(node, 2 * SECOND, 'fa2')
    begin = show(node, 2 * SECOND + 1, 'fa2')
    first, *others = node.told(begin)[: 1 + len(FACE_TOPICS)]
    assert first == ('publish', '/humans/faces/tracked')
    assert set(others) == {('destroy', f'/humans/faces/fa1/{name}') for name in FACE_TOPICS}
    assert ids(node, begin) == ['fa2']


def test_without_messages_faces_leave(node):
    show(node, 0, 'fa1')
    faces, received = node._last_faces
    node._last_faces = faces, received - 10 * SECOND
    begin = len(node.diary)
    node._expire()
    assert ids(node, begin) == []
    assert ('destroy', '/humans/faces/fa1/roi') in node.told(begin)


def test_a_jump_back_in_time_lets_all_faces_leave(node):
    show(node, 9 * SECOND, 'fa1')
    begin = show(node, SECOND, 'fb1')
    assert ids(node, begin) == []
    assert ('create', '/humans/faces/fb1/roi') in node.told(begin)


def test_an_expression_is_published_for_listed_faces(node):
    show(node, 0, 'fa1')
    begin = len(node.diary)
    node.take_emotions(emotion_set(0, face_emotion('fa1'), face_emotion('unknown')))
    assert node.told(begin) == [('publish', '/humans/faces/fa1/expression')]


@pytest.mark.parametrize('persons', [True])
def test_face_id_and_anonymous_are_sent_once_and_latched(node):
    show(node, 0, 'fa1')
    for stamp in (1, 2, 3):
        node.take_emotions(emotion_set(stamp, face_emotion('fa1')))
    # As libhri subscribes. A publisher that is volatile never connects to it.
    libhri = QoSProfile(
        depth=1,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL,
    )
    for name, value in (('face_id', 'fa1'), ('anonymous', True)):
        topic = f'/humans/persons/anonymous_person_fa1/{name}'
        sent = [message.data for _, at, message in node.diary if at == topic and message]
        assert sent == [value]
        compatibility, reason = qos_check_compatible(node.profiles[topic], libhri)
        assert compatibility != QoSCompatibility.ERROR, reason
    begin = len(node.diary)
    node.deactivate()
    assert ('destroy', '/humans/persons/anonymous_person_fa1/face_id') in node.told(begin)


def test_nothing_is_left_after_the_node_stops(node):
    show(node, 0, 'fa1')
    begin = len(node.diary)
    node.deactivate()
    assert ids(node, begin) == []
    assert [action for action, _ in node.told(begin)] == [
        'publish',
        *['destroy'] * len(FACE_TOPICS),
    ]


def test_nan_valence_of_a_custom_model_is_passed_on(hri_msgs):
    from dataclasses import replace

    face = replace(face_emotion(), valence=math.nan, arousal=math.nan)
    message = Rep155Messages(hri_msgs, 128).expression(face, emotion_set(7))
    assert math.isnan(message.valence)


def test_five_landmarks_are_named_and_the_others_have_no_confidence(hri_msgs):
    face = Face('a', Box(0, 0, 100, 100), 0.75, LANDMARKS.copy())
    message = Rep155Messages(hri_msgs, 128).landmarks(face, FaceSet(5, 'eye', 200, 100, (face,)))
    known = {
        name: (point.x, point.y, point.c)
        for name in ('RIGHT_PUPIL', 'LEFT_PUPIL', 'NOSE', 'MOUTH_OUTER_RIGHT', 'MOUTH_OUTER_LEFT')
        for point in [message.landmarks[getattr(message, name)]]
    }
    assert known['RIGHT_PUPIL'] == pytest.approx((0.1, 0.4, 0.75))
    assert known['LEFT_PUPIL'] == pytest.approx((0.3, 0.2, 0.75))
    assert sum(point.c > 0 for point in message.landmarks) == 5
    assert (message.width, message.height) == (200, 100)


def test_an_aligned_crop_has_level_eyes(hri_msgs):
    image = np.zeros((50, 50), np.uint8)
    affine = np.array([[0.5, 0, 0], [0, 0.5, 0]], np.float32)
    eyes = [(round(x / 2), round(y / 2)) for x, y in LANDMARKS[:2].tolist()]
    for x, y in eyes:
        cv2.circle(image, (x, y), 2, 255, cv2.FILLED)
    face = Face('a', Box(0, 0, 100, 100), 0.75, LANDMARKS.copy(), crop=Crop(image, affine))
    faces = FaceSet(5, 'eye', 200, 100, (face,), 'square', 'gray')
    message = Rep155Messages(hri_msgs, 100).aligned(face, faces)
    turned = np.frombuffer(bytes(message.data), np.uint8).reshape(100, 100)
    count, _, _, centres = cv2.connectedComponentsWithStats((turned > 100).astype(np.uint8))
    assert count == 3
    assert centres[1][1] == pytest.approx(centres[2][1], abs=1.0)
    assert abs(centres[1][0] - centres[2][0]) == pytest.approx(
        2 * np.hypot(eyes[1][0] - eyes[0][0], eyes[1][1] - eyes[0][1]), abs=2.0
    )


@pytest.mark.parametrize('flip', [False, True])
@pytest.mark.parametrize('rotation', ROTATIONS)
def test_an_aligned_crop_is_upright_for_every_camera(hri_msgs, rotation, flip):
    image = np.zeros((50, 50), np.uint8)
    image[10:16, 20:30] = 255  # the forehead
    level = np.array([[40, 40], [60, 40], [50, 50], [42, 65], [58, 65]], np.float32)
    crop = Crop(image, np.array([[0.5, 0, 0], [0, 0.5, 0]], np.float32))
    face = Face('a', Box(0, 0, 100, 100), 0.75, level, crop=crop)
    found = FaceSet(5, 'eye', 100, 100, (face,), 'square', 'gray')
    faces = Upright(rotation, flip).back(found, 100, 100)
    message = Rep155Messages(hri_msgs, 50).aligned(faces.faces[0], faces)
    np.testing.assert_array_equal(np.frombuffer(bytes(message.data), np.uint8), image.ravel())


def test_engagement_has_the_levels_of_hri_msgs(hri_msgs):
    for level in Engagement:
        message = Rep155Messages(hri_msgs, 128).engagement(level, emotion_set(5))
        assert message.level == level.value
        assert getattr(message, level.name) == level.value
