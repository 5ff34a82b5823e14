"""What all nodes share: latencies by their clock, and transitions that name what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

import rclpy
from rclpy.parameter import Parameter
from rclpy.time import Time
from support.robot import free_domain

from fer_ros.core.types import S_TO_NS
from fer_ros.ros.base.node import FerNode
from fer_ros.ros.base.unread import unread_parameters
from fer_ros.ros.contract import FACE_DETECTOR_NODE, OVERLAY_NODE, REP155_NODE, NodeContract


@pytest.fixture
def make_node() -> Iterator[Callable[..., FerNode]]:
    """Return a function that makes a node in this process; it ends with the test."""
    with free_domain() as domain:
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        nodes: list[FerNode] = []

        def make(
            kind: type[FerNode] = FerNode,
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
def test_an_image_that_overtakes_its_simulated_clock_has_no_latency(make_node, stamp, latency):
    node = make_node(use_sim_time=True)
    node.get_clock().set_ros_time_override(
        Time(seconds=100, clock_type=node.get_clock().clock_type)
    )
    assert node.latency(round(stamp * S_TO_NS)) == pytest.approx(latency)


def test_without_a_simulated_clock_a_stamp_ahead_is_told(make_node):
    node = make_node()
    ahead = node.get_clock().now().nanoseconds + S_TO_NS
    assert -1.0 <= node.latency(ahead) < 0


@pytest.mark.parametrize(('contract', 'side'), [
    (FACE_DETECTOR_NODE, 'subscription'), (REP155_NODE, 'publisher'),
])  # fmt: skip
def test_overrides_of_qos_are_compared_with_the_topics_of_the_node_as_they_are_named_here(
    make_node, contract, side
):
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


def test_a_transition_that_needs_a_missing_package_names_the_command_that_installs_it(make_node):
    class Lacking(FerNode):
        def configure(self) -> None:
            raise ModuleNotFoundError("No module named 'onnxruntime'", name='onnxruntime')

    node = make_node(Lacking)
    node.trigger_configure()
    assert node.state_label == 'unconfigured'
    assert node.fault.startswith('cannot configure: needs the Python package onnxruntime')
    assert 'pip install onnxruntime' in node.fault
