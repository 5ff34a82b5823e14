"""The pipeline on a clip over real DDS, in three processes and in one, observed by another."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image
from support.clips import face_at, nobody, write_clip

from fer_msgs.msg import ExpressionEvent, FaceArray, FaceEmotionArray
from fer_ros.core.models import DEFAULT_MODEL, ModelStore
from fer_ros.ros.messages import frame_from_image, stamp_from_time

FPS = 10.0
WITH_FACE, WITHOUT = 15, 18
#: Shorter than the part of the clip without a face.
PARAMETERS = {
    'camera_node': {'autostart': False, 'loop': False},
    'face_detector_node': {'track_timeout': 1.2},
    'emotion_classifier_node': {'track_timeout': 1.2},
}


def stamps(messages) -> list[int]:
    return [stamp_from_time(message.header.stamp) for message in messages]


def listen(robot) -> SimpleNamespace:
    return SimpleNamespace(
        images=robot.listen(Image, 'image_raw'),
        infos=robot.listen(CameraInfo, 'camera_info'),
        faces=robot.listen(FaceArray, 'faces'),
        emotions=robot.listen(FaceEmotionArray, 'face_emotions'),
        events=robot.listen(ExpressionEvent, 'expression_events'),
    )


@pytest.fixture(scope='module')
def clips(photographs, tmp_path_factory):
    """A face for a while, then an empty scene; and an empty scene only."""
    folder = tmp_path_factory.mktemp('clips')
    face = [still.image for still in face_at(photographs, [(320, 240)] * WITH_FACE)]
    return SimpleNamespace(
        face_leaves=write_clip(folder / 'face.avi', [*face, *nobody(WITHOUT)], FPS),
        nobody=write_clip(folder / 'nobody.avi', nobody(8), FPS),
    )


def play(robot, seen) -> bool:
    """Play the clip from its start; return whether a face has appeared and left.

    A busy machine can process too few frames for that.
    """
    for messages in vars(seen).values():
        messages.clear()
    assert robot.transition('camera_node', 'activate')
    robot.wait_for_status('camera_node', lambda s: 'has ended' in s.message, 'clip has ended')
    robot.wait_for_status(
        'emotion_classifier_node', lambda s: 'check face_detector_node' in s.message, 'silence'
    )
    if any(event.type == ExpressionEvent.LEFT for event in seen.events):
        return True
    assert robot.transition('camera_node', 'deactivate')
    return False


def play_again(robot) -> None:
    """Play the clip once more for receivers that saw too little of it."""
    assert robot.transition('camera_node', 'deactivate')
    assert robot.transition('camera_node', 'activate')
    robot.wait_for_status('camera_node', lambda s: 'has ended' in s.message, 'clip has ended')


@pytest.fixture(
    scope='module',
    params=[
        pytest.param({}, id='three processes'),
        pytest.param({'single_process': 'true'}, id='single process'),
        pytest.param({'namespace': 'robot1'}, id='namespace robot1'),
    ],
)
def run(request, bring_up, clips):
    """Play both clips to an observer that was there before the first frame."""
    robot = bring_up(parameters=PARAMETERS, source=str(clips.face_leaves), **request.param)
    for node in ('face_detector_node', 'emotion_classifier_node'):
        robot.wait_for_state(node, 'active')
    seen = listen(robot)
    assert robot.transition('camera_node', 'configure')
    robot.wait_for(lambda: robot.node.count_publishers('image_raw') == 1, 'publisher of images')
    robot.wait_for(lambda: play(robot, seen), 'face that appears and leaves')
    first = SimpleNamespace(**{name: list(value) for name, value in vars(seen).items()})
    for messages in vars(seen).values():
        messages.clear()
    robot.accept('camera_node', source=str(clips.nobody))
    robot.wait_for_status(
        'camera_node',
        lambda s: 'nobody.avi' in s.message and 'has ended' in s.message,
        'clip without faces has ended',
    )
    robot.wait_for(lambda: len(seen.emotions) >= 4 or play_again(robot), 'face_emotions of nobody')
    # The name of a node can arrive after its publishers.
    robot.of_node('publisher', 'emotion_classifier_node')
    qos = robot.node.get_publishers_info_by_topic(
        robot.node.resolve_topic_name('expression_events')
    )
    codes = robot.stop()
    return SimpleNamespace(
        face=first,
        nobody=seen,
        event_qos=qos,
        codes=codes,
        logs=robot.logs(),
        namespace=robot.namespace,
    )


def test_every_frame_of_the_clip_is_published_once_with_its_camera_info(run):
    assert len(run.face.images) == WITH_FACE + WITHOUT
    assert len(set(stamps(run.face.images))) == WITH_FACE + WITHOUT
    assert stamps(run.face.infos) == stamps(run.face.images)
    assert {m.header.frame_id for m in run.face.images + run.face.infos} == {
        'camera_optical_frame'
    }


def test_published_frames_show_the_clip(run):
    image = frame_from_image(run.face.images[0]).image
    assert image.shape == (480, 640, 3)
    assert np.abs(image[10, 10].astype(int) - (150, 165, 170)).max() < 12
    assert image[240, 320].astype(int).std() > 5 or image.std() > 10


def test_faces_and_emotions_have_the_headers_of_frames(run):
    headers = {(stamp, 'camera_optical_frame') for stamp in stamps(run.face.images)}
    for messages in (run.face.faces, run.face.emotions):
        assert len(messages) > WITH_FACE // 2
        found = [(s, m.header.frame_id) for s, m in zip(stamps(messages), messages, strict=True)]
        assert set(found) <= headers
        assert found == sorted(set(found))
    assert {(m.image_width, m.image_height) for m in run.face.faces + run.face.emotions} == {
        (640, 480)
    }


def test_the_face_has_one_id_for_its_whole_presence(run):
    ids = {face.face_id for message in run.face.faces for face in message.faces}
    assert len(ids) == 1
    assert {face.face_id for message in run.face.emotions for face in message.faces} == ids
    assert {event.face_id for event in run.face.events} == ids
    assert all(face_id[0].isalpha() for face_id in ids)


def test_the_face_is_at_its_place_in_the_clip(run):
    faces = [face for message in run.face.faces for face in message.faces]
    for face in faces:
        assert abs(face.roi.x_offset + face.roi.width / 2 - 320) < 15
        assert abs(face.roi.y_offset + face.roi.height / 2 - 240) < 15
        assert face.confidence > 0.5
        assert not np.isnan(face.landmarks).any()


def test_the_face_has_a_position_once_camera_info_has_arrived(run):
    faces = [face for message in run.face.faces for face in message.faces]
    known = [0.2 < face.position.z < 3.0 for face in faces]
    assert known[-1]
    assert known == sorted(known)


def test_crops_have_the_geometry_of_the_model(run):
    spec = ModelStore().load_card(DEFAULT_MODEL).crop_spec
    for message in run.face.faces:
        for face in message.faces:
            assert message.crop_geometry == spec.geometry.name
            assert (face.crop.width, face.crop.height) == (spec.size, spec.size)
            assert np.isfinite(face.crop_affine).all()


def test_empty_messages_arrive_after_the_face_has_left(run):
    last = run.face.images[-3]
    late = [
        m
        for m in run.face.emotions
        if stamp_from_time(m.header.stamp) >= stamp_from_time(last.header.stamp)
    ]
    assert late
    assert all(not m.faces for m in late)


def test_the_face_appears_once_and_leaves_once(run):
    kinds = [event.type for event in run.face.events]
    assert kinds[0] == ExpressionEvent.APPEARED
    assert kinds[-1] == ExpressionEvent.LEFT
    assert set(kinds[1:-1]) <= {ExpressionEvent.CHANGED}
    left = run.face.events[-1]
    assert left.duration.sec + left.duration.nanosec * 1e-9 == pytest.approx(
        WITH_FACE / FPS, abs=1.0
    )


def test_an_event_has_the_header_of_its_frame(run):
    appeared = run.face.events[0]
    assert stamps([appeared])[0] in stamps(run.face.images)
    assert appeared.header.frame_id == 'camera_optical_frame'


def test_expressions_name_their_model(run):
    card = ModelStore().load_card(DEFAULT_MODEL)
    for message in run.face.emotions:
        assert message.model_name == DEFAULT_MODEL
        assert message.model_hash in {file.sha256 for file in card.files.values()}
        assert tuple(message.class_names) == card.labels
        for face in message.faces:
            assert len(face.probabilities) == len(card.labels)
            assert sum(face.probabilities) == pytest.approx(1.0, abs=1e-4)


def test_a_smiling_face_is_happy(run):
    assert run.face.events[0].label == 'happy'


def test_an_empty_room_gives_empty_messages_and_no_events(run):
    assert run.nobody.emotions
    assert all(not message.faces for message in run.nobody.emotions)
    assert all(not message.faces for message in run.nobody.faces)
    assert run.nobody.events == []


def test_events_are_published_reliably(run):
    (publisher,) = run.event_qos
    assert publisher.qos_profile.reliability == ReliabilityPolicy.RELIABLE
    assert publisher.node_namespace == f'/{run.namespace}'


def test_every_process_ends_with_code_0_and_without_a_traceback(run):
    assert set(run.codes.values()) == {0}
    assert 'Traceback' not in run.logs
