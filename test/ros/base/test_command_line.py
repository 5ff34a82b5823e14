"""Command lines of ROS programs, and parameter files that ROS would refuse."""

from __future__ import annotations

import pytest

from fer_ros.ros.base.command_line import (
    check_parameter_file,
    check_ros_arguments,
    split_arguments,
)
from fer_ros.ros.bringup.plan import check_files


@pytest.mark.parametrize(
    ('arguments', 'own', 'of_ros'),
    [
        ('a --ros-args -p b:=1', ['a'], ['--ros-args', '-p', 'b:=1']),
        (
            '--ros-args -p b:=1 -- a --ros-args -r c:=d',
            ['a'],
            ['--ros-args', '-p', 'b:=1', '--', '--ros-args', '-r', 'c:=d'],
        ),
        ('a -- b', ['a', '--', 'b'], []),
    ],
)
def test_the_arguments_for_ros_are_those_between_its_marks(arguments, own, of_ros):
    assert split_arguments(arguments.split()) == (own, of_ros)


@pytest.mark.parametrize('option', ['-p', '--param', '-r', '--remap'])
def test_an_assignment_without_its_sign_is_refused_with_its_form(option):
    with pytest.raises(ValueError, match=rf'{option} source=demo: write {option} [A-Z]+:=[A-Z]+'):
        check_ros_arguments(['node', '--ros-args', option, 'source=demo'])
    check_ros_arguments(['node', '--ros-args', option, 'source:=demo'])
    check_ros_arguments(['node', option, 'source=demo'])


@pytest.mark.parametrize('name', ['__ns', 'camera_node:__ns'])
def test_a_namespace_without_its_slash_is_refused_with_its_form(name):
    with pytest.raises(ValueError, match=f'write -r {name}:=/robot1'):
        check_ros_arguments(['node', '--ros-args', '-r', f'{name}:=robot1'])
    check_ros_arguments(['node', '--ros-args', '-r', f'{name}:=/robot1'])


@pytest.mark.parametrize(
    ('text', 'words'),
    [
        ('camera_node: [', 'line 1: not YAML'),
        ('camera_node:\n\tros__parameters:\n', 'line 2: not YAML'),
        ('camera_node:\n ros__parameters:\n    fps: 3\n   loop: true\n', 'line 4: not YAML'),
        ('camera_node:\n  source: demo\n', 'line 2: a value without ros__parameters above it'),
        ('camera_node:\n  ros_parameters:\n    fps: 3.0\n', 'line 3: a value without'),
        ('camera_node:\n  - 1\n', 'line 2: a value without'),
        ('only words', 'line 1: a value without'),
        ('camera_node:\n  ros__parameters:\n', 'line 2: there are no parameters below'),
        ('camera_node:\n  ros__parameters: [1]\n', 'line 2: there are no parameters below'),
        ('camera_node:\n  ros__parameters:\n    fps:\n', 'line 3: fps has no value'),
        ('camera_node:\n  ros__parameters:\n    a:\n      b:\n', 'line 4: b has no value'),
        ('camera_node: "\x07"', 'is not YAML'),
    ],
)
def test_a_fault_of_a_parameter_file_is_named_with_its_line(tmp_path, text, words):
    path = tmp_path / 'mine.yaml'
    path.write_text(text)
    with pytest.raises(ValueError, match=r'mine\.yaml') as refused:
        check_ros_arguments(['node', '--ros-args', '--params-file', str(path)])
    assert words in str(refused.value)
    # A launch file refuses it before it starts any process.
    with pytest.raises(ValueError, match=r'mine\.yaml'):
        check_files({'params_file': str(path)})


def test_a_parameter_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ValueError, match=r'missing\.yaml cannot be read \(No such file'):
        check_parameter_file(tmp_path / 'missing.yaml')
    path = tmp_path / 'latin.yaml'
    path.write_bytes('/**: {ros__parameters: {source: é}}'.encode('latin-1'))
    with pytest.raises(ValueError, match=r'latin\.yaml is not UTF-8 text'):
        check_parameter_file(path)


@pytest.mark.parametrize(
    'text',
    [
        '',
        '# a comment\n',
        '/**:\n  ros__parameters: {}\n',
        "robot1:\n  camera_node:\n    ros__parameters: {source: '', a: {b: [1]}, c: ~}\n",
    ],
)
def test_a_parameter_file_that_ros_reads_is_accepted(tmp_path, text):
    path = tmp_path / 'mine.yaml'
    path.write_text(text)
    check_parameter_file(path)
