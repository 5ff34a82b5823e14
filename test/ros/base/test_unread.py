"""Parameters that no node reads are reported, from a file and from the command line."""

from __future__ import annotations

import pytest

from fer_ros.ros.base.unread import unread_parameters, unread_sections
from fer_ros.ros.bringup.plan import check_files
from fer_ros.ros.contract import CAMERA_NODE, EMOTION_CLASSIFIER_NODE


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a parameter file."""

    def write(text: str):
        path = tmp_path / 'mine.yaml'
        path.write_text(text)
        return path

    return write


def unread(*arguments: str, name: str = '/camera_node', contract=CAMERA_NODE) -> list[str]:
    def resolve(topic: str) -> str:
        return f'{name}/{topic[2:]}' if topic.startswith('~/') else f'/{topic.lstrip("/")}'

    return unread_parameters(['node', '--ros-args', *arguments], name, contract, resolve)


def section(key: str, parameters: str) -> str:
    return f'{key}:\n  ros__parameters: {{{parameters}}}\n'


@pytest.mark.parametrize('key', ['/**/camera_node', 'camera_node', '/camera_node', '/**', '/*'])
class TestParameters:
    def test_an_unknown_parameter_is_reported_with_its_file_and_a_likely_name(self, file, key):
        path = file(section(key, 'jpeg_qualty: 3'))
        (line,) = unread('--params-file', str(path))
        assert line == (
            f'{path}: /camera_node has no parameter jpeg_qualty, so it is not read; '
            'did you mean jpeg_quality?'
        )

    def test_known_parameters_are_not_reported(self, file, key):
        path = file(
            section(
                key,
                'jpeg_quality: 3, use_sim_time: true, qos_overrides: '
                '{/image_raw: {publisher: {reliability: reliable, depth: 5}}}',
            )
        )
        assert not unread('--params-file', str(path))


def test_a_parameter_of_another_node_is_reported_in_the_section_of_this_one(file):
    path = file(section('/**/camera_node', 'hold: 0.5') + section('/**', 'hold: 0.5'))
    (line,) = unread('--params-file', str(path))
    assert 'camera_node has no parameter hold' in line
    path = file(section('/**', 'hold: 0.5'))
    assert not unread('--params-file', str(path))


def test_sections_of_other_nodes_and_namespaces_are_ignored(file):
    path = file(
        section('/**/face_detector_node', 'nonsense: 1')
        + section('/robot2/camera_node', 'nonsense: 1')
    )
    assert not unread('--params-file', str(path))
    assert unread('--params-file', str(path), name='/robot2/camera_node')


def test_a_namespace_can_be_nested(file):
    path = file('robot1:\n  camera_node:\n    ros__parameters: {nonsense: 1}\n')
    assert unread('--params-file', str(path), name='/robot1/camera_node')


@pytest.mark.parametrize(
    ('given', 'told'),
    [
        ('fsp:=3.0', True),
        ('fps:=3.0', False),
        ('camera_node:fsp:=3.0', True),
        ('other_node:fsp:=3.0', False),
        ('hold:=0.5', False),
    ],
)
def test_parameters_of_the_command_line_are_checked(given, told):
    """A process can contain several nodes, so a parameter of any node of fer_ros is accepted."""
    assert bool(unread('-p', given)) == told


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('qos_overrides./image_rw.publisher.reliability', 'did you mean /image_raw?'),
        (
            'qos_overrides./image_raw.subscription.reliability',
            'has no subscription for /image_raw',
        ),
        ('qos_overrides./image_raw.publisher.durability', 'depth, history, reliability'),
        ('qos_overrides.image_raw.publisher.reliability', 'is not of the form'),
    ],
)
def test_a_qos_override_without_effect_is_reported(name, words, file):
    (line,) = unread('--params-file', str(file(section('/**/camera_node', f'{name}: reliable'))))
    assert words in line
    assert 'are not read' in line or 'is not read' in line


def test_every_section_of_the_shipped_files_is_used():
    from fer_ros.ros.bringup.middleware import share_folder

    for path in (share_folder() / 'config').glob('*.yaml'):
        for contract in (CAMERA_NODE, EMOTION_CLASSIFIER_NODE):
            assert not unread(
                '--params-file', str(path), name=f'/{contract.name}', contract=contract
            )


class TestSections:
    @pytest.mark.parametrize(
        ('key', 'told'),
        [
            ('/**/camera_node', False),
            ('camera_node', False),
            ('/**', False),
            ('/*', False),
            ('/**/camera', True),
            ('camera', True),
            ('/robot1/camera_node', True),
        ],
    )
    def test_a_section_that_matches_no_node_is_reported(self, file, key, told):
        path = file(section(key, 'fps: 3.0'))
        lines = unread_sections(path, '')
        assert bool(lines) == told
        if told:
            assert str(path) in lines[0]
            assert 'did you mean' in lines[0]

    def test_in_a_namespace_a_section_without_it_matches_no_node(self, file):
        path = file(section('camera_node', 'fps: 3.0'))
        (line,) = unread_sections(path, '/robot1')
        assert 'did you mean /robot1/camera_node' in line or '/**/camera_node' in line
        assert not unread_sections(file(section('/**/camera_node', 'fps: 3.0')), 'robot1')

    def test_launch_reports_unused_sections(self, file):
        path = file(section('camera', 'fps: 3.0'))
        assert check_files({'params_file': str(path)}) == unread_sections(path, '')


@pytest.mark.parametrize('text', ['[', '3', '', 'camera_node: 3', 'camera_node:\n  - 1\n'])
def test_a_file_that_is_refused_elsewhere_has_no_unread_parameters(file, text):
    path = file(text)
    assert not unread('--params-file', str(path))
    assert isinstance(unread_sections(path, ''), list)


def test_a_missing_source_is_refused_before_anything_starts(tmp_path):
    with pytest.raises(ValueError, match=r'source .*clip\.mp4 does not exist: check the path'):
        check_files({'source': str(tmp_path / 'clip.mp4')})
    for source in ('auto', 'demo', 'synthetic', '0', '/dev/video7', 'rtsp://nobody/1', ''):
        assert check_files({'source': source}) == []
    (tmp_path / 'clip.mp4').touch()
    assert check_files({'source': str(tmp_path / 'clip.mp4')}) == []


def test_an_existing_recording_folder_is_refused_before_anything_starts(tmp_path):
    with pytest.raises(ValueError, match='already exists and is not changed'):
        check_files({'record': str(tmp_path)})
