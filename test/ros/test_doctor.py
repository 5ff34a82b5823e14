"""doctor finds faults in a system of real processes over DDS."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from sensor_msgs.msg import Image
from support.robot import PATIENCE, Robot

from fer_msgs.msg import FaceArray
from fer_ros.cli.doctor import system
from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.observe import observe
from fer_ros.cli.doctor.process import owner
from fer_ros.cli.doctor.snapshot import Snapshot
from fer_ros.ros.bringup.middleware import PROFILE_VARIABLES
from fer_ros.ros.messages import header

DRIVER = Path(__file__).resolve().parents[1] / 'support' / 'image_driver.py'
IMAGES = '/usb_cam/image_raw'
SECONDS = 2.0


@pytest.fixture
def looked_at(monkeypatch):
    """Return a function that inspects the system of a robot from this process."""

    def look(robot: Robot) -> Snapshot:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(robot.domain))
        return observe(SECONDS)

    return look


@contextmanager
def driver(robot: Robot, *arguments: str, profile: bool = True) -> Iterator[None]:
    """Run a driver of another package, with or without a DDS profile, until the end."""
    environment = {**os.environ, 'ROS_DOMAIN_ID': str(robot.domain)}
    if not profile:
        for name in PROFILE_VARIABLES:
            environment.pop(name, None)
    with subprocess.Popen(
        [sys.executable, str(DRIVER), IMAGES, *arguments], env=environment
    ) as process:
        try:
            robot.wait_for(lambda: robot.node.count_publishers(IMAGES), 'driver')
            yield
        finally:
            process.terminate()


@pytest.fixture
def detector(bring_up_once):
    """A detector that waits for another driver's images."""
    robot = bring_up_once(
        nodes=('face_detector_node',),
        image_topic=IMAGES,
        parameters={'face_detector_node': {'detector': 'haar', 'crops': False}},
    )
    robot.wait_for_state('face_detector_node', 'active')
    return robot


def problems(findings: list[Finding]) -> list[str]:
    return [finding.text for finding in findings if finding.level is Level.PROBLEM]


def images(seen: Snapshot) -> list[Finding]:
    return system.check_images(seen, owner, lambda: None)


def test_an_image_topic_without_publisher_is_found(detector, looked_at):
    seen = looked_at(detector)
    assert problems(system.check_topics(seen)) == [f'no node publishes {IMAGES}']
    assert problems(system.check_nodes(seen)) == []
    assert 'no image on /usb_cam/image_raw' in ' '.join(
        finding.text for finding in system.check_diagnostics(seen)
    )


def test_a_driver_with_a_profile_passes(detector, looked_at):
    with driver(detector):
        seen = looked_at(detector)
        (delivery,) = images(seen)
    assert '/usb_cam has 16384 KiB of shared memory' in delivery.text
    for check in (
        system.check_nodes,
        system.check_topics,
        system.check_qos,
        system.check_clocks,
        system.check_diagnostics,
    ):
        assert problems(check(seen)) == []
    assert seen.heard[IMAGES].received > 10


def test_a_driver_without_a_profile_is_found(detector, looked_at):
    with driver(detector, profile=False):
        seen = looked_at(detector)
        (text,) = problems(images(seen))
    assert f'images of {IMAGES} arrived; /usb_cam, process ' in text
    assert 'has 512 KiB of shared memory for images of 900 KiB' in text


def test_a_clock_offset_is_found(detector, looked_at):
    with driver(detector, '320', '240', '10', '-3600'):
        seen = looked_at(detector)
    (text,) = (text for text in problems(system.check_clocks(seen)) if IMAGES in text)
    assert text.startswith(f'stamps of {IMAGES} are 3600.')
    assert 'behind' in text


def test_use_sim_time_without_a_clock_is_found_and_in_diagnostics(bring_up_once, looked_at):
    robot = bring_up_once(nodes=('emotion_classifier_node',), use_sim_time='true')
    robot.wait_for_state('emotion_classifier_node', 'active')
    assert problems(system.check_clocks(looked_at(robot))) == [
        'use_sim_time is true for /emotion_classifier_node, but no program publishes /clock'
    ]
    robot.wait_for_status(
        'emotion_classifier_node', lambda s: 'no program publishes /clock' in s.message, 'no clock'
    )
    robot.wait_for_log('emotion_classifier_node', 'set use_sim_time to false')


def test_a_qos_mismatch_on_a_topic_of_fer_ros_is_found(bring_up_once, looked_at):
    robot = bring_up_once(
        nodes=('face_detector_node',),
        image_topic=IMAGES,
        parameters={
            'face_detector_node': {
                'detector': 'haar',
                'crops': False,
                'qos_overrides./faces.publisher.reliability': 'best_effort',
            }
        },
    )
    robot.wait_for_state('face_detector_node', 'active')
    robot.listen(FaceArray, 'faces', reliable=True)
    (text,) = problems(system.check_qos(looked_at(robot)))
    assert text == (
        '/faces: /face_detector_node offers reliability best_effort, /observer requests reliable'
    )


def test_an_inactive_node_is_found(bring_up_once, looked_at):
    robot = bring_up_once(nodes=('emotion_classifier_node',), autostart='false')
    robot.wait_for_state('emotion_classifier_node', 'unconfigured')
    assert problems(system.check_nodes(looked_at(robot))) == [
        '/emotion_classifier_node is unconfigured'
    ]


def test_the_command_reports_all_findings_and_exits_with_code_1(detector):
    publisher = detector.node.create_publisher(Image, '/other/image', 1)
    publisher.publish(Image(header=header(1, 'eye')))
    result = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'doctor', '--seconds', str(SECONDS)],
        env={**os.environ, 'ROS_DOMAIN_ID': str(detector.domain)},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert 'Traceback' not in result.stderr
    assert result.returncode == 1, result.stdout
    text = ' '.join(result.stdout.split())
    assert f'problem topics no node publishes {IMAGES}' in text
    assert 'means: nothing arrives at /face_detector_node' in text
    assert 'image_topic:=/other/image' in text
    assert 'warning nodes emotion_classifier_node does not run' in text
    assert 'problems: 1,' in text


def test_a_missing_middleware_is_reported_and_the_machine_is_still_checked():
    result = subprocess.run(
        [sys.executable, '-m', 'fer_ros', 'doctor', '--quiet'],
        env={**os.environ, 'RMW_IMPLEMENTATION': 'rmw_nothing_cpp'},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert 'Traceback' not in result.stderr
    assert result.returncode == 1
    assert 'problem   ROS' in result.stdout
    assert 'rmw_nothing_cpp' in ' '.join(result.stdout.split())
