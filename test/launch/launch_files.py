"""The launch files, started by ROS's launch and seen by a robot program.

Run by the command launch_test: test_launch_files.py does that.
"""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import launch
import launch_testing.actions
import launch_testing.asserts
from ament_index_python import get_package_share_directory
from launch.actions import IncludeLaunchDescription, SetEnvironmentVariable
from launch.launch_description_sources import PythonLaunchDescriptionSource
from sensor_msgs.msg import Image
from support.robot import Robot

from fer_msgs.msg import FaceArray, FaceEmotionArray

LAUNCH_FILES = Path(get_package_share_directory('fer_ros')) / 'launch'

CAMERA, DETECTOR, CLASSIFIER = 'camera_node', 'face_detector_node', 'emotion_classifier_node'
NODES = (CAMERA, DETECTOR, CLASSIFIER)
VIEWS = ('overlay_node', 'marker_node')

PARAMS = """\
/**/camera_node:
  ros__parameters: {source: synthetic, jpeg_quality: 55, frame_id: from_params_file}
"""


class Case(NamedTuple):
    """A launch file with arguments, its nodes, and what they must publish."""

    launch: str
    arguments: Mapping[str, str]
    nodes: tuple[str, ...] = NODES
    kind: Any = None
    topic: str = ''

    def __str__(self) -> str:
        return ' '.join([self.launch, *(f'{name}:={v}' for name, v in self.arguments.items())])


SYNTHETIC = {'source': 'synthetic'}
SHOWN = {'overlay': 'true', 'markers': 'true'}
CASES = [
    Case('pipeline', SYNTHETIC, NODES, FaceEmotionArray, '/face_emotions'),
    Case(
        'pipeline',
        {**SYNTHETIC, 'single_process': 'true'},
        NODES,
        FaceEmotionArray,
        '/face_emotions',
    ),
    Case(
        'pipeline',
        {**SYNTHETIC, 'namespace': 'robot1'},
        NODES,
        FaceEmotionArray,
        '/robot1/face_emotions',
    ),
    Case('pipeline', {**SYNTHETIC, **SHOWN}, (*NODES, *VIEWS), Image, '/overlay'),
    Case(
        'pipeline',
        {**SYNTHETIC, **SHOWN, 'single_process': 'true'},
        (*NODES, *VIEWS),
        Image,
        '/overlay',
    ),
    Case(
        'pipeline',
        {**SYNTHETIC, 'privacy': 'true', 'use_respawn': 'true'},
        NODES,
        FaceEmotionArray,
        '/face_emotions',
    ),
    Case('pipeline', {'params_file': 'params.yaml'}, NODES, Image, '/image_raw'),
    Case('pipeline', {'image_topic': '/usb_cam/image_raw'}, (DETECTOR, CLASSIFIER)),
    Case('edge', SYNTHETIC, (CAMERA, DETECTOR), FaceArray, '/faces'),
    Case('compute', {'record': 'bag'}, (CLASSIFIER,)),
]


@launch_testing.parametrize('case', [(case,) for case in CASES])
def generate_test_description(case: Case):
    """Start one launch file in its own domain, with an observer in it."""
    folder = Path(tempfile.mkdtemp(prefix='fer_ros_launch_'))
    arguments = dict(case.arguments)
    if 'params_file' in arguments:
        file = folder / arguments['params_file']
        file.write_text(PARAMS)
        arguments['params_file'] = str(file)
    if 'record' in arguments:
        arguments['record'] = str(folder / arguments['record'])
    observer = Robot([], folder).__enter__()
    environment = {
        'ROS_DOMAIN_ID': str(observer.domain),
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'ROS_LOG_DIR': str(folder),
    }
    started = IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(LAUNCH_FILES / f'{case.launch}.launch.py')),
        launch_arguments=arguments.items(),
    )
    description = launch.LaunchDescription(
        [
            *(SetEnvironmentVariable(*variable) for variable in environment.items()),
            started,
            launch_testing.actions.ReadyToTest(),
        ]
    )
    return description, {'observer': observer, 'case': case, 'folder': folder}


class TestRunning(unittest.TestCase):
    """Checks while the nodes run."""

    def test_exactly_the_expected_nodes_become_active(self, observer, case):
        namespace = case.arguments.get('namespace', '')
        for node in case.nodes:
            observer.wait_for_state(f'/{namespace}/{node}'.replace('//', '/'), 'active')
        observer.wait_for(
            lambda: set(observer.node.get_node_names()) & {*NODES, *VIEWS} == set(case.nodes),
            f'{case.nodes} and none but these',
        )

    def test_frames_are_processed_to_the_end(self, observer, case):
        if case.kind is None:
            self.skipTest('nobody publishes images')
        messages = observer.listen(case.kind, case.topic)
        observer.wait_for(lambda: len(messages) > 3, case.topic)

    def test_the_image_topic_of_another_driver_is_subscribed(self, observer, case):
        topic = case.arguments.get('image_topic')
        if not topic:
            self.skipTest('no image_topic was given')
        observer.wait_for(lambda: observer.node.count_subscribers(topic), topic)
        assert observer.node.count_subscribers('/image_raw') == 0

    def test_privacy_publishes_no_image_topic(self, observer, case):
        if 'privacy' not in case.arguments:
            self.skipTest('privacy was not asked for')
        observer.wait_for_state(f'/{CAMERA}', 'active')
        topics = {name for name, _ in observer.node.get_topic_names_and_types()}
        assert '/face_emotions' in topics
        assert topics.isdisjoint({'/image_raw', '/image_raw/compressed', '/faces'})

    def test_values_of_params_file_are_not_overridden(self, observer, case):
        if 'params_file' not in case.arguments:
            self.skipTest('no params_file was given')
        observer.wait_for_state(f'/{CAMERA}', 'active')
        assert observer.get_parameter(f'/{CAMERA}', 'jpeg_quality') == 55
        images = observer.listen(Image, '/image_raw')
        observer.wait_for(lambda: images, '/image_raw')
        assert images[0].header.frame_id == 'from_params_file'


@launch_testing.post_shutdown_test()
class TestEnded(unittest.TestCase):
    """Checks after the launch was interrupted."""

    def test_every_process_ended_with_code_0(self, proc_info, observer):
        observer.__exit__(None, None, None)
        launch_testing.asserts.assertExitCodes(proc_info)

    def test_a_recording_is_complete(self, case, folder):
        if 'record' not in case.arguments:
            self.skipTest('nothing was recorded')
        bag = folder / case.arguments['record']
        assert (bag / 'metadata.yaml').is_file(), list(folder.rglob('*'))
