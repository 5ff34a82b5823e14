"""emotion_classifier_node with faces of the test: events, faults, models, parameters, time."""

from __future__ import annotations

import json
import shutil
import threading
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from support.nodes import appeared, emotion_set, face_emotion
from support.robot import free_domain
from support.tiny_model import LABELS, TinyNetwork, reference_probabilities, write_tiny_model

from fer_msgs.msg import AttentionEvent, ExpressionEvent, FaceArray, FaceEmotionArray
from fer_ros.core.pipeline import EmotionResult
from fer_ros.core.types import Box, Crop, Face, FaceSet, HeadPose
from fer_ros.ros import messages
from fer_ros.ros.messages import stamp_from_time
from fer_ros.ros.nodes.emotion_classifier_node import EmotionClassifierNode

CLASSIFIER = 'emotion_classifier_node'
SECOND = 1_000_000_000
#: Seed of a tiny model that distinguishes some patterns with certainty.
SEED = 29
APPEARED, CHANGED, LEFT = (ExpressionEvent.APPEARED, ExpressionEvent.CHANGED, ExpressionEvent.LEFT)


@pytest.fixture(scope='module')
def models(tmp_path_factory):
    """A folder with a good model and broken ones."""
    folder = tmp_path_factory.mktemp('models')
    card = write_tiny_model(folder / 'tiny', seed=SEED)
    write_tiny_model(folder / 'other', seed=5)
    for name in ('altered', 'permuted'):
        shutil.copytree(folder / 'tiny', folder / name)
    for file in card.files.values():
        with open(folder / 'altered' / file.file, 'ab') as stream:
            stream.write(b'\0')
    text = json.loads((folder / 'permuted' / 'card.json').read_text())
    text['labels'] = text['labels'][::-1]
    (folder / 'permuted' / 'card.json').write_text(json.dumps(text))
    return folder


def patterns() -> list[np.ndarray]:
    """Stripes, checks and steps between dark and bright, 12x12."""
    y, x = np.mgrid[0:12, 0:12]
    shapes = (x % 2, y % 2, (x + y) % 2, x // 3 % 2, y // 3 % 2, x // 6, y // 6, 1 - x // 6, 0 * x)
    return [
        (dark + (bright - dark) * shape).astype(np.uint8)
        for dark in (0, 60, 128)
        for bright in (128, 190, 255)
        for shape in shapes
    ]


@pytest.fixture(scope='module')
def crops():
    """Crops by the label that the tiny model gives them, the most certain of many first."""
    candidates = patterns()
    probabilities = probabilities_of(candidates)
    found = {}
    for index in np.argsort(-probabilities.max(axis=1)):
        if probabilities[index].max() > 0.5:
            found.setdefault(LABELS[probabilities[index].argmax()], candidates[index])
    assert len(found) >= 3
    return found


def probabilities_of(crops: list[np.ndarray]) -> np.ndarray:
    return reference_probabilities(TinyNetwork(7, seed=SEED), crops, 1.5)


@pytest.fixture(scope='module')
def robot(bring_up, models):
    robot = bring_up(
        'compute',
        parameters={
            CLASSIFIER: {
                'model': 'tiny',
                'model_folders': [str(models)],
                'smoothing': 'off',
                'appear_time': 0.0,
            }
        },
    )
    robot.wait_for_state(CLASSIFIER, 'active')
    return robot


@pytest.fixture(scope='module')
def edge(robot):
    return Edge(robot)


class Edge:
    """The detector of another host: publishes faces and waits for the results."""

    def __init__(self, robot) -> None:
        self.robot = robot
        self.emotions = robot.listen(FaceEmotionArray, 'face_emotions')
        self.events = robot.listen(ExpressionEvent, 'expression_events')
        self.publisher = robot.publisher(FaceArray, 'faces')
        self.stamp = robot.node.get_clock().now().nanoseconds
        self.count = 0

    def new_id(self) -> str:
        self.count += 1
        return f'ftest{self.count}'

    def faces(
        self,
        crops: dict[str, np.ndarray | None],
        geometry: str = 'fer2013',
        head: HeadPose | None = None,
    ) -> FaceArray:
        affine = np.zeros((2, 3), np.float32)
        return messages.face_array(
            FaceSet(
                self.stamp,
                'eye',
                320,
                240,
                tuple(
                    Face(
                        face_id,
                        Box(10, 20, 60, 80),
                        0.9,
                        crop=None if crop is None else Crop(crop, affine),
                        head_pose=head,
                    )
                    for face_id, crop in crops.items()
                ),
                geometry,
                'gray',
            )
        )

    def show(
        self,
        crops: dict[str, np.ndarray | None],
        seconds: float = 0.05,
        head: HeadPose | None = None,
    ) -> FaceEmotionArray:
        """Publish faces `seconds` after the previous ones; return their expressions."""
        self.stamp += round(seconds * SECOND)
        message = self.faces(crops, head=head)

        def answered():
            return next(
                (
                    m
                    for m in reversed(self.emotions)
                    if stamp_from_time(m.header.stamp) == self.stamp
                ),
                None,
            )

        # Best effort at depth 1: published again until it arrived.
        return self.robot.wait_for(
            lambda: answered() or self.publisher.publish(message), 'face_emotions'
        )

    def events_of(self, face_id: str) -> list[tuple[int, str, str]]:
        return [(e.type, e.previous_label, e.label) for e in self.events if e.face_id == face_id]

    def wait_for_left(self, face_id: str) -> ExpressionEvent:
        return self.robot.wait_for(
            lambda: next(
                (e for e in self.events if e.face_id == face_id and e.type == LEFT), None
            ),
            'LEFT',
        )

    def status_of(self, message: FaceArray, condition) -> SimpleNamespace:
        """Publish a message until a status fulfils a condition; return it."""
        seen = len(self.robot.statuses)

        def told():
            self.publisher.publish(message)
            return next((s for s in self.robot.statuses[seen:] if condition(s)), None)

        return self.robot.wait_for(told, 'status')


def is_error(status) -> bool:
    return status.level == b'\2'


def is_warning(status) -> bool:
    return status.level == b'\1'


class TestExpressions:
    def test_every_label_is_published_with_its_probabilities(self, edge, crops):
        for label, crop in crops.items():
            (face,) = edge.show({edge.new_id(): crop}).faces
            assert (face.label, face.raw_label) == (label, label)
            expected = probabilities_of([crop])[0]
            np.testing.assert_allclose(face.probabilities, expected, atol=1e-4)

    def test_an_answer_has_the_header_of_the_faces_and_the_model_name(self, edge, crops):
        message = edge.show({edge.new_id(): next(iter(crops.values()))})
        assert message.header.frame_id == 'eye'
        assert (message.image_width, message.image_height) == (320, 240)
        assert message.model_name == 'tiny'
        assert len(message.model_hash) == 64

    def test_an_empty_set_gives_an_empty_answer(self, edge):
        assert list(edge.show({}).faces) == []

    def test_many_faces_are_answered_in_their_order(self, edge, crops):
        faces = {edge.new_id(): crop for crop in crops.values()}
        assert [face.face_id for face in edge.show(faces).faces] == list(faces)


class TestEvents:
    def test_a_face_appears_changes_and_leaves(self, edge, crops):
        (one, first), (two, second), *_ = crops.items()
        face_id = edge.new_id()
        for _ in range(6):
            edge.show({face_id: first})
        for _ in range(6):
            edge.show({face_id: second})
        edge.show({}, seconds=5)
        left = edge.wait_for_left(face_id)
        assert edge.events_of(face_id) == [
            (APPEARED, '', one),
            (CHANGED, one, two),
            (LEFT, '', two),
        ]
        assert left.duration.nanosec == pytest.approx(11 * 0.05e9, abs=1000)
        assert (left.roi.x_offset, left.roi.y_offset) == (10, 20)

    def test_a_head_turns_to_the_robot_and_away_and_leaves(self, robot, edge, crops):
        turns = robot.listen(AttentionEvent, 'attention_events')
        face_id, crop = edge.new_id(), next(iter(crops.values()))
        away, here = (
            HeadPose((0.0, 0.0, 1.0), turn, np.eye(6) * 0.005)
            for turn in ((0.0, 0.0, 0.0, 1.0), (0.5, 0.5, -0.5, 0.5))
        )
        for head, looks in ((away, False), (here, True)):
            for _ in range(30):
                (face,) = edge.show({face_id: crop}, head=head).faces
            assert face.looks == looks
            assert (face.attention > 0.5) == looks
        edge.show({}, seconds=5)
        robot.wait_for(lambda: len(turns) == 2, 'looks and looks away')
        assert [turn.type for turn in turns] == [
            AttentionEvent.LOOKS,
            AttentionEvent.LOOKS_AWAY,
        ]
        assert {turn.face_id for turn in turns} == {face_id}
        # The point of regard is moved: who looks at the camera does not look there.
        robot.accept(CLASSIFIER, regard_x=2.0)
        try:
            (face,) = edge.show({edge.new_id(): crop}, head=here).faces
            assert face.attention < 0.5
        finally:
            robot.accept(CLASSIFIER, regard_x=0.0)

    def test_without_messages_a_face_leaves_after_the_timeout(self, robot, edge, crops):
        robot.accept(CLASSIFIER, track_timeout=0.3)
        face_id = edge.new_id()
        edge.show({face_id: next(iter(crops.values()))})
        last = edge.stamp
        left = edge.wait_for_left(face_id)
        robot.accept(CLASSIFIER, track_timeout=2.0)
        stamp = stamp_from_time(left.header.stamp)
        assert stamp - last > 0.3 * SECOND
        assert left.header.frame_id == 'eye'
        # The next faces have a later stamp than what was made up.
        edge.stamp = max(edge.stamp, stamp)

    def test_a_jump_back_lets_every_face_leave_with_one_warning(self, robot, edge, crops):
        text = 'time jumped back'
        crop = next(iter(crops.values()))
        before, after = edge.new_id(), edge.new_id()
        edge.show({before: crop})
        warnings = robot.log(CLASSIFIER).count(text)
        edge.show({after: crop}, seconds=-500)
        edge.show({after: crop})
        edge.wait_for_left(before)
        robot.wait_for(lambda: edge.events_of(after), 'APPEARED')
        assert [kind for kind, _, _ in edge.events_of(after)] == [APPEARED]
        assert robot.log(CLASSIFIER).count(text) == warnings + 1
        edge.show({}, seconds=600)

    def test_deactivation_lets_every_face_leave(self, robot, edge, crops):
        face_id = edge.new_id()
        edge.show({face_id: next(iter(crops.values()))})
        assert robot.transition(CLASSIFIER, 'deactivate')
        edge.wait_for_left(face_id)
        assert robot.transition(CLASSIFIER, 'activate')
        edge.robot.wait_for(lambda: edge.publisher.get_subscription_count() == 1, 'subscription')


class TestFaults:
    def test_faces_without_crops_cause_a_warning_with_the_remedy(self, edge, crops):
        edge.stamp += SECOND
        status = edge.status_of(edge.faces({edge.new_id(): None}), is_warning)
        assert 'without crops' in status.message
        assert 'face_detector_node' in status.message
        assert int({v.key: v.value for v in status.values}['unclassified']) > 0
        edge.show({edge.new_id(): next(iter(crops.values()))})
        edge.robot.wait_for_status(CLASSIFIER, lambda s: 'without crops' not in s.message, 'gone')

    def test_crops_of_another_geometry_are_refused_and_both_are_named(self, edge, crops):
        edge.stamp += SECOND
        faces = edge.faces({edge.new_id(): next(iter(crops.values()))}, geometry='passport')
        status = edge.status_of(faces, is_error)
        assert "'passport'" in status.message
        assert "'fer2013'" in status.message
        edge.robot.wait_for_log(CLASSIFIER, "the crops have geometry 'passport'")
        edge.show({edge.new_id(): next(iter(crops.values()))})
        edge.robot.wait_for_status(CLASSIFIER, lambda s: not is_error(s), 'no ERROR')

    def test_a_contradictory_crop_is_refused_and_the_node_continues(self, edge, crops):
        edge.stamp += SECOND
        faces = edge.faces({edge.new_id(): next(iter(crops.values()))})
        faces.faces[0].crop.step = 1
        assert 'step 1 is shorter' in edge.status_of(faces, is_error).message
        edge.show({edge.new_id(): next(iter(crops.values()))})

    def test_crops_of_another_size_are_converted_for_the_model(self, edge, crops):
        label, crop = next(iter(crops.items()))
        (face,) = edge.show({edge.new_id(): crop.repeat(2, 0).repeat(2, 1)}).faces
        assert face.raw_label == label

    def test_without_faces_messages_a_warning_names_the_topic(self, robot, edge):
        # A warning about messages of an earlier test can arrive first.
        status = robot.wait_for_status(
            CLASSIFIER,
            lambda s: is_warning(s) and 'no message on /faces' in s.message,
            'WARN without faces',
        )
        assert '(publishers: 1)' in status.message


class TestParameters:
    def test_smoothing_takes_effect_at_once(self, robot, edge, crops):
        (one, first), (two, second), *_ = crops.items()
        face_id = edge.new_id()
        robot.accept(CLASSIFIER, smoothing='majority')
        for _ in range(8):
            edge.show({face_id: first})
        (face,) = edge.show({face_id: second}).faces
        assert (face.label, face.raw_label) == (one, two)
        robot.accept(CLASSIFIER, smoothing='off')
        (face,) = edge.show({face_id: second}).faces
        assert face.label == two

    def test_off_is_accepted_in_the_yaml_notation(self, robot, edge, crops):
        robot.accept(CLASSIFIER, smoothing='ema')
        robot.accept(CLASSIFIER, smoothing=False)
        (_, first), (two, second), *_ = crops.items()
        face_id = edge.new_id()
        edge.show({face_id: first})
        assert edge.show({face_id: second}).faces[0].label == two
        robot.accept(CLASSIFIER, smoothing='off')

    @pytest.mark.parametrize(
        ('name', 'value', 'reason'),
        [
            ('smoothing', True, 'off, majority, ema'),
            ('smoothing', 'kalman', 'off, majority, ema'),
            ('time_constant', 0.0, 'out of range'),
            ('window', 0, 'out of range'),
            ('uncertain_threshold', 1.1, 'out of range'),
            ('track_timeout', 0.0, 'out of range'),
            ('model', 'other', 'configure'),
            ('runtime', 'opencv', 'configure'),
            ('runtime', 'tensorflow', 'litert, onnxruntime, opencv'),
            ('threads', 2, 'configure'),
        ],
    )
    def test_an_impossible_value_is_refused_with_the_reason(self, robot, name, value, reason):
        before = robot.get_parameter(CLASSIFIER, name)
        assert reason in robot.refusal(CLASSIFIER, **{name: value})
        assert robot.get_parameter(CLASSIFIER, name) == before

    def test_below_the_threshold_the_label_is_uncertain_at_once(self, robot, edge, crops):
        robot.accept(CLASSIFIER, uncertain_threshold=1.0)
        (face,) = edge.show({edge.new_id(): next(iter(crops.values()))}).faces
        assert face.label == 'uncertain'
        assert face.raw_label != 'uncertain'
        robot.accept(CLASSIFIER, uncertain_threshold=0.35)


class TestModels:
    @pytest.fixture
    def unconfigured(self, robot, edge, models):
        assert robot.transition(CLASSIFIER, 'deactivate')
        assert robot.transition(CLASSIFIER, 'cleanup')
        yield
        if robot.state(CLASSIFIER) == 'active':
            assert robot.transition(CLASSIFIER, 'deactivate')
            assert robot.transition(CLASSIFIER, 'cleanup')
        robot.accept(CLASSIFIER, model='tiny', runtime='auto')
        assert robot.transition(CLASSIFIER, 'configure')
        assert robot.transition(CLASSIFIER, 'activate')
        robot.wait_for(lambda: edge.publisher.get_subscription_count() == 1, 'subscription')

    @pytest.mark.parametrize(
        ('model', 'words'),
        [
            ('missing', ["no model 'missing'", 'Searched', 'tiny']),
            ('/nowhere/model', ['/nowhere/model/card.json', 'cannot be read']),
            ('altered', ['altered or truncated', 'sha256']),
            ('permuted', ['card.json', 'labels']),
        ],
    )
    def test_an_untrusted_model_is_refused_and_a_correct_one_works_afterwards(
        self, robot, edge, crops, unconfigured, model, words
    ):
        robot.accept(CLASSIFIER, model=model)
        assert not robot.transition(CLASSIFIER, 'configure')
        assert robot.state(CLASSIFIER) == 'unconfigured'
        status = robot.wait_for_status(CLASSIFIER, is_error, 'ERROR')
        for word in ('cannot configure', *words):
            assert word in status.message
            assert word in robot.log(CLASSIFIER)
        robot.accept(CLASSIFIER, model='other')
        assert robot.transition(CLASSIFIER, 'configure')
        assert robot.transition(CLASSIFIER, 'activate')
        robot.wait_for(lambda: edge.publisher.get_subscription_count() == 1, 'subscription')
        message = edge.show({edge.new_id(): next(iter(crops.values()))})
        assert message.model_name == 'other'

    def test_the_requested_runtime_is_used_and_logged(self, robot, edge, crops, unconfigured):
        robot.accept(CLASSIFIER, runtime='opencv')
        assert robot.transition(CLASSIFIER, 'configure')
        robot.wait_for_log(CLASSIFIER, 'on opencv')
        assert robot.transition(CLASSIFIER, 'activate')
        robot.wait_for(lambda: edge.publisher.get_subscription_count() == 1, 'subscription')
        label, crop = next(iter(crops.items()))
        assert edge.show({edge.new_id(): crop}).faces[0].raw_label == label


def test_no_traceback_was_logged(robot):
    assert 'Traceback' not in robot.log(CLASSIFIER)


def test_events_are_published_before_another_node_in_the_process_can_fail():
    happened = []

    def fail(emotions):
        happened.append('passed on')
        raise RuntimeError('a bug')

    result = EmotionResult(emotion_set(1, face_emotion()), [appeared()])
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = EmotionClassifierNode(direct=True, context=context)
        node.connect(fail)
        node.trigger_configure()
        node._stage = SimpleNamespace(process=lambda faces: result)
        node._events_publisher = SimpleNamespace(publish=lambda message: happened.append('event'))
        node._handle(FaceSet(1, 'eye', 640, 480))
        node._stage = None
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert happened == ['event', 'passed on']


def test_faces_of_this_process_are_processed_at_once_on_the_thread_that_brings_them():
    threads = []

    def process(faces):
        threads.append(threading.current_thread())
        return EmotionResult(emotion_set(faces.stamp, face_emotion()), [])

    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = EmotionClassifierNode(direct=True, context=context)
        node.autostart()
        node._stage = SimpleNamespace(process=process)
        node.take_faces(FaceSet(1, 'eye', 640, 480), at_once=True)
        here = list(threads)
        node._stage = None
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert here == [threading.current_thread()]
