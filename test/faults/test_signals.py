"""SIGINT and SIGTERM in any state: every process ends within 2 s, with code 0 and no traceback.

At full work, twice, and while a process still starts: test/ros/test_shutdown.py and
test/ros/test_start_errors.py.
"""

from __future__ import annotations

import signal
import socket
import time
from contextlib import contextmanager, suppress

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clips import nobody
from support.mjpeg import NetworkCamera
from support.nodes import RUNNING, WHOLE, node_process
from support.proc import starved
from support.promises import ON_TIME
from support.robot import PATIENCE, Robot

CAMERA = 'camera_node'
LONG = pytest.mark.long('fer_ros/core/ending.py', 'fer_ros/ros/base/run.py')

#: Seconds in which a process must have ended.
ENDS = 2.0

#: What leads from unconfigured to each state.
WAYS = {
    'unconfigured': (),
    'inactive': ('configure',),
    'active': ('configure', 'activate'),
    'finalized': ('configure', 'activate', 'shutdown'),
}


def end(robot, node: str, number: int) -> float:
    """Send a signal to the process of a node; return the seconds until it has ended.

    Seconds in which other work on this machine kept it from running do not count.
    """
    process = robot.process(node)
    begin, starved_before = time.monotonic(), starved(process.pid)
    kept_waiting = starved_before
    process.send_signal(number)
    deadline = begin + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError, IndexError):  # gone meanwhile
            kept_waiting = max(kept_waiting, starved(process.pid))
        time.sleep(0.005)
    took = time.monotonic() - begin - (kept_waiting - starved_before)
    assert process.poll() == 0, f'{node}: {robot.log(node)}'
    assert 'Traceback' not in robot.log(node)
    return took


@ON_TIME
@pytest.mark.parametrize(
    ('turn', 'number'),
    [
        (0, signal.SIGINT),
        (1, signal.SIGTERM),
        pytest.param(2, signal.SIGINT, marks=LONG),
        pytest.param(3, signal.SIGTERM, marks=LONG),
    ],
)
def test_every_node_ends_on_a_signal_in_any_state(
    bring_up_once, turn, number, record_testsuite_property
):
    """Each node is in another state, and in the next one in the next round."""
    robot = bring_up_once(source='synthetic', autostart='false', allow_death=True, **WHOLE)
    states = list(WAYS)
    for place, node in enumerate(RUNNING):
        state = states[(place + turn) % len(states)]
        for transition in WAYS[state]:
            assert robot.transition(node, transition)
        robot.wait_for_state(node, state)
    took = {node: end(robot, node, number) for node in RUNNING}
    record_testsuite_property(f'seconds_to_end_turn_{turn}', round(max(took.values()), 2))
    assert max(took.values()) <= ENDS, took


@contextmanager
def deaf_server():
    """A camera that accepts connections and never answers."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen(0)
        yield f'http://127.0.0.1:{listener.getsockname()[1]}/stream.mjpg'


@contextmanager
def stalled_server():
    """A camera that has stopped sending."""
    with NetworkCamera(list(nobody(3))) as camera:
        yield camera.url
        camera.stall()


@contextmanager
def absent_server():
    """A camera that does not exist: the node waits until it tries again."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        port = listener.getsockname()[1]
    yield f'http://127.0.0.1:{port}/stream.mjpg'


@ON_TIME
@pytest.mark.parametrize('server', [deaf_server, stalled_server, absent_server])
def test_the_camera_ends_on_a_signal_while_it_waits(tmp_path, server, record_testsuite_property):
    with (
        server() as url,
        Robot([node_process(CAMERA, source=url)], tmp_path, allow_death=True) as robot,
    ):
        if server is stalled_server:
            robot.wait_for_log(CAMERA, 'opened')
        elif server is absent_server:
            robot.wait_for_log(CAMERA, 'cannot be opened')
        else:
            robot.wait_for_state(CAMERA, 'active')
        took = end(robot, CAMERA, signal.SIGINT)
    record_testsuite_property(f'seconds_to_end_{server.__name__}', round(took, 2))
    assert took <= ENDS
