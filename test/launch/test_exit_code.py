"""`ros2 launch` exits with code 1 if a node cannot start."""

from __future__ import annotations

import shutil
import signal
import sys

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')

from support.family import Family
from support.robot import PATIENCE, free_domain

ROS2 = pytest.mark.skipif(
    not shutil.which('ros2'), reason='no ROS distribution with launch is sourced'
)
LAUNCHERS = [
    pytest.param(['ros2', 'launch', 'fer_ros', 'pipeline.launch.py'], id='ros2', marks=ROS2),
    pytest.param([sys.executable, '-m', 'fer_ros', 'launch', 'pipeline'], id='fer_ros'),
]

BAD = '/**/face_detector_node:\n  ros__parameters: {confidence: 7.0}\n'
UNKNOWN = '/**/camera:\n  ros__parameters: {fps: 5.0}\n'


@pytest.fixture
def run(tmp_path):
    """Return a function that starts a launcher with arguments in its own domain."""
    with free_domain() as domain:

        def start(launcher, *arguments: str) -> Family:
            return Family(
                [*launcher, *arguments],
                tmp_path / 'out.txt',
                env={
                    'ROS_DOMAIN_ID': str(domain),
                    'ROS_LOG_DIR': str(tmp_path / 'ros'),
                    'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
                },
            )

        yield start


@pytest.mark.parametrize('launcher', LAUNCHERS)
def test_a_node_that_cannot_start_ends_the_launch_with_code_1(run, launcher, tmp_path):
    (tmp_path / 'bad.yaml').write_text(BAD)
    with run(launcher, 'source:=synthetic', f'params_file:={tmp_path / "bad.yaml"}') as family:
        assert family.process.wait(PATIENCE) == 1
        assert 'must be 0 to 1' in family.text()
        family.wait_until_all_are_gone()


@pytest.mark.parametrize('launcher', LAUNCHERS)
@pytest.mark.parametrize('argument', ['source:=nowhere.mp4', 'params_file:=nowhere.yaml'])
def test_a_wrong_path_is_refused_before_anything_starts(run, launcher, argument):
    with run(launcher, argument) as family:
        assert family.process.wait(PATIENCE) != 0
        assert ': check the path' in family.text()
        assert 'camera_node' not in family.text()


@pytest.mark.parametrize('launcher', LAUNCHERS)
def test_an_unused_section_of_the_parameter_file_is_reported(run, launcher, tmp_path):
    (tmp_path / 'mine.yaml').write_text(UNKNOWN)
    with run(launcher, 'source:=synthetic', f'params_file:={tmp_path / "mine.yaml"}') as family:
        family.wait_for(lambda: 'opened synthetic' in family.text(), 'camera')
        assert 'no node has the name /**/camera' in family.text()
        family.process.send_signal(signal.SIGINT)
        assert family.process.wait(PATIENCE) == 0, family.text()


@ROS2
@pytest.mark.parametrize(
    ('arguments', 'told'),
    [
        (['sauce:=3', 'source:=synthetic'], 'pipeline has no argument sauce, so it is not read'),
        (
            ['source:=demo', 'source:=synthetic'],
            'source is given twice, and the last value is used',
        ),
    ],
)
def test_an_argument_without_effect_is_reported(run, arguments, told):
    with run(['ros2', 'launch', 'fer_ros', 'pipeline.launch.py'], *arguments) as family:
        family.wait_for(lambda: 'opened synthetic' in family.text(), 'camera')
        assert told in family.text()
