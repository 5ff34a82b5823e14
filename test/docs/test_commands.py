"""Commands in README, docs/ and all other documents are valid."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_check import CommandError, check
from support.documents import commands, documents, name_of

pytest.importorskip('rclpy', reason='programs that need ROS cannot be asked for their options')

DOCUMENTS = [pytest.param(file, id=name_of(file)) for file in documents()]


@pytest.mark.parametrize('file', DOCUMENTS)
def test_the_commands_of_a_document_are_valid(file: Path):
    for words in commands(file.read_text(encoding='utf-8')):
        try:
            check(words)
        except CommandError as error:
            pytest.fail(f'`{" ".join(words)}`: {error}')


def test_many_commands_are_found():
    def is_ours(words: list[str]) -> bool:
        try:
            return check(words)
        except CommandError:
            return True

    found = [
        words
        for file in documents()
        for words in commands(file.read_text(encoding='utf-8'))
        if is_ours(words)
    ]
    assert len(found) > 80


@pytest.mark.parametrize(
    'command',
    [
        'make tea',
        'make demo DURATON=20',
        'ros2 launch fer_ros pipline.launch.py',
        'ros2 launch fer_ros compute.launch.py overlay:=true',
        'ros2 launch fer_ros pipeline.launch.py detector:=hare',
        'ros2 launch fer_ros pipeline.launch.py overlay=true',
        '... edge.launch.py peers:=a.local',
        'ros2 run fer_ros docter',
        'ros2 run fer_ros doctor --loud',
        'ros2 run fer_ros record --also smells',
        'ros2 run fer_ros camera_node --ros-args -p colour:=true',
        'ros2 run fer_ros camera_node --ros-args -r image:=/usb_cam/image_raw',
        'python -m fer_ros demo sauce:=0',
        'python -m training bake --data faces',
        'python -m training train --dota faces',
        'python -m training train --data faces --out runs/a --epochs many',
        'python -m pytest test/nothing',
        'ros2 topic echo /face_emotion',
        'ros2 service call /camera_node/enabel std_srvs/srv/SetBool',
        'ros2 interface show fer_msgs/msg/Emotion',
        'ros2 lifecycle set /camera_node open',
        'ros2 lifecycle set /camera configure',
        'ros2 param set /emotion_classifier_node hould 0.5',
        '. scripts/environment.sh',
    ],
)
def test_an_invalid_command_is_detected(command: str):
    (words,) = commands(f'```\n{command}\n```\n')
    with pytest.raises(CommandError):
        check(words)
