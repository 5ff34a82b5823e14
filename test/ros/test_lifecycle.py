"""The lifecycle of each node through its services: valid and refused transitions."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.nodes import RUNNING, WHOLE

PROCESS = 'single_process'
#: Few frames leave the processor to other tests.
BRING_UP = {
    'source': 'synthetic',
    'single_process': 'true',
    'parameters': {'camera_node': {'fps': 10.0}},
    **WHOLE,
}


@pytest.fixture(scope='module')
def robot(bring_up):
    """All nodes in one process. Each has its own services."""
    robot = bring_up(**BRING_UP, autostart='false')
    for node in RUNNING:
        robot.wait_for_state(node, 'unconfigured')
    return robot


@pytest.fixture(params=RUNNING)
def node(robot, request):
    """A node that is unconfigured before and after."""
    yield request.param
    if robot.state(request.param) == 'active':
        assert robot.transition(request.param, 'deactivate')
    if robot.state(request.param) == 'inactive':
        assert robot.transition(request.param, 'cleanup')


def state_in_diagnostics(robot, node, state) -> None:
    robot.wait_for_status(
        node, lambda s: any((v.key, v.value) == ('state', state) for v in s.values), state
    )


def test_without_autostart_nodes_wait(robot, node):
    assert robot.state(node) == 'unconfigured'
    state_in_diagnostics(robot, node, 'unconfigured')


def test_a_node_passes_through_its_lifecycle_twice(robot, node):
    for _ in range(2):
        for transition, state in (
            ('configure', 'inactive'),
            ('activate', 'active'),
            ('deactivate', 'inactive'),
            ('activate', 'active'),
            ('deactivate', 'inactive'),
            ('cleanup', 'unconfigured'),
        ):
            assert robot.transition(node, transition), transition
            assert robot.state(node) == state
    assert 'Traceback' not in robot.log(PROCESS)


@pytest.mark.parametrize(
    ('state', 'transitions'),
    [
        ('unconfigured', ['activate', 'deactivate', 'cleanup', 'no_such_transition']),
        ('inactive', ['configure', 'deactivate']),
        ('active', ['configure', 'activate', 'cleanup']),
    ],
)
def test_an_impossible_transition_is_refused_and_changes_nothing(robot, node, state, transitions):
    for step in {
        'unconfigured': (),
        'inactive': ('configure',),
        'active': ('configure', 'activate'),
    }[state]:
        assert robot.transition(node, step)
    for transition in transitions:
        assert not robot.transition(node, transition)
        assert robot.state(node) == state
    assert 'Traceback' not in robot.log(PROCESS)


def test_configure_time_parameters_can_be_set_only_before_configure(robot):
    node = 'emotion_classifier_node'
    robot.accept(node, threads=2)
    assert robot.transition(node, 'configure')
    assert 'configure' in robot.refusal(node, threads=1)
    assert robot.transition(node, 'cleanup')
    robot.accept(node, threads=1)


def test_topics_of_a_node_exist_only_while_it_is_configured(robot):
    def publishers() -> set[str]:
        names = robot.of_node('publisher', 'camera_node')
        return set(names) & {'/image_raw', '/image_raw/compressed', '/camera_info'}

    assert publishers() == set()
    assert robot.transition('camera_node', 'configure')
    robot.wait_for(lambda: len(publishers()) == 3, 'publishers')
    assert robot.transition('camera_node', 'cleanup')
    robot.wait_for(lambda: publishers() == set(), 'no publishers')


def test_stages_can_start_and_stop_in_any_order(robot):
    """Direct calls reach a node in any state."""
    order = list(RUNNING)
    for node in order:
        assert robot.transition(node, 'configure')
        assert robot.transition(node, 'activate')
    robot.wait_for_status(
        'emotion_classifier_node',
        lambda s: any(v.key == 'rate_hz' and float(v.value) > 0 for v in s.values),
        'frames',
    )
    for node in reversed(order):
        assert robot.transition(node, 'deactivate')
        assert robot.transition(node, 'cleanup')
    state_in_diagnostics(robot, 'camera_node', 'unconfigured')
    assert 'Traceback' not in robot.log(PROCESS)


def test_shutdown_is_final_and_the_process_ends_cleanly(bring_up_once):
    robot = bring_up_once(**BRING_UP)
    for node in RUNNING:
        robot.wait_for_state(node, 'active')
    for node in RUNNING:
        assert robot.transition(node, 'shutdown')
        assert robot.state(node) == 'finalized'
        assert not robot.transition(node, 'configure')
        state_in_diagnostics(robot, node, 'finalized')
    assert robot.stop() == {PROCESS: 0}
    assert 'Traceback' not in robot.log(PROCESS)
