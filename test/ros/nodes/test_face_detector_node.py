"""face_detector_node with images of another driver: faults, losses, clock jumps, parameters."""

from __future__ import annotations

import array
import math
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from support.clips import face_at, plain_wall
from support.robot import free_domain
from support.tiny_model import write_tiny_model

from fer_msgs.msg import FaceArray
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.position import CameraModel
from fer_ros.core.types import FaceSet, Frame
from fer_ros.ros import messages
from fer_ros.ros.messages import ImageBuffer, camera_info, header, stamp_from_time
from fer_ros.ros.nodes.face_detector_node import FaceDetectorNode

DETECTOR = 'face_detector_node'
TOPIC = '/usb_cam/image_raw'
DEPTH_TOPIC = '/usb_cam/depth'
SECOND = 1_000_000_000

#: What undoes a rotation.
COUNTER_TURNS = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


@pytest.fixture(scope='module')
def robot(bring_up):
    robot = bring_up('edge', image_topic=TOPIC, depth_topic=DEPTH_TOPIC)
    robot.wait_for_state(DETECTOR, 'active')
    return robot


@pytest.fixture(scope='module')
def face(photographs):
    """A picture with one face."""
    (still,) = face_at(photographs, [(320, 240)])
    return cv2.resize(still.image, (320, 240), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope='module')
def camera(robot):
    """Another driver: publishes images with rising stamps and records the results."""
    return Camera(robot)


class Camera:
    def __init__(self, robot) -> None:
        self.robot = robot
        self.faces = robot.listen(FaceArray, 'faces')
        self.publisher = robot.publisher(Image, TOPIC)
        self.stamp = robot.node.get_clock().now().nanoseconds

    def message(self, image: np.ndarray, encoding: str = 'bgr8') -> Image:
        self.stamp += SECOND // 30
        message = ImageBuffer().fill(Frame(image, 'bgr8', self.stamp, 'usb_eye'))
        message.encoding = encoding
        return message

    def show(self, image: np.ndarray) -> FaceArray:
        """Publish an image until it is processed and return the result."""
        first = self.stamp

        def processed():
            self.publisher.publish(self.message(image))
            return self.newest_since(first)

        return self.robot.wait_for(processed, 'faces')

    def newest_since(self, stamp: int) -> FaceArray | None:
        return next(
            (
                m
                for m in reversed(self.faces)
                if stamp < stamp_from_time(m.header.stamp) <= self.stamp
            ),
            None,
        )

    def show_until(self, condition, message, what: str):
        """Publish what message() makes until a status fulfils a condition; return it."""
        seen = len(self.robot.statuses)

        def told():
            self.publisher.publish(message())
            return next((s for s in self.robot.statuses[seen:] if condition(s)), None)

        return self.robot.wait_for(told, what)


def is_error(status) -> bool:
    return status.level == b'\2'


def values(status) -> SimpleNamespace:
    return SimpleNamespace(**{value.key: value.value for value in status.values})


class TestImagesOfAnotherDriver:
    def test_no_camera_node_is_started(self, robot):
        assert 'camera_node' not in robot.node.get_node_names()

    def test_faces_have_the_header_of_the_image(self, camera, face):
        message = camera.show(face)
        assert message.header.frame_id == 'usb_eye'
        assert (message.image_width, message.image_height) == (320, 240)
        assert len(message.faces) == 1

    def test_an_image_without_faces_gives_an_empty_message(self, camera):
        assert list(camera.show(plain_wall()).faces) == []

    def test_crops_are_published_although_only_this_test_subscribes(self, camera, face):
        camera.show(face)
        message = camera.show(face)
        assert message.crop_geometry == 'fer2013'
        assert message.faces[0].crop.width == message.faces[0].crop.height > 0


class TestFaultyImages:
    @pytest.mark.parametrize(
        ('fields', 'reason'),
        [
            ({'encoding': 'wurst'}, "'wurst'"),
            ({'step': 100}, 'step 100 is shorter than a row'),
            ({'data': array.array('B', bytes(1000))}, 'must send all of them'),
            ({'width': 0}, 'empty'),
        ],
    )
    def test_a_faulty_image_is_reported_and_the_next_good_one_processed(
        self, robot, camera, face, fields, reason
    ):
        def faulty() -> Image:
            message = camera.message(face)
            for name, value in fields.items():
                setattr(message, name, value)
            return message

        status = camera.show_until(is_error, faulty, 'ERROR')
        assert reason in status.message
        assert int(values(status).bad_images) > 0
        robot.wait_for_log(DETECTOR, reason)
        assert len(camera.show(face).faces) == 1
        robot.wait_for_status(DETECTOR, lambda s: not is_error(s), 'no ERROR any more')

    def test_images_that_change_size_and_colour_are_all_processed(self, camera, face):
        for image in (face, face[40:200], cv2.resize(face, (640, 480))):
            # Where the face jumps it is a new one, which a second frame confirms.
            camera.show(image)
            message = camera.show(image)
            assert message.image_height == image.shape[0]
            assert len(message.faces) == 1


class TestSilence:
    def test_without_images_a_warning_names_the_topic_and_its_publishers(self, robot, camera):
        status = robot.wait_for_status(DETECTOR, lambda s: 'no image' in s.message, 'silence')
        assert status.level == b'\1'
        assert f'no image on {TOPIC}' in status.message
        assert 'it has publishers (1)' in status.message
        assert 'QoS' in status.message


class TestLosses:
    def count(self, robot, name: str) -> int:
        return int(getattr(values(robot.wait_for_status(DETECTOR, lambda s: True, 'any')), name))

    def counts(self, robot) -> int:
        status = values(robot.wait_for_status(DETECTOR, lambda s: True, 'any'))
        return int(status.dropped_transport) + int(status.dropped_busy) + int(status.processed)

    def test_every_image_is_counted_as_processed_or_dropped(self, robot, camera, face):
        camera.show(face)
        camera.show(face)
        before = self.counts(robot)
        published = 0

        def publish() -> None:
            nonlocal published
            camera.publisher.publish(camera.message(face))
            published += 1

        for _ in range(60):
            publish()
        end = camera.stamp
        # The last ones can be lost, and only an arriving one reports the losses before it.
        robot.wait_for(lambda: publish() or camera.newest_since(end), 'faces after the burst')
        robot.wait_for(lambda: self.counts(robot) >= before + published - 3, 'account')
        assert self.counts(robot) <= before + published

    def test_two_publishers_do_not_count_as_losses(self, robot, camera, face):
        camera.show(face)
        before = self.count(robot, 'dropped_transport')
        second = robot.node.create_publisher(Image, TOPIC, 1)
        robot.wait_for(lambda: second.get_subscription_count() == 1, 'second publisher')
        for _ in range(40):
            camera.publisher.publish(camera.message(face))
        camera.show(face)
        for _ in range(3):
            second.publish(camera.message(face))
        camera.show(face)
        assert self.count(robot, 'dropped_transport') == before
        robot.node.destroy_publisher(second)
        robot.wait_for(lambda: robot.node.count_publishers(TOPIC) == 1, 'one publisher')

    def test_mixed_images_of_two_publishers_are_named_in_the_diagnostics_and_in_the_log(
        self, robot, camera, face
    ):
        camera.show(face)
        second = robot.node.create_publisher(Image, TOPIC, 1)
        robot.wait_for(lambda: second.get_subscription_count() == 1, 'second publisher')

        def message() -> Image:
            second.publish(camera.message(face))
            return camera.message(face)

        camera.show_until(lambda s: f'2 publish {TOPIC}' in s.message, message, 'mixed images')
        robot.wait_for_log(DETECTOR, f'2 publish {TOPIC}')
        robot.node.destroy_publisher(second)
        robot.wait_for(lambda: robot.node.count_publishers(TOPIC) == 1, 'one publisher')


class TestTime:
    def test_a_jump_back_gives_one_warning_and_new_ids(self, robot, camera, face):
        before = camera.show(face).faces[0].face_id
        text = 'time jumped back'
        warnings = robot.log(DETECTOR).count(text)
        camera.stamp -= 1000 * SECOND
        after = camera.show(face).faces[0].face_id
        assert camera.show(face).faces[0].face_id == after
        assert after != before
        assert robot.log(DETECTOR).count(text) == warnings + 1
        # Forward again is a long time without faces, not a jump.
        camera.stamp += 1000 * SECOND
        camera.show(face)
        assert robot.log(DETECTOR).count(text) == warnings + 1


class TestHeads:
    def test_a_face_has_a_pose_once_the_camera_is_known(self, robot, camera, face):
        camera.show(face)
        assert math.isnan(camera.show(face).faces[0].head_pose.pose.position.z)
        info = camera_info(CameraModel.from_fov(320, 240, 60.0), camera.stamp, 'usb_eye')
        publisher = robot.publisher(CameraInfo, '/usb_cam/camera_info')
        robot.wait_for(publisher.get_subscription_count, 'subscription')

        def with_pose():
            publisher.publish(info)
            (found,) = camera.show(face).faces
            return None if math.isnan(found.head_pose.pose.position.z) else found

        found = robot.wait_for(with_pose, 'a head pose')
        assert found.head_pose.pose.position.z == pytest.approx(found.position.z)
        robot.wait_for_status(
            DETECTOR, lambda s: values(s).camera_info == 'calibrated', 'calibrated'
        )
        robot.accept(DETECTOR, head_poses=False)
        assert math.isnan(camera.show(face).faces[0].head_pose.pose.position.z)
        robot.accept(DETECTOR, head_poses=True)

    def test_a_depth_image_within_the_tolerance_gives_the_distance(self, robot, camera, face):
        publisher = robot.publisher(Image, DEPTH_TOPIC)
        robot.wait_for(publisher.get_subscription_count, 'subscription')
        by_size = camera.show(face).faces[0].position.z

        def depth(stamp: int) -> Image:
            message = Image(
                header=header(stamp, 'usb_eye'),
                width=320,
                height=240,
                step=640,
                encoding='16UC1',
            )
            message.data = array.array('B', np.full((240, 320), 2345, np.uint16).tobytes())
            return message

        def at_depth():
            publisher.publish(depth(camera.stamp + SECOND // 30))
            return camera.show(face).faces[0].position.z == pytest.approx(2.345, abs=1e-3)

        robot.wait_for(at_depth, 'the depth')
        camera.stamp += SECOND
        assert camera.show(face).faces[0].position.z == pytest.approx(by_size, rel=0.05)


class TestParameters:
    def test_confidence_takes_effect_at_once(self, robot, camera, face):
        before = robot.get_parameter(DETECTOR, 'confidence')
        assert len(camera.show(face).faces) == 1
        robot.accept(DETECTOR, confidence=1.0)
        assert list(camera.show(face).faces) == []
        robot.accept(DETECTOR, confidence=before)
        # New faces are confirmed by a second frame.
        camera.show(face)
        assert len(camera.show(face).faces) == 1

    def test_crops_can_be_switched_off_and_on(self, robot, camera, face):
        camera.show(face)
        robot.accept(DETECTOR, crops=False)
        message = camera.show(face)
        assert message.faces[0].crop.width == 0
        assert message.crop_geometry == ''
        robot.accept(DETECTOR, crops=True)
        assert camera.show(face).faces[0].crop.width > 0

    @pytest.mark.parametrize('rotation', [90, 180, 270])
    def test_faces_of_a_rotated_camera_are_found_at_their_place(
        self, robot, camera, face, rotation
    ):
        hung = cv2.rotate(face, COUNTER_TURNS[rotation])
        robot.accept(DETECTOR, rotation=rotation)
        try:
            camera.show(hung)
            message = camera.show(hung)
            assert (message.image_width, message.image_height) == hung.shape[1::-1]
            (found,) = message.faces
            # The face is in the middle for any rotation, and the nose rotates with the picture.
            middle = found.roi.x_offset + found.roi.width / 2
            assert middle == pytest.approx(hung.shape[1] / 2, abs=25)
            eyes = (found.landmarks[0:2] + found.landmarks[2:4]) / 2
            down = np.arctan2(*(found.landmarks[4:6] - eyes))
            turned = np.degrees(down) % 360
            assert abs((turned - rotation + 180) % 360 - 180) < 30
        finally:
            robot.accept(DETECTOR, rotation=0)

    def test_an_id_is_kept_with_new_parameters(self, robot, camera, face):
        camera.show(face)
        before = camera.show(face).faces[0].face_id
        robot.accept(DETECTOR, min_face_size=21.0)
        robot.accept(DETECTOR, track_timeout=3.0)
        assert camera.show(face).faces[0].face_id == before

    @pytest.mark.parametrize(
        ('name', 'value'),
        [
            ('detector', 'haar'),
            ('model', 'another'),
            ('image_transport', 'compressed'),
            ('model_folders', ['/tmp']),
        ],
    )
    def test_a_configure_time_parameter_is_refused_while_configured(self, robot, name, value):
        assert 'configure' in robot.refusal(DETECTOR, **{name: value})

    def test_setting_the_current_value_is_not_a_change(self, robot):
        robot.accept(DETECTOR, detector=robot.get_parameter(DETECTOR, 'detector'))

    @pytest.mark.parametrize(
        ('name', 'value', 'reason'),
        [
            ('confidence', 1.5, 'out of range'),
            ('threads', 0, 'out of range'),
            ('haar_scale_factor', 1.0, 'out of range'),
            ('track_timeout', -1.0, 'out of range'),
            ('detector', 'dlib', 'one of auto, retinaface, yunet, haar'),
            ('confidence', 'high', f"expected '{Parameter.Type.DOUBLE}'"),
        ],
    )
    def test_a_wrong_value_is_refused_with_the_reason(self, robot, name, value, reason):
        assert reason in robot.refusal(DETECTOR, **{name: value})


class TestConfigure:
    @pytest.fixture
    def unconfigured(self, robot):
        assert robot.transition(DETECTOR, 'deactivate')
        assert robot.transition(DETECTOR, 'cleanup')
        yield
        if robot.state(DETECTOR) == 'active':
            assert robot.transition(DETECTOR, 'deactivate')
        if robot.state(DETECTOR) == 'inactive':
            assert robot.transition(DETECTOR, 'cleanup')
        robot.accept(DETECTOR, model=DEFAULT_MODEL, image_transport='raw', detector='auto')
        assert robot.transition(DETECTOR, 'configure')
        assert robot.transition(DETECTOR, 'activate')

    def test_a_missing_model_fails_with_the_reason_and_a_correct_one_works_afterwards(
        self, robot, camera, face, unconfigured
    ):
        robot.accept(DETECTOR, model='no_such_model')
        assert not robot.transition(DETECTOR, 'configure')
        assert robot.state(DETECTOR) == 'unconfigured'
        status = robot.wait_for_status(DETECTOR, is_error, 'ERROR')
        assert "cannot configure: no model 'no_such_model'" in status.message
        assert "no model 'no_such_model'" in robot.log(DETECTOR)
        robot.accept(DETECTOR, model=DEFAULT_MODEL)
        assert robot.transition(DETECTOR, 'configure')
        assert robot.transition(DETECTOR, 'activate')
        camera.show(face)
        assert len(camera.show(face).faces) == 1

    def test_crops_of_a_missing_model_are_refused_while_the_node_runs(self, robot, unconfigured):
        robot.accept(DETECTOR, model='no_such_model', crops=False)
        try:
            assert robot.transition(DETECTOR, 'configure')
            assert "no model 'no_such_model'" in robot.refusal(DETECTOR, crops=True)
            assert robot.get_parameter(DETECTOR, 'crops') is False
            robot.accept(DETECTOR, confidence=robot.get_parameter(DETECTOR, 'confidence'))
        finally:
            assert robot.transition(DETECTOR, 'cleanup')
            robot.accept(DETECTOR, model=DEFAULT_MODEL, crops=True)

    def test_a_detector_without_landmarks_is_a_warning_if_head_poses_are_on(
        self, robot, camera, unconfigured
    ):
        robot.accept(DETECTOR, detector='haar')
        assert robot.transition(DETECTOR, 'configure')
        assert robot.transition(DETECTOR, 'activate')
        status = camera.show_until(
            lambda s: 'landmarks' in s.message, lambda: camera.message(plain_wall()), 'WARN'
        )
        assert status.level == b'\1'
        assert 'head_poses to false' in status.message
        robot.accept(DETECTOR, head_poses=False)
        camera.show_until(
            lambda s: s.level == b'\0' and s.message == 'haar',
            lambda: camera.message(plain_wall()),
            'OK',
        )
        robot.accept(DETECTOR, head_poses=True)

    def test_large_crops_are_sent_as_jpeg_on_request(
        self, robot, camera, face, unconfigured, tmp_path
    ):
        folder = write_tiny_model(tmp_path / 'large', size=96, formats=['onnx']).folder
        robot.accept(DETECTOR, model=str(folder))
        robot.accept(DETECTOR, crop_jpeg_quality=80)
        assert robot.transition(DETECTOR, 'configure')
        assert robot.transition(DETECTOR, 'activate')
        camera.show(face)
        (sent,) = camera.show(face).faces
        assert sent.crop.width == 0
        assert 0 < len(sent.compressed_crop.data) < 96 * 96
        robot.accept(DETECTOR, crop_jpeg_quality=0)
        (sent,) = camera.show(face).faces
        assert (sent.crop.width, len(sent.compressed_crop.data)) == (96, 0)

    def test_compressed_images_are_found_on_the_topic_of_the_driver(
        self, robot, camera, face, unconfigured
    ):
        robot.accept(DETECTOR, image_transport='compressed')
        assert robot.transition(DETECTOR, 'configure')
        assert robot.transition(DETECTOR, 'activate')
        publisher = robot.publisher(CompressedImage, f'{TOPIC}/compressed')
        jpeg = cv2.imencode('.jpg', face)[1].tobytes()

        def message(data: bytes) -> CompressedImage:
            camera.stamp += SECOND // 30
            return messages.compressed_message(camera.stamp, 'usb_eye', data)

        def truncated_is_told():
            publisher.publish(message(jpeg[: len(jpeg) // 2]))
            return next((s for s in robot.statuses[seen:] if is_error(s)), None)

        seen = len(robot.statuses)
        status = robot.wait_for(truncated_is_told, 'ERROR')
        assert 'is truncated' in status.message
        first = camera.stamp

        def processed():
            publisher.publish(message(jpeg))
            found = camera.newest_since(first)
            return found and found.faces

        assert robot.wait_for(processed, 'faces of a whole JPEG')
        robot.node.destroy_publisher(publisher)


def test_faces_are_passed_on_for_processing_at_once_while_no_other_frame_waits():
    at_once = []
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = FaceDetectorNode(direct=True, context=context)
        node.connect(lambda faces, here: at_once.append(here))
        node.trigger_configure()
        node._stage = SimpleNamespace(
            process=lambda frame, *_: FaceSet(frame.stamp, 'eye', frame.width, frame.height)
        )
        frame = Frame(np.zeros((240, 320, 3), np.uint8), 'bgr8', 1)
        node._handle(frame)
        node._worker._item = frame
        node._handle(frame)
        node._worker._item = None
        node._stage = None
        node.destroy_node()
        rclpy.shutdown(context=context)
    assert at_once == [True, False]
