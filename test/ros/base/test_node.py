"""Common parts of all nodes: latencies, and transitions that name a missing package."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rcl_interfaces.msg import Log
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter
from rclpy.time import Time
from support.nodes import emotion_set
from support.robot import free_domain
from support.waiting import PATIENCE

from fer_ros.core.errors import FerError
from fer_ros.core.types import S_TO_NS, EmotionSet
from fer_ros.ros.base.emotion_converter import EmotionConverter
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.run import report_unread
from fer_ros.ros.base.unread import unread_parameters
from fer_ros.ros.bringup.domains import is_silent
from fer_ros.ros.contract import (
    CAMERA_NODE,
    FACE_DETECTOR_NODE,
    IMAGE_COMPRESSED,
    OVERLAY_NODE,
    REP155_NODE,
    WEB_NODE,
    NodeContract,
)
from fer_ros.ros.contract.values import VALUES
from fer_ros.ros.nodes import face_detector_node

QOS = 'qos_overrides./image_raw.publisher'


@pytest.fixture
def make_node() -> Iterator[Callable[..., FerNode]]:
    """Return a function that makes a node in this process and ends it with the test."""
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        nodes: list[FerNode] = []

        def make(
            kind: Callable[..., FerNode] = FerNode,
            contract: NodeContract = OVERLAY_NODE,
            **parameters: object,
        ) -> FerNode:
            overrides = [Parameter(name, value=value) for name, value in parameters.items()]
            nodes.append(kind(contract, context=context, parameter_overrides=overrides))
            return nodes[-1]

        yield make
        for node in nodes:
            node.destroy_node()
        rclpy.shutdown(context=context)


@pytest.mark.parametrize(
    ('stamp', 'latency'),
    [(99.5, 0.5), (100.03, 0.0), (100.9, 0.0), (160.0, -60.0)],
    ids=['the past', 'one frame ahead', 'one step ahead', 'another clock'],
)
def test_an_image_ahead_of_its_simulated_clock_has_no_latency(make_node, stamp, latency):
    node = make_node(use_sim_time=True)
    node.get_clock().set_ros_time_override(
        Time(seconds=100, clock_type=node.get_clock().clock_type)
    )
    assert node.latency(round(stamp * S_TO_NS)) == pytest.approx(latency)


def test_without_a_simulated_clock_a_stamp_ahead_gives_a_negative_latency(make_node):
    node = make_node()
    ahead = node.get_clock().now().nanoseconds + S_TO_NS
    assert -1.0 <= node.latency(ahead) < 0


@pytest.mark.parametrize(('contract', 'side'), [
    (FACE_DETECTOR_NODE, 'subscription'), (REP155_NODE, 'publisher'),
])  # fmt: skip
def test_qos_overrides_are_checked_with_the_current_names_of_topics(make_node, contract, side):
    """A parameter names the depth image. The topics of a face have no fixed name."""
    given = {'depth_topic': '/camera/depth'} if contract is FACE_DETECTOR_NODE else {}
    node = make_node(contract=contract, **given)

    def unread(topic: str) -> list[str]:
        parameter = f'qos_overrides.{topic}.{side}.reliability:=reliable'
        return unread_parameters(
            ['--ros-args', '-p', f'{node.get_name()}:{parameter}'],
            node.get_fully_qualified_name(),
            contract,
            node.full_topic_name,
        )

    name = given.get('depth_topic', '/humans/faces/tracked')
    assert unread(name) == []
    assert name in unread(f'{name}s')[0]


@pytest.mark.parametrize(
    ('rules', 'name'),
    [
        ('image_raw:=/eye/img', '/eye/img/compressed'),
        ('image_raw:=img', '/img/compressed'),
        ('image_raw/compressed:=/jpeg', '/jpeg'),
        ('image_raw:=/eye/img image_raw/compressed:=/jpeg', '/jpeg'),
        ('image_raw:=swapped swapped:=image_raw', '/swapped/compressed'),
        ('other:=/eye/img', '/image_raw/compressed'),
    ],
)
@pytest.mark.parametrize('contract', [CAMERA_NODE, FACE_DETECTOR_NODE])
def test_the_compressed_images_follow_the_remapping_of_the_images(
    make_node, contract, rules, name
):
    arguments = [text for rule in rules.split() for text in ('-r', rule)]
    kind = partial(FerNode, cli_args=['--ros-args', *arguments])
    node = make_node(kind, contract)
    assert node.full_topic_name(IMAGE_COMPRESSED) == name
    if contract is CAMERA_NODE:
        assert node.create_contract_publisher(IMAGE_COMPRESSED).topic_name == name


def test_a_missing_camera_info_and_a_silent_depth_topic_are_named(make_node, monkeypatch, capfd):
    monkeypatch.setattr(face_detector_node, 'SILENCE', 0.0)
    node = make_node(
        lambda contract, **options: face_detector_node.FaceDetectorNode(**options),
        depth_topic='/camera/dept',
        detector='haar',
    )
    assert 'camera_info' not in node.values()
    node.trigger_configure()
    node.trigger_activate()
    assert 'publish it next to the image' in node.values()['camera_info']
    assert node.values()['depth'].startswith('no image on /camera/dept: check depth_topic')
    assert capfd.readouterr().err.count('depth: no image on /camera/dept') == 1
    assert node.values().keys() <= VALUES.keys()


def test_a_transition_that_needs_a_missing_package_names_the_command_that_installs_it(make_node):
    class Lacking(FerNode):
        def configure(self) -> None:
            raise ModuleNotFoundError("No module named 'onnxruntime'", name='onnxruntime')

    node = make_node(Lacking)
    node.trigger_configure()
    assert node.state_label == 'unconfigured'
    assert node.fault.startswith('cannot configure: needs the Python package onnxruntime')
    assert 'pip install onnxruntime' in node.fault


@pytest.mark.parametrize('error', [FerError('the disk is full'), RuntimeError('a bug')])
def test_an_error_while_a_parameter_is_applied_is_a_fault_and_the_node_continues(
    make_node, error, capfd
):
    class Failing(FerNode):
        def apply_parameters(self) -> None:
            raise error

    node = make_node(Failing)
    node.trigger_configure()
    (result,) = node.set_parameters([Parameter('jpeg_quality', value=50)])
    assert result.successful
    assert node.fault == f'cannot apply the new parameters: {error}'
    is_bug = 'Traceback' in capfd.readouterr().err
    assert is_bug == isinstance(error, RuntimeError)


def test_after_shutdown_no_parameter_is_applied(make_node):
    class Applying(FerNode):
        def apply_parameters(self) -> None:
            raise AssertionError('nothing is configured')

    node = make_node(Applying)
    node.trigger_configure()
    node.trigger_shutdown()
    assert node.state_label == 'finalized'
    (result,) = node.set_parameters([Parameter('jpeg_quality', value=50)])
    assert result.successful
    assert node.fault == ''


def test_an_error_while_a_parameter_is_checked_refuses_it_and_the_node_continues(make_node):
    class Failing(FerNode):
        def check_parameters(self, values: dict[str, object]) -> None:
            if values['jpeg_quality'] == 50:
                raise KeyError('a bug')

    node = make_node(Failing)
    (result,) = node.set_parameters([Parameter('jpeg_quality', value=50)])
    assert not result.successful
    assert result.reason == "the new value cannot be checked: KeyError: 'a bug'"


def test_a_value_that_yaml_reads_as_another_type_is_accepted_as_the_type_of_the_parameter(
    make_node,
):
    node = make_node(contract=CAMERA_NODE, source=0, fps=5)
    assert (node.parameters['source'], node.parameters['fps']) == ('0', 5.0)
    assert node.get_parameter('source').value == '0'
    if not hasattr(node, 'add_pre_set_parameters_callback'):  # Humble
        return
    for name, given, meant in (('source', 1, '1'), ('fps', 7, 7.0)):
        (result,) = node.set_parameters([Parameter(name, value=given)])
        assert result.successful, result.reason
        assert node.get_parameter(name).value == meant
        assert type(node.get_parameter(name).value) is type(meant)


def test_an_empty_list_is_accepted(make_node):
    node = make_node(contract=WEB_NODE, sources=None)
    assert node.parameters['sources'] == ['']
    if not hasattr(node, 'add_pre_set_parameters_callback'):  # Humble
        return
    # ros2 param set /web_node sources '[]' sends an empty list of booleans.
    (result,) = node.set_parameters([Parameter('sources', Parameter.Type.BOOL_ARRAY, [])])
    assert result.successful, result.reason
    assert node.get_parameter('sources').value == ['']


@pytest.mark.parametrize(
    ('contract', 'name', 'value', 'reason'),
    [
        (OVERLAY_NODE, 'jpeg_quality', 101, 'jpeg_quality is 101: it must be 1 to 100'),
        (OVERLAY_NODE, 'jpeg_quality', 'a', "jpeg_quality is 'a': it must be of type int"),
        (OVERLAY_NODE, 'jpeg_quality', 5.0, 'jpeg_quality is 5.0: it must be of type int'),
        (CAMERA_NODE, 'source', True, 'source is True: it must be of type string'),
        (CAMERA_NODE, 'loop', 1, 'loop is 1: it must be of type bool'),
        (CAMERA_NODE, f'{QOS}.reliability', 'no', 'it must be one of reliable, best_effort'),
        (CAMERA_NODE, f'{QOS}.history', True, 'history is True: it must be one of keep_last'),
        (CAMERA_NODE, f'{QOS}.depth', 'two', "depth is 'two': it must be of type int"),
        (CAMERA_NODE, f'{QOS}.depth', 0, 'depth is 0: it must be at least 1'),
        (WEB_NODE, 'sources', [1], r'sources is \[1\]: it must be of type string\[\]'),
    ],
)
def test_a_wrong_value_at_the_start_is_named_with_the_range_or_the_type(
    make_node, contract, name, value, reason
):
    with pytest.raises(ValueError, match=reason):
        make_node(contract=contract, **{name: value})


@pytest.fixture
def without_collection() -> Iterator[None]:
    """Objects in cycles stay, as they do for a while in any program."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_destroyed_node_leaves_its_domain_and_its_name_at_once(without_collection):
    logs: list[Log] = []
    for _ in range(2):
        with free_domain() as domain:
            context = rclpy.Context()
            rclpy.init(context=context, domain_id=domain)
            node = FerNode(OVERLAY_NODE, context=context)
            node.trigger_configure()
            executor = SingleThreadedExecutor(context=context)
            executor.add_node(node)
            logs.clear()
            node.create_subscription(Log, '/rosout', logs.append, 100)
            deadline = time.monotonic() + PATIENCE
            while not logs and time.monotonic() < deadline:
                node.get_logger().info('here')
                executor.spin_once(timeout_sec=0.1)
            assert logs
            executor.shutdown()
            node.destroy_node()
            rclpy.shutdown(context=context)
            assert is_silent(domain)


def test_a_node_in_this_process_that_fails_keeps_no_result_from_the_others(make_node):
    def fail(item: object) -> None:
        raise RuntimeError('a bug')

    node, taken = make_node(), []
    node.pass_on([fail, taken.append], 'result')
    assert taken == ['result']
    assert node.statistics.report()['failed_to_pass_on'] == '1'


def test_deactivation_waits_for_expressions_that_are_being_published(make_node):
    entered, may_go_on = threading.Event(), threading.Event()

    class Slow(EmotionConverter):
        def publish_emotions(self, emotions: EmotionSet) -> None:
            entered.set()
            may_go_on.wait(PATIENCE)

    node = make_node(partial(Slow, direct=True))
    node.activate()
    other = threading.Thread(target=node.take_emotions, args=(emotion_set(1),))
    other.start()
    assert entered.wait(PATIENCE)
    ending = threading.Thread(target=node.deactivate)
    ending.start()
    ending.join(0.2)
    assert ending.is_alive()
    may_go_on.set()
    other.join()
    ending.join()
    node.take_emotions(emotion_set(2))
    assert node.statistics.report()['processed'] == '1'


def test_a_parameter_that_no_node_reads_is_logged_once_by_the_node(make_node, capfd):
    node = make_node()
    report_unread([node, node], ['node', '--ros-args', '-p', 'overlay_node:jpeg_qualty:=3'])
    (line,) = [line for line in capfd.readouterr().err.splitlines() if 'jpeg_qualty' in line]
    assert '[overlay_node]' in line
