"""Many lifecycle cycles, in any order: nothing is left behind and nothing breaks.

Single transitions, and those a state does not have, are in test/ros/test_lifecycle.py.
"""

from __future__ import annotations

import random

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.nodes import RUNNING, WHOLE
from support.proc import Holdings, holdings

PROCESS = 'single_process'
LONG = pytest.mark.long('fer_ros/ros/base/node.py')
MEGABYTE = 2**20

#: What leads from a state to another, and which.
TRANSITIONS = {
    ('unconfigured', 'configure'): 'inactive',
    ('inactive', 'activate'): 'active',
    ('active', 'deactivate'): 'inactive',
    ('inactive', 'cleanup'): 'unconfigured',
}
NAMES = ('configure', 'activate', 'deactivate', 'cleanup')

#: Cycles after which everything has been loaded and pooled once, and over how many the least is
#: taken, before and after. Memory of a thread at work is not a leak.
WARM_UP = 25
SAMPLES = 10


@pytest.fixture(scope='module')
def robot(bring_up, face_clip):
    """All nodes in one process, with a face to process.

    Freed memory at the end of the heap returns to the system at once. Freed memory between used
    blocks does not, and counts as held.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('MALLOC_ARENA_MAX', '1')
        patch.setenv('MALLOC_TRIM_THRESHOLD_', '0')
        # Coverage keeps what it noted of each thread, for ever.
        patch.delenv('COVERAGE_PROCESS_CONFIG', raising=False)
        patch.delenv('COVERAGE_PROCESS_START', raising=False)
        robot = bring_up(source=str(face_clip), single_process='true', autostart='false', **WHOLE)
    for node in RUNNING:
        robot.wait_for_state(node, 'unconfigured')
    return robot


def cycle(robot, nodes) -> None:
    """Lead nodes through a lifecycle, from the end of the pipeline, as a bring-up does."""
    for name, order in (
        ('configure', reversed(nodes)),
        ('activate', reversed(nodes)),
        ('deactivate', nodes),
        ('cleanup', nodes),
    ):
        for node in order:
            assert robot.transition(node, name), f'{name} of {node}'


@pytest.mark.parametrize(
    ('cycles', 'nodes'),
    [(50, RUNNING[:3]), pytest.param(500, RUNNING, marks=LONG)],
    ids=['50', '500 with views'],
)
def test_repeated_cycles_leave_no_thread_file_descriptor_or_memory(
    robot, cycles, nodes, record_testsuite_property
):
    pid = robot.process(PROCESS).pid

    def held_after(count: int) -> Holdings:
        """Return the least memory that the process holds after the last of several cycles."""
        samples = []
        for _ in range(count):
            cycle(robot, nodes)
            samples.append(holdings(pid))
        return Holdings(
            *(
                min(getattr(sample, field) for sample in samples[-SAMPLES:])
                for field in Holdings.__slots__
            )
        )

    before = held_after(WARM_UP)
    after = held_after(cycles - WARM_UP)
    grown = (after.memory - before.memory) / MEGABYTE
    record_testsuite_property(f'{cycles}_cycles_threads', after.threads - before.threads)
    record_testsuite_property(
        f'{cycles}_cycles_descriptors', after.descriptors - before.descriptors
    )
    record_testsuite_property(f'{cycles}_cycles_grew_mb', round(grown, 2))
    assert after.threads <= before.threads
    assert after.descriptors <= before.descriptors
    assert grown < 1
    assert 'Traceback' not in robot.log(PROCESS)


@pytest.mark.parametrize('seed', [1, pytest.param(2, marks=LONG)])
def test_transitions_in_any_order_are_answered_according_to_the_state(robot, seed):
    choose = random.Random(seed)
    states = dict.fromkeys(RUNNING, 'unconfigured')
    for _ in range(80):
        node, name = choose.choice(RUNNING), choose.choice(NAMES)
        expected = TRANSITIONS.get((states[node], name))
        assert robot.transition(node, name) == (expected is not None), (
            f'{name} of {node}, which is {states[node]}'
        )
        states[node] = expected or states[node]
    for node, state in states.items():
        assert robot.state(node) == state
        if state == 'active':
            assert robot.transition(node, 'deactivate')
        if state != 'unconfigured':
            assert robot.transition(node, 'cleanup')
    assert 'Traceback' not in robot.log(PROCESS)
