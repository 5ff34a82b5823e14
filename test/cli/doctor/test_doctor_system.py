"""The checks of doctor on a running system, with handmade snapshots. Needs no ROS."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.findings import the_one

from fer_ros.cli.doctor import system
from fer_ros.cli.doctor.finding import Finding, Level
from fer_ros.cli.doctor.process import Process
from fer_ros.cli.doctor.snapshot import (
    CAMERA_INFO,
    FACE_ARRAY,
    FACE_EMOTIONS,
    IMAGE,
    Endpoint,
    Heard,
    NodeState,
    Snapshot,
    Status,
)
from fer_ros.ros.bringup.middleware import PROFILE_VARIABLES, share_folder

DETECTOR, CLASSIFIER, DRIVER = '/face_detector_node', '/emotion_classifier_node', '/usb_cam'
IMAGES = '/usb_cam/image_raw'
PICTURE = 640 * 480 * 3
PROFILE = {PROFILE_VARIABLES[0]: str(share_folder() / 'config' / 'fastdds.xml')}

HEALTHY = Snapshot(
    seconds=4.0,
    publishers=(
        Endpoint(DRIVER, IMAGES, IMAGE, gid=b'driver'),
        Endpoint(DRIVER, '/usb_cam/camera_info', CAMERA_INFO),
        Endpoint(DETECTOR, '/faces', FACE_ARRAY),
        Endpoint(CLASSIFIER, '/face_emotions', FACE_EMOTIONS),
    ),
    subscriptions=(
        Endpoint(DETECTOR, IMAGES, IMAGE, 'best_effort'),
        Endpoint(DETECTOR, '/usb_cam/camera_info', CAMERA_INFO, 'best_effort'),
        Endpoint(CLASSIFIER, '/faces', FACE_ARRAY, 'best_effort'),
    ),
    nodes=(NodeState(DETECTOR), NodeState(CLASSIFIER)),
    heard={
        IMAGES: Heard(120, 0, 0.01, size=PICTURE, encoding='bgr8'),
        '/faces': Heard(118, 0, 0.03, faces=1),
        '/face_emotions': Heard(118, 0, 0.04, faces=1),
    },
    statuses=(Status('face_detector_node', 0, 'yunet'),),
)


def owned_by(environment):
    return lambda gid: Process(17, 'usb_cam_node --ros-args', True, environment)


def images(snapshot: Snapshot, environment=PROFILE, fault: str | None = '') -> list[Finding]:
    return system.check_images(snapshot, owned_by(environment), lambda: fault)


CHECKS = (
    system.check_nodes,
    system.check_topics,
    system.check_qos,
    images,
    system.check_clocks,
    system.check_diagnostics,
)


def without_publisher(topic: str) -> Snapshot:
    return replace(
        HEALTHY, publishers=tuple(entry for entry in HEALTHY.publishers if entry.topic != topic)
    )


def with_heard(topic: str, **changes) -> Snapshot:
    return replace(
        HEALTHY, heard={**HEALTHY.heard, topic: replace(HEALTHY.heard[topic], **changes)}
    )


@pytest.mark.parametrize('check', CHECKS)
def test_a_healthy_system_has_no_problem(check):
    findings = check(HEALTHY)
    assert findings
    assert {finding.level for finding in findings} == {Level.OK}


@pytest.mark.parametrize('check', CHECKS)
def test_a_system_without_nodes_has_no_problem(check):
    assert Level.PROBLEM not in {finding.level for finding in check(Snapshot())}


class TestNodes:
    def test_without_visible_nodes_the_possible_causes_are_named(self):
        finding = the_one(system.check_nodes(Snapshot()), Level.WARNING)
        assert 'ROS_DOMAIN_ID' in finding.remedy

    @pytest.mark.parametrize(
        ('state', 'step'), [('unconfigured', 'configure'), ('inactive', 'activate')]
    )
    def test_an_inactive_node_is_reported_with_the_command_that_activates_it(self, state, step):
        nodes = (NodeState(DETECTOR, state), NodeState(CLASSIFIER))
        finding = the_one(system.check_nodes(replace(HEALTHY, nodes=nodes)))
        assert f'ros2 lifecycle set {DETECTOR} {step}' in finding.remedy

    def test_a_node_that_does_not_answer_is_named(self):
        nodes = (NodeState(DETECTOR, None, None), NodeState(CLASSIFIER))
        assert DETECTOR in the_one(system.check_nodes(replace(HEALTHY, nodes=nodes))).text

    def test_a_missing_node_is_named(self):
        seen = replace(HEALTHY, nodes=(NodeState('/robot1/face_detector_node'),))
        finding = the_one(system.check_nodes(seen), Level.WARNING)
        assert finding.text == 'emotion_classifier_node does not run'


class TestTopics:
    def test_an_image_topic_without_publisher_is_named_with_its_subscribers(self):
        finding = the_one(system.check_topics(without_publisher(IMAGES)))
        assert finding.text == f'no node publishes {IMAGES}'
        assert DETECTOR in finding.meaning

    def test_a_topic_of_the_same_type_is_suggested(self):
        seen = without_publisher(IMAGES)
        other = Endpoint(DRIVER, '/camera/color/image_raw', IMAGE)
        finding = the_one(system.check_topics(replace(seen, publishers=(*seen.publishers, other))))
        assert 'image_topic:=/camera/color/image_raw' in finding.remedy

    def test_missing_camera_info_affects_positions_only(self):
        finding = the_one(
            system.check_topics(without_publisher('/usb_cam/camera_info')), Level.WARNING
        )
        assert 'NaN' in finding.meaning

    def test_a_publisher_without_messages_is_named(self):
        finding = the_one(system.check_topics(with_heard(IMAGES, received=0)))
        assert finding.text == f'nothing arrived on {IMAGES} in 4 s from {DRIVER}'

    def test_an_empty_room_differs_from_missing_messages(self):
        texts = [f.text for f in system.check_topics(with_heard('/face_emotions', faces=0))]
        assert any('/face_emotions: 118 messages' in t and 'no face in view' in t for t in texts)


class TestQos:
    @pytest.mark.parametrize(
        ('offered', 'asked', 'remedy'),
        [
            (
                {'reliability': 'best_effort'},
                {'reliability': 'reliable'},
                'qos_overrides./faces.publisher.reliability:=reliable',
            ),
            # It never recommends keeping pictures of people for late subscribers.
            (
                {'durability': 'volatile'},
                {'durability': 'transient_local'},
                'subscribe with volatile in /program: fer_ros does not keep data about people',
            ),
        ],
    )
    def test_an_offer_below_the_request_never_connects(self, offered, asked, remedy):
        writer = Endpoint(DETECTOR, '/faces', FACE_ARRAY, **offered)
        reader = Endpoint('/program', '/faces', FACE_ARRAY, **asked)
        finding = the_one(
            system.check_qos(replace(HEALTHY, publishers=(writer,), subscriptions=(reader,)))
        )
        ((policy, value),) = offered.items()
        assert finding.text == (
            f'/faces: {DETECTOR} offers {policy} {value}, /program requests {asked[policy]}'
        )
        assert remedy in finding.remedy
        assert 'transient_local' not in finding.remedy

    def test_an_offer_above_the_request_connects(self):
        writer = Endpoint(DETECTOR, '/faces', FACE_ARRAY, 'reliable', 'transient_local')
        reader = Endpoint('/program', '/faces', FACE_ARRAY, 'best_effort', 'volatile')
        (finding,) = system.check_qos(
            replace(HEALTHY, publishers=(writer,), subscriptions=(reader,))
        )
        assert finding.text == 'compatible pairs of publisher and subscription: 1'

    def test_an_override_is_suggested_for_a_subscription_of_fer_ros(self):
        driver = Endpoint(DRIVER, IMAGES, IMAGE, 'best_effort')
        reader = Endpoint(DETECTOR, IMAGES, IMAGE, 'reliable')
        finding = the_one(
            system.check_qos(replace(HEALTHY, publishers=(driver,), subscriptions=(reader,)))
        )
        assert f'qos_overrides.{IMAGES}.subscription.reliability:=best_effort' in finding.remedy

    def test_different_types_never_connect(self):
        writer = Endpoint(DRIVER, IMAGES, CAMERA_INFO)
        finding = the_one(system.check_qos(replace(HEALTHY, publishers=(writer,))))
        assert finding.meaning == 'they never connect'

    def test_topics_of_other_nodes_are_ignored(self):
        pair = {'type': 'std_msgs/msg/String', 'topic': '/chatter'}
        (finding,) = system.check_qos(
            replace(
                HEALTHY,
                publishers=(Endpoint('/a', reliability='best_effort', **pair),),
                subscriptions=(Endpoint('/b', **pair),),
            )
        )
        assert finding.level is Level.OK


class TestImages:
    def test_a_driver_without_a_profile_loses_images(self):
        seen = with_heard(IMAGES, received=7, lost=113)
        finding = the_one(images(seen, environment={}))
        assert f'7 of 120 images of {IMAGES} arrived' in finding.text
        assert 'usb_cam_node (17), has 512 KiB of shared memory for images of 900 KiB' in (
            finding.text
        )
        assert 'FASTRTPS_DEFAULT_PROFILES_FILE' in finding.remedy
        assert 'start fer_ros with image_reliability:=reliable' in finding.remedy

    def test_a_driver_without_a_profile_can_lose_all_images(self):
        seen = with_heard(IMAGES, received=0, size=0)
        finding = the_one(images(seen, environment={}))
        assert 'has 512 KiB of shared memory for its images: it has no DDS profile' in finding.text

    def test_images_that_fit_need_no_profile(self):
        seen = with_heard(IMAGES, size=320 * 240 * 3)
        assert {f.level for f in images(seen, environment={})} == {Level.OK}

    def test_a_reliable_subscription_needs_no_profile(self):
        reader = Endpoint(DETECTOR, IMAGES, IMAGE, 'reliable')
        seen = replace(HEALTHY, subscriptions=(reader,))
        assert {f.level for f in images(seen, environment={})} == {Level.OK}

    def test_a_missing_profile_file_is_a_problem(self):
        finding = the_one(images(HEALTHY, {PROFILE_VARIABLES[0]: '/nowhere/dds.xml'}))
        assert '/nowhere/dds.xml' in finding.text

    def test_an_invisible_publisher_is_not_judged(self):
        (finding,) = system.check_images(HEALTHY, lambda gid: None, lambda: '')
        assert finding.level is Level.OK
        assert 'another host or in a container' in finding.text

    @pytest.mark.parametrize('fault', [None, 'ImportError: numpy.core failed'])
    def test_an_encoding_that_needs_a_missing_cv_bridge_is_a_problem(self, fault):
        finding = the_one(images(with_heard(IMAGES, encoding='nv24'), fault=fault))
        assert 'nv24, which needs cv_bridge' in finding.text

    @pytest.mark.parametrize('encoding', ['bgr8', 'mono8', '8UC3', 'bayer_rggb8', 'nv12'])
    def test_common_encodings_need_no_cv_bridge(self, encoding):
        seen = with_heard(IMAGES, encoding=encoding)
        assert {f.level for f in images(seen, fault='broken')} == {Level.OK}


class TestClocks:
    @pytest.mark.parametrize(
        ('age', 'level'),
        [
            (0.2, Level.OK),
            (3.0, Level.WARNING),
            (3600.0, Level.PROBLEM),
            (-0.5, Level.WARNING),
            (-3600.0, Level.PROBLEM),
        ],
    )
    def test_stamps_are_compared_with_the_current_time(self, age, level):
        findings = system.check_clocks(with_heard(IMAGES, age=age))
        finding = next(f for f in findings if IMAGES in f.text)
        assert finding.level is level
        assert ('ahead of' in finding.text) == (age < 0)

    def test_use_sim_time_is_suggested_for_an_unused_clock(self):
        seen = replace(with_heard(IMAGES, age=3600.0), clock=40)
        assert 'use_sim_time:=true' in the_one(system.check_clocks(seen)).remedy

    def test_use_sim_time_without_a_clock_is_a_problem(self):
        nodes = (NodeState(DETECTOR, sim_time=True), NodeState(CLASSIFIER))
        finding = the_one(system.check_clocks(replace(HEALTHY, nodes=nodes)))
        assert (
            finding.text == f'use_sim_time is true for {DETECTOR}, but no program publishes /clock'
        )

    def test_use_sim_time_of_some_nodes_is_a_problem(self):
        nodes = (NodeState(DETECTOR, sim_time=True), NodeState(CLASSIFIER))
        finding = the_one(system.check_clocks(replace(HEALTHY, nodes=nodes, clock=9)))
        assert finding.meaning == 'their times cannot be compared'

    def test_use_sim_time_with_a_clock_passes_for_any_stamps(self):
        nodes = tuple(NodeState(name, sim_time=True) for name in (DETECTOR, CLASSIFIER))
        seen = replace(with_heard(IMAGES, age=1e9), nodes=nodes, clock=9)
        assert {f.level for f in system.check_clocks(seen)} == {Level.OK}

    def test_images_without_stamps_are_a_warning_because_arrival_times_are_used(self):
        finding = the_one(
            system.check_clocks(with_heard(IMAGES, stamped=False, age=1e9)), Level.WARNING
        )
        assert 'time of arrival' in finding.meaning
        assert finding.text == f'stamps of {IMAGES} are 0'


class TestDiagnostics:
    @pytest.mark.parametrize(
        ('number', 'level'),
        [(0, Level.OK), (1, Level.WARNING), (2, Level.PROBLEM), (3, Level.PROBLEM)],
    )
    def test_diagnostics_of_a_node_are_repeated(self, number, level):
        seen = replace(HEALTHY, statuses=(Status('camera_node', number, 'no camera'),))
        (finding,) = system.check_diagnostics(seen)
        assert (finding.level, finding.text) == (level, '/camera_node: no camera')

    def test_missing_diagnostics_of_running_nodes_are_noted(self):
        the_one(system.check_diagnostics(replace(HEALTHY, statuses=())), Level.WARNING)
