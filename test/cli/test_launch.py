"""The command `launch`: the bring-up without ROS's launch."""

from __future__ import annotations

import os
import signal

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.launched import launched, node_pid
from support.robot import PATIENCE, Robot

from fer_ros.cli.launch import main


@pytest.fixture
def robot(tmp_path):
    """An observer without nodes. Started programs join its domain."""
    with Robot([], tmp_path) as robot:
        yield robot


def test_edge_starts_the_nodes_of_its_launch_file_and_a_signal_ends_it_cleanly(robot, tmp_path):
    with launched(robot, tmp_path, 'edge', 'source:=synthetic', 'namespace:=robot1') as (
        process,
        output,
    ):
        for node in ('camera_node', 'face_detector_node'):
            robot.wait_for_state(f'/robot1/{node}', 'active')
        names = {name for name, _ in robot.node.get_node_names_and_namespaces()}
        assert 'emotion_classifier_node' not in names
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert 'Traceback' not in output.read_text()
    assert 'face_detector_node' in output.read_text(), 'logs go to the terminal'


def test_a_killed_node_is_restarted_with_use_respawn(robot, tmp_path):
    with launched(robot, tmp_path, 'compute', 'use_respawn:=true') as (process, output):
        robot.wait_for_state('emotion_classifier_node', 'active')
        first = node_pid(process, 'emotion_classifier_node')
        os.kill(first, signal.SIGKILL)
        robot.wait_for(
            lambda: node_pid(process, 'emotion_classifier_node') not in (0, first), 'a new node'
        )
        assert 'exit code -9 and is restarted' in output.read_text()
        robot.wait_for_state('emotion_classifier_node', 'active')


def test_launch_exits_with_code_1_when_all_nodes_have_died(robot, tmp_path):
    with launched(robot, tmp_path, 'compute') as (process, output):
        robot.wait_for(lambda: node_pid(process, 'emotion_classifier_node'), 'the node')
        os.kill(node_pid(process, 'emotion_classifier_node'), signal.SIGKILL)
        assert process.wait(PATIENCE) == 1
    assert 'emotion_classifier_node ended with exit code -9' in output.read_text()


@pytest.mark.parametrize(
    ('arguments', 'reason'),
    [
        (['edge', 'detector:=dlib'], "detector is 'dlib'"),
        (['compute', 'source:=0'], "compute has no argument 'source'"),
        (['edge', 'source'], 'not of the form name:=value'),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_starts(capsys, arguments, reason):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert reason in capsys.readouterr().err
