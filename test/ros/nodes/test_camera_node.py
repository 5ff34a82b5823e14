"""camera_node on its own: faulty sources, parameters at run time, release of the source."""

from __future__ import annotations

import os
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from sensor_msgs.srv import SetCameraInfo
from support.clips import nobody, write_clip
from support.robot import free_domain

from fer_ros.core.sources.camera import list_cameras
from fer_ros.core.types import Frame
from fer_ros.ros.messages import frame_from_compressed, stamp_from_time
from fer_ros.ros.nodes.camera_node import CameraNode

CAMERA = 'camera_node'
CALIBRATION = """
image_width: 640
image_height: 480
camera_matrix: {rows: 3, cols: 3, data: [700.0, 0, 320, 0, 710.0, 240, 0, 0, 1]}
distortion_coefficients: {rows: 1, cols: 5, data: [0.1, 0, 0, 0, 0]}
"""
#: As camera_calibration writes it for a wide lens, with what a rectifier needs.
WIDE = """
image_width: 640
image_height: 480
camera_matrix: {rows: 3, cols: 3, data: [400.0, 0, 320, 0, 410.0, 240, 0, 0, 1]}
distortion_model: rational_polynomial
distortion_coefficients: {rows: 1, cols: 8, data: [0.1, 0.2, 0, 0, 0.3, 0.4, 0.5, 0.6]}
rectification_matrix: {rows: 3, cols: 3, data: [1, 0, 0, 0, 1, 0, 0, 0, 1]}
projection_matrix: {rows: 3, cols: 4, data: [380.0, 0, 318, 0, 0, 390.0, 242, 0, 0, 0, 1, 0]}
"""


@pytest.fixture(scope='module')
def robot(bring_up):
    robot = bring_up('edge', nodes=(CAMERA,), source='synthetic')
    robot.wait_for_state(CAMERA, 'active')
    return robot


@pytest.fixture(autouse=True)
def active_on_the_pattern(robot):
    """Each test starts with the node in its initial state."""
    yield
    for step, state in (('deactivate', 'active'), ('cleanup', 'inactive')):
        if robot.state(CAMERA) == state:
            assert robot.transition(CAMERA, step)
    robot.accept(
        CAMERA,
        source='synthetic',
        camera_info_url='',
        jpeg_quality=80,
        loop=True,
        horizontal_fov=60.0,
        fps=0.0,
        realtime=True,
        rotation=0,
    )
    assert robot.transition(CAMERA, 'configure')
    assert robot.transition(CAMERA, 'activate')


def is_error(status) -> bool:
    return status.level == b'\2'


def is_ok(status) -> bool:
    return status.level == b'\0'


class TestFaultySources:
    def test_a_missing_file_is_refused_and_the_frames_continue(self, robot):
        images = robot.listen(Image, 'image_raw')
        refusal = robot.refusal(CAMERA, source='/nowhere/clip.mp4')
        assert 'source /nowhere/clip.mp4 does not exist: check the path' in refusal
        assert robot.get_parameter(CAMERA, 'source') == 'synthetic'
        count = len(images)
        robot.wait_for(lambda: len(images) > count + 2, 'further images')
        robot.wait_for_status(CAMERA, is_ok, 'OK')

    def test_a_broken_video_is_named_and_the_node_continues(self, robot, tmp_path):
        broken = tmp_path / 'broken.avi'
        whole = write_clip(tmp_path / 'whole.avi', nobody(3)).read_bytes()
        broken.write_bytes(whole[:200])
        robot.accept(CAMERA, source=str(broken))
        status = robot.wait_for_status(CAMERA, is_error, 'ERROR')
        assert 'broken.avi' in status.message
        assert 'no frame can be decoded' in status.message
        robot.accept(CAMERA, source=str(tmp_path / 'whole.avi'))
        robot.wait_for_status(CAMERA, lambda s: is_ok(s) and 'whole.avi' in s.message, 'OK')

    def test_activation_with_a_faulty_source_fails_with_the_reason(self, robot):
        assert robot.transition(CAMERA, 'deactivate')
        robot.accept(CAMERA, source='/nowhere/clip.mp4')
        assert not robot.transition(CAMERA, 'activate')
        assert robot.state(CAMERA) == 'inactive'
        status = robot.wait_for_status(CAMERA, is_error, 'ERROR')
        assert 'cannot activate' in status.message
        assert '/nowhere/clip.mp4' in status.message
        robot.accept(CAMERA, source='synthetic')
        assert robot.transition(CAMERA, 'activate')
        robot.wait_for_status(CAMERA, is_ok, 'OK')

    @pytest.mark.skipif(bool(list_cameras()), reason='this machine has a camera')
    def test_auto_without_a_camera_warns_that_the_faces_are_photographs(self, robot):
        pytest.importorskip('skimage', reason='no scikit-image, from which the photographs come')
        robot.accept(CAMERA, source='auto')
        status = robot.wait_for_status(CAMERA, lambda s: s.level == b'\1', 'WARN')
        assert 'photographs and not people' in status.message
        assert 'set source to it' in status.message
        robot.wait_for_log(CAMERA, 'photographs and not people')

    def test_a_missing_camera_is_opened_again_until_another_source_is_set(self, robot):
        robot.accept(CAMERA, source='/dev/video97')
        status = robot.wait_for_status(CAMERA, is_error, 'ERROR')
        assert '/dev/video97' in status.message
        assert 'trying again' in status.message
        robot.wait_for_status(
            CAMERA,
            lambda s: int({v.key: v.value for v in s.values}.get('source_failures', 0)) > 1,
            'tried again',
        )
        assert robot.state(CAMERA) == 'active'
        robot.accept(CAMERA, source='synthetic')
        robot.wait_for_status(CAMERA, is_ok, 'OK')

    def test_the_end_of_a_clip_is_a_warning(self, robot, tmp_path):
        clip = write_clip(tmp_path / 'short.avi', nobody(2))
        robot.accept(CAMERA, loop=False)
        robot.accept(CAMERA, source=str(clip))
        status = robot.wait_for_status(CAMERA, lambda s: s.level == b'\1', 'WARN')
        assert 'short.avi' in status.message
        assert 'has ended' in status.message
        assert robot.state(CAMERA) == 'active'


class TestParameters:
    @pytest.mark.parametrize(
        ('name', 'value', 'reason'),
        [
            ('jpeg_quality', 101, 'jpeg_quality'),
            ('horizontal_fov', 180.0, 'horizontal_fov'),
            ('fps', float('nan'), 'fps'),
            ('source', '', 'source is empty'),
            ('source', 'foo://camera', 'foo:// cannot be read'),
            ('source', '/nowhere', 'source /nowhere does not exist'),
            ('camera_info_url', '/nowhere/calibration.yaml', 'nowhere/calibration.yaml cannot be'),
            ('camera_info_url', 'http://camera/calibration.yaml', 'is not a file'),
            ('camera_info_url', 'package://nowhere/calibration.yaml', 'is not installed'),
            ('pixel_format', 'JPEG2000', 'four characters'),
            ('jpeg_quality', 'high', f"expected '{Parameter.Type.INTEGER}'"),
            ('autostart', False, 'read-only'),
        ],
    )
    def test_a_wrong_value_is_refused_with_the_reason_and_changes_nothing(
        self, robot, name, value, reason
    ):
        before = robot.get_parameter(CAMERA, name)
        assert reason.lower() in robot.refusal(CAMERA, **{name: value}).lower()
        assert robot.get_parameter(CAMERA, name) == before
        robot.wait_for_status(CAMERA, is_ok, 'OK')

    def test_jpeg_quality_takes_effect_at_once(self, robot):
        messages = robot.listen(CompressedImage, 'image_raw/compressed')

        def size_at(quality: int) -> int:
            robot.accept(CAMERA, jpeg_quality=quality)
            start = len(messages) + 2
            robot.wait_for(lambda: len(messages) > start, 'compressed images')
            return len(messages[start].data)

        assert size_at(1) < size_at(100)
        frame = frame_from_compressed(messages[-1])
        assert frame.image.shape == (480, 640, 3)
        assert messages[-1].format == 'jpeg'

    def test_width_and_height_can_be_set_one_after_the_other(self, robot):
        robot.accept(CAMERA, source='synthetic')
        images = robot.listen(Image, 'image_raw')
        robot.accept(CAMERA, width=320)
        status = robot.wait_for_status(CAMERA, lambda s: s.level == b'\1', 'WARN')
        assert 'width is 320 and height is 0, so neither has an effect: set both' in status.message
        robot.accept(CAMERA, height=240)
        robot.wait_for(
            lambda: images and (images[-1].width, images[-1].height) == (320, 240), 'small images'
        )
        robot.accept(CAMERA, width=0)
        robot.accept(CAMERA, height=0)

    def test_another_source_takes_effect_at_once(self, robot, tmp_path):
        picture = np.full((120, 160, 3), (10, 200, 30), np.uint8)
        assert cv2.imwrite(str(tmp_path / 'green.png'), picture)
        images = robot.listen(Image, 'image_raw')
        robot.accept(CAMERA, source=str(tmp_path / 'green.png'))
        image = robot.wait_for(
            lambda: next((m for m in images if m.width == 160), None), 'image of the picture'
        )
        np.testing.assert_array_equal(
            np.frombuffer(image.data, np.uint8).reshape(120, 160, 3), picture
        )

    def test_the_field_of_view_takes_effect_at_once(self, robot):
        infos = robot.listen(CameraInfo, 'camera_info')
        robot.accept(CAMERA, horizontal_fov=90.0)
        info = robot.wait_for(
            lambda: next((m for m in infos if abs(m.k[0] - 320) < 1), None), 'camera_info'
        )
        assert (info.width, info.height) == (640, 480)
        assert (info.k[2], info.k[5]) == pytest.approx((320, 240), abs=0.5)

    def test_a_calibration_file_is_read_and_scaled_to_the_frames(self, robot, tmp_path):
        file = tmp_path / 'calibration.yaml'
        file.write_text(CALIBRATION)
        infos = robot.listen(CameraInfo, 'camera_info')
        robot.accept(CAMERA, camera_info_url=file.as_uri())
        info = robot.wait_for(
            lambda: next((m for m in infos if m.k[0] == 700.0), None), 'camera_info'
        )
        assert info.k[4] == 710.0
        assert list(info.d) == [0.1, 0, 0, 0, 0]
        assert info.distortion_model == 'plumb_bob'

    def test_distortion_and_projection_are_published_as_calibrated(self, robot, tmp_path):
        file = tmp_path / 'calibration.yaml'
        file.write_text(WIDE)
        infos = robot.listen(CameraInfo, 'camera_info')
        robot.accept(CAMERA, camera_info_url=str(file))
        info = robot.wait_for(
            lambda: next((m for m in infos if m.k[0] == 400.0), None), 'camera_info'
        )
        assert info.distortion_model == 'rational_polynomial'
        assert list(info.d) == [0.1, 0.2, 0, 0, 0.3, 0.4, 0.5, 0.6]
        assert list(info.p) == [380.0, 0, 318, 0, 0, 390.0, 242, 0, 0, 0, 1, 0]

    def test_after_a_calibration_file_is_deleted_other_values_can_be_set(self, robot, tmp_path):
        file = tmp_path / 'calibration.yaml'
        file.write_text(CALIBRATION)
        robot.accept(CAMERA, camera_info_url=str(file))
        file.unlink()
        infos = robot.listen(CameraInfo, 'camera_info')
        robot.accept(CAMERA, frame_id='left_eye')
        info = robot.wait_for(
            lambda: next((m for m in infos if m.header.frame_id == 'left_eye'), None), 'left_eye'
        )
        assert info.k[0] == 700.0
        robot.accept(CAMERA, frame_id='camera_optical_frame')
        robot.wait_for_status(CAMERA, is_ok, 'OK')

    def test_diagnostics_show_whether_camera_info_is_approximate(self, robot, tmp_path):
        def kind(status) -> str:
            return next((v.value for v in status.values if v.key == 'camera_info'), '')

        robot.wait_for_status(CAMERA, lambda s: 'set camera_info_url' in kind(s), 'approximate')
        file = tmp_path / 'calibration.yaml'
        file.write_text(CALIBRATION)
        robot.accept(CAMERA, camera_info_url=str(file))
        robot.wait_for_status(CAMERA, lambda s: kind(s) == 'calibrated', 'calibrated')
        assert robot.log(CAMERA).count('camera_info is approximate') == 1

    def test_frames_and_camera_info_have_the_configured_frame_id(self, robot):
        infos = robot.listen(CameraInfo, 'camera_info')
        robot.accept(CAMERA, frame_id='left_eye')
        robot.wait_for(lambda: any(m.header.frame_id == 'left_eye' for m in infos), 'left_eye')
        robot.accept(CAMERA, frame_id='camera_optical_frame')


class TestSetCameraInfo:
    """The service that camera_calibration calls."""

    def store(self, robot, **fields):
        info = CameraInfo(width=640, height=480, distortion_model='plumb_bob', **fields)
        info.d = [0.1, 0.0, 0.0, 0.0, 0.0]
        info.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
        info.p = [650.0, 0.0, 320.0, 0.0, 0.0, 650.0, 240.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        request = SetCameraInfo.Request(camera_info=info)
        return robot.call(SetCameraInfo, f'{CAMERA}/set_camera_info', request)

    K = (700.0, 0.0, 320.0, 0.0, 710.0, 240.0, 0.0, 0.0, 1.0)

    def test_a_new_file_is_written_and_used_at_once_and_after_a_restart(self, robot, tmp_path):
        file = tmp_path / 'new.yaml'
        robot.accept(CAMERA, camera_info_url=str(file))
        status = robot.wait_for_status(CAMERA, lambda s: s.level == b'\1', 'WARN')
        assert 'new.yaml does not exist yet' in status.message
        robot.wait_for_log(CAMERA, 'new.yaml does not exist yet')
        infos = robot.listen(CameraInfo, 'camera_info')
        response = self.store(robot, k=self.K)
        assert response.success, response.status_message
        assert str(file) in response.status_message
        robot.wait_for(lambda: any(m.k[0] == 700.0 for m in infos), 'the calibration')
        for step in ('deactivate', 'cleanup', 'configure', 'activate'):
            assert robot.transition(CAMERA, step)
        infos.clear()
        info = robot.wait_for(lambda: next(iter(infos), None), 'camera_info')
        assert (info.k[0], info.p[0], info.d[0]) == (700.0, 650.0, 0.1)
        robot.wait_for_status(CAMERA, is_ok, 'OK')

    def test_it_is_refused_with_the_reason_and_the_file_stays(self, robot, tmp_path):
        response = self.store(robot, k=self.K)
        assert not response.success
        assert 'camera_info_url is empty' in response.status_message
        file = tmp_path / 'old.yaml'
        file.write_text(CALIBRATION)
        robot.accept(CAMERA, camera_info_url=str(file))
        assert 'no focal length' in self.store(robot).status_message
        robot.accept(CAMERA, rotation=90)
        assert 'set rotation to 0' in self.store(robot, k=self.K).status_message
        assert file.read_text() == CALIBRATION
        assert list(tmp_path.iterdir()) == [file]


class TestRelease:
    def open_files(self, robot) -> set[str]:
        folder = f'/proc/{robot.process(CAMERA).pid}/fd'
        found = set()
        for entry in os.listdir(folder):
            try:
                found.add(os.readlink(f'{folder}/{entry}'))
            except FileNotFoundError:
                continue
        return found

    def test_the_source_is_open_only_while_the_node_is_active(self, robot, tmp_path):
        clip = str(write_clip(tmp_path / 'held.avi', nobody(10)))
        assert robot.transition(CAMERA, 'deactivate')
        robot.accept(CAMERA, source=clip)
        assert clip not in self.open_files(robot)
        assert robot.transition(CAMERA, 'activate')
        assert clip in self.open_files(robot)
        assert robot.transition(CAMERA, 'deactivate')
        assert clip not in self.open_files(robot)

    def test_an_inactive_node_publishes_nothing_and_its_stamps_continue_to_rise(self, robot):
        infos = robot.listen(CameraInfo, 'camera_info')
        robot.wait_for(lambda: len(infos) > 2, 'camera_info')
        assert robot.transition(CAMERA, 'deactivate')
        status = robot.wait_for_status(
            CAMERA, lambda s: any(v.value == 'inactive' for v in s.values), 'inactive'
        )
        assert status.level == b'\0'
        count = len(infos)
        robot.wait_for_status(
            CAMERA,
            lambda s: any(v.key == 'rate_hz' and v.value == '0.0' for v in s.values),
            'rate 0',
        )
        assert len(infos) == count
        assert robot.transition(CAMERA, 'activate')
        robot.wait_for(lambda: len(infos) > count, 'camera_info again')
        stamps = [stamp_from_time(m.header.stamp) for m in infos]
        assert stamps == sorted(stamps)

    def test_cleanup_removes_publishers_and_configure_creates_them_again(self, robot):
        assert robot.transition(CAMERA, 'deactivate')
        assert robot.transition(CAMERA, 'cleanup')
        robot.wait_for(lambda: robot.node.count_publishers('image_raw') == 0, 'no publisher')
        assert robot.transition(CAMERA, 'configure')
        robot.wait_for(lambda: robot.node.count_publishers('image_raw') == 1, 'publisher')


def test_the_thread_of_the_source_processes_a_frame_only_while_its_messages_have_no_reader():
    at_once, published, readers = [], [], [0]
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = CameraNode(context=context)
        node.connect(lambda frame, camera, here: at_once.append(here))
        node.trigger_configure()
        publisher = SimpleNamespace(
            get_subscription_count=lambda: readers[0], publish=published.append
        )
        node._frame_publishers = [(publisher, lambda frame, camera: frame.stamp)]
        for number, readers[0] in enumerate((0, 0, 1, 1, 0, 0)):
            node._publish(Frame(np.zeros((240, 320, 3), np.uint8), 'bgr8', number))
        node.destroy_node()
        rclpy.shutdown(context=context)
    # Whether the last frame had a reader decides.
    assert at_once == [True, True, True, False, False, True]
    assert published == [2, 3]
