"""The interfaces of running nodes equal the contract."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from sensor_msgs.msg import Image
from support.nodes import RUNNING, WHOLE

from fer_ros.ros.base.qos import qos_profile
from fer_ros.ros.contract import NODE_SERVICES, NODES, Applies, Qos, Topic
from fer_ros.ros.contract.values import VALUES

NAMESPACE = '/robot1'
#: Parameters that this robot has set, with their values. The detector subscribes to depth images
#: only where a topic is set. Few frames leave the processor to other tests.
SET = {'source': 'synthetic', 'fps': 5.0, 'depth_topic': 'depth'}
#: Every ROS node has these.
OF_ROS = {'/parameter_events', '/rosout'}


@pytest.fixture(scope='module')
def robot(bring_up):
    robot = bring_up(
        source=SET['source'],
        namespace=NAMESPACE,
        parameters={
            'camera_node': {'fps': SET['fps']},
            'face_detector_node': {'depth_topic': SET['depth_topic']},
        },
        **WHOLE,
    )
    for node in RUNNING:
        robot.wait_for_state(node, 'active')
    # The overlay subscribes only while somebody watches.
    robot.listen(Image, 'overlay')
    return robot


@pytest.fixture(params=[NODES[name] for name in RUNNING], ids=RUNNING)
def node(request):
    return request.param


def used(topics: tuple[Topic, ...]) -> list[Topic]:
    """Return the topics without those of parameters that are not set, by their names here."""
    return [
        replace(topic, name=str(SET.get(topic.name.strip('<>'), topic.name)))
        for topic in topics
        if not topic.parameter or topic.parameter in SET
    ]


def full_name(name: str, node: str) -> str:
    if name.startswith('~/'):
        return f'{NAMESPACE}/{node}{name[1:]}'
    return name if name.startswith('/') else f'{NAMESPACE}/{name}'


def ros_type(kind: str, folder: str = 'msg') -> str:
    package, name = kind.split('/')
    return f'{package}/{folder}/{name}'


def assert_policies(found, qos: Qos) -> None:
    """Compare the policies that DDS reports for an endpoint. It does not report the depth."""
    expected = qos_profile(qos)
    for policy in ('reliability', 'durability'):
        assert getattr(found, policy) == getattr(expected, policy), policy


def test_a_node_has_exactly_the_topics_of_the_contract(robot, node):
    for direction, topics, own in (
        ('publisher', used(node.publishes), {f'{NAMESPACE}/{node.name}/transition_event'}),
        ('subscriber', used(node.subscribes), set()),
    ):
        expected = {full_name(topic.name, node.name): [ros_type(topic.type)] for topic in topics}
        transports = {topic.name for topic in topics if topic.name.startswith('image_raw')}
        if direction == 'subscriber' and len(transports) == 2:
            # One of the two transports at a time.
            del expected[full_name('image_raw/compressed', node.name)]

        def found(direction=direction, own=own):
            names = robot.of_node(direction, node.name)
            return {name: kinds for name, kinds in names.items() if name not in OF_ROS | own}

        robot.wait_for(
            lambda found=found, expected=expected: found() == expected,
            f'{node.name} as {direction} of {sorted(expected)}',
        )


def test_publishers_have_the_qos_of_the_contract(robot, node):
    for topic in node.publishes:
        (endpoint,) = [
            info
            for info in robot.node.get_publishers_info_by_topic(full_name(topic.name, node.name))
            if info.node_name == node.name
        ]
        assert_policies(endpoint.qos_profile, topic.qos)


def test_subscriptions_have_the_qos_of_the_contract(robot, node):
    for topic in used(node.subscribes):
        if topic.name == 'image_raw/compressed':
            continue
        (endpoint,) = [
            info
            for info in robot.node.get_subscriptions_info_by_topic(
                full_name(topic.name, node.name)
            )
            if info.node_name == node.name
        ]
        assert_policies(endpoint.qos_profile, topic.qos)


def test_a_node_offers_the_services_of_the_contract(robot, node):
    expected = {
        **{
            f'{NAMESPACE}/{node.name}/{name}': [ros_type(kind, 'srv')]
            for name, kind in NODE_SERVICES.items()
        },
        **{
            full_name(service.name, node.name): [ros_type(service.type, 'srv')]
            for service in node.services
        },
    }
    robot.wait_for(
        lambda: expected.items() <= robot.of_node('service', node.name).items(),
        f'services {sorted(expected)}',
    )


def test_parameters_have_values_text_and_range_of_the_contract(robot, node):
    names = [parameter.name for parameter in node.parameters]
    descriptors = robot.describe(node.name, names)
    for parameter, descriptor in zip(node.parameters, descriptors, strict=True):
        assert descriptor.description == parameter.description
        assert descriptor.read_only == (parameter.applies is Applies.START)
        ranges = list(descriptor.floating_point_range) + list(descriptor.integer_range)
        if parameter.minimum is None:
            assert not ranges
        else:
            (limits,) = ranges
            assert (limits.from_value, limits.to_value) == (parameter.minimum, parameter.maximum)
        for choice in parameter.choices:
            assert choice in descriptor.additional_constraints
        if parameter.applies is Applies.CONFIGURE and not parameter.choices:
            assert 'unconfigured' in descriptor.additional_constraints
        value = robot.get_parameter(node.name, parameter.name)
        assert value == SET.get(parameter.name, parameter.default)
        assert type(value) is type(parameter.default)


def test_arguments_override_the_shipped_parameter_file(robot):
    assert robot.get_parameter('camera_node', 'source') == 'synthetic'


def test_qos_can_be_overridden_by_parameters(robot, node):
    for role, topics in (
        ('publisher', used(node.publishes)),
        ('subscription', used(node.subscribes)),
    ):
        for topic in topics:
            if topic.name != 'image_raw/compressed':
                name = f'qos_overrides.{full_name(topic.name, node.name)}.{role}'
                assert robot.get_parameter(node.name, f'{name}.depth') == topic.qos.depth
                assert robot.get_parameter(node.name, f'{name}.reliability')


def test_each_node_reports_rate_latency_and_state_while_frames_flow(robot, node):
    status = robot.wait_for_status(
        node.name,
        lambda s: (
            {'rate_hz', 'state'} <= {v.key for v in s.values}
            and any(v.key == 'latency_median_ms' for v in s.values)
        ),
        'rate and latency',
    )
    values = {value.key: value.value for value in status.values}
    assert values['state'] == 'active'
    assert float(values['rate_hz']) > 0
    assert 0 <= float(values['latency_median_ms']) <= float(values['latency_max_ms'])
    assert status.level == b'\0'
    assert values.keys() <= VALUES.keys()
    if node.name not in ('camera_node', 'marker_node'):
        assert int(values['dropped_busy']) >= 0


def test_each_node_reports_once_a_second(robot):
    """Three statuses take two periods. A timer without a limit would be faster."""
    start = robot.node.get_clock().now().nanoseconds
    for _ in range(3):
        seen = len(robot.statuses)
        robot.wait_for(
            lambda seen=seen: len({s.name for s in robot.statuses[seen:]}) == len(RUNNING),
            'status of each node',
        )
    assert robot.node.get_clock().now().nanoseconds - start > 1.0e9
