"""plan: which processes a launch starts, with which parameters. Needs no ROS."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path

import pytest
import yaml

from fer_ros.executables import EXECUTABLES
from fer_ros.ros.bringup.arguments import ARGUMENTS, LAUNCHES, arguments_of
from fer_ros.ros.bringup.middleware import PROFILE_VARIABLES, middleware_environment, share_folder
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.bringup.plan import RVIZ_TOPICS, plan
from fer_ros.ros.contract import NODES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def rviz(monkeypatch):
    """Pretend that rviz2 is installed."""
    monkeypatch.setattr('shutil.which', lambda name: f'/usr/bin/{name}')


def names(processes: list[NodeProcess]) -> list[str]:
    return [process.executable for process in processes]


def parameters_on(command: list[str]) -> dict[str, object]:
    """Return the parameters of a command line as a node reads them: as YAML."""
    pairs = [command[i + 1].split(':=', 1) for i, word in enumerate(command) if word == '-p']
    return {name: yaml.safe_load(value) for name, value in pairs}


def remappings_on(command: list[str]) -> list[str]:
    return [command[i + 1] for i, word in enumerate(command) if word == '-r']


@pytest.mark.parametrize(
    ('launch', 'nodes'),
    [
        ('pipeline', ['camera_node', 'face_detector_node', 'emotion_classifier_node']),
        ('edge', ['camera_node', 'face_detector_node']),
        ('compute', ['emotion_classifier_node']),
    ],
)
def test_a_launch_starts_its_nodes(launch, nodes):
    assert names(plan(launch, {}, {})) == nodes


@pytest.mark.parametrize(
    ('launch', 'given', 'views'),
    [
        ('pipeline', {'overlay': 'true'}, ['overlay_node']),
        ('pipeline', {'markers': 'True'}, ['marker_node']),
        ('pipeline', {'rviz': 'true'}, ['overlay_node', 'marker_node', 'rviz2']),
        ('edge', {'overlay': 'true'}, ['overlay_node']),
        ('compute', {'rviz': 'true'}, ['marker_node', 'rviz2']),
    ],
)
def test_views_start_on_request(launch, given, views, rviz):
    assert names(plan(launch, given, {})) == names(plan(launch, {}, {})) + views


@pytest.mark.parametrize(
    ('launch', 'given', 'pictures'),
    [
        ('pipeline', {}, None),
        ('pipeline', {'single_process': 'true', 'overlay': 'true'}, None),
        ('pipeline', {'privacy': 'true'}, 'none'),
        ('edge', {}, None),
        ('compute', {}, 'none'),
    ],
)
def test_the_web_server_is_a_separate_process_without_images_from_another_host(
    launch, given, pictures, monkeypatch
):
    monkeypatch.setattr('fer_ros.ros.bringup.plan.require_libraries', lambda: None)
    *_, web = plan(launch, {**given, 'web': 'true', 'namespace': 'robot1'}, {})
    assert web.executable == 'web_node'
    assert web.arguments == ()
    assert web.namespace == 'robot1'
    assert web.parameters.get('image_transport') == pictures


def test_without_its_libraries_the_web_server_says_what_to_install(monkeypatch):
    monkeypatch.setattr('fer_ros.web.libraries.find_spec', lambda name: None)
    with pytest.raises(ValueError, match='pip install nicegui fastapi-offline prometheus-client'):
        plan('pipeline', {'web': 'true'}, {})


def test_in_single_process_the_views_run_in_the_same_process(rviz):
    (process,) = plan(
        'pipeline', {'single_process': 'true', 'overlay': 'true', 'markers': 'true'}, {}
    )
    assert process.arguments == ('--overlay', '--markers')
    process, viewer = plan('pipeline', {'single_process': 'true', 'rviz': 'true'}, {})
    assert process.arguments == ('--overlay', '--markers')
    assert viewer.command()[0] == 'rviz2'


def test_rviz_shows_the_topics_of_the_namespace_and_of_another_driver(rviz):
    given = {'rviz': 'true', 'namespace': 'robot1', 'image_topic': '/cam'}
    viewer = plan('pipeline', given, {})[-1]
    assert dict(viewer.remappings) == {
        '/overlay': '/robot1/overlay',
        '/markers': '/robot1/markers',
        '/image_raw': '/cam',
        '/camera_info': '/camera_info',
    }
    assert viewer.package == 'rviz2'
    assert viewer.params_files == ()
    assert viewer.environment == {}


def test_topics_of_the_rviz_configuration_are_published():
    config = yaml.safe_load((ROOT / 'config' / 'fer.rviz').read_text())
    displays = config['Visualization Manager']['Displays']
    topics = {display['Topic']['Value'] for display in displays if 'Topic' in display}
    assert topics <= set(RVIZ_TOPICS)
    published = {topic.name for node in NODES.values() for topic in node.publishes}
    assert {topic.strip('/') for topic in RVIZ_TOPICS} <= published


def test_without_rviz_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr('shutil.which', lambda name: None)
    with pytest.raises(ValueError, match='rviz2 is not installed: install ros-<distro>-rviz2'):
        plan('pipeline', {'rviz': 'true'}, {})


@pytest.mark.parametrize('launch', LAUNCHES)
def test_omitted_arguments_override_nothing(launch):
    for given in ({}, {argument.name: '' for argument in arguments_of(launch)}):
        for process in plan(launch, given, {}):
            assert process.parameters == {}
            assert process.remappings == ()
            assert parameters_on(process.command()) == {}
            assert remappings_on(process.command()) == []


@pytest.mark.parametrize('launch', LAUNCHES)
def test_every_argument_is_described(launch):
    for argument in arguments_of(launch):
        assert len(argument.description) > 10
        assert argument.description.endswith('.')


@pytest.mark.parametrize('argument', [a for a in ARGUMENTS.values() if a.parameter])
def test_an_argument_sets_an_existing_parameter(argument):
    declared = {p.name for node in NODES.values() for p in node.parameters}
    assert argument.name in declared | {'use_sim_time'}


@pytest.mark.parametrize('launch', LAUNCHES)
def test_every_executable_exists(launch):
    for process in plan(launch, {}, {}):
        assert process.executable in EXECUTABLES


@pytest.mark.parametrize('launch', ['pipeline', 'edge'])
@pytest.mark.parametrize(
    ('topic', 'camera_info'),
    [
        ('/usb_cam/image_raw', '/usb_cam/camera_info'),
        ('usb_cam/image_raw', 'usb_cam/camera_info'),
        ('/image', '/camera_info'),
        ('image', 'camera_info'),
    ],
)
def test_an_external_image_topic_starts_no_camera_and_brings_its_camera_info(
    launch, topic, camera_info
):
    processes = plan(launch, {'image_topic': topic}, {})
    assert 'camera_node' not in names(processes)
    detector = processes[0]
    assert dict(detector.remappings) == {
        'image_raw': topic,
        'image_raw/compressed': f'{topic}/compressed',
        'camera_info': camera_info,
    }
    assert f'image_raw:={topic}' in remappings_on(detector.command())


@pytest.mark.parametrize(('given', 'transport'), [({}, None), ({'image_transport': 'raw'}, 'raw')])
def test_the_name_of_the_compressed_topic_means_the_same_topic(given, transport):
    named = plan('edge', {'image_topic': '/usb_cam/image_raw/compressed', **given}, {})
    plain = plan('edge', {'image_topic': '/usb_cam/image_raw', **given}, {})
    assert [process.remappings for process in named] == [process.remappings for process in plain]
    assert named[0].parameters.get('image_transport') == (transport or 'compressed')
    assert plain[0].parameters.get('image_transport') == transport


@pytest.mark.parametrize('launch', ['pipeline', 'edge'])
def test_transport_and_reliability_of_images_reach_the_nodes(launch):
    given = {
        'image_topic': '/cam',
        'image_transport': 'compressed',
        'image_reliability': 'reliable',
        'overlay': 'true',
    }
    for process in plan(launch, given, {}):
        assert process.parameters == {
            'image_transport': 'compressed',
            'image_reliability': 'reliable',
        }
    with pytest.raises(ValueError, match="image_reliability is 'often': it must be one of"):
        plan(launch, {'image_reliability': 'often'}, {})


def test_single_process_is_one_process():
    (process,) = plan('pipeline', {'single_process': 'true', 'source': 'demo'}, {})
    assert process.executable == 'single_process'
    assert process.arguments == ()
    assert process.parameters == {'source': 'demo'}


def test_single_process_with_an_external_image_topic_opens_no_camera():
    (process,) = plan('pipeline', {'single_process': 'True', 'image_topic': '/cam'}, {})
    assert process.arguments == ('--no-camera',)
    command = process.command()
    assert command.index('--no-camera') < command.index('--ros-args')


@pytest.mark.parametrize('namespace', ['robot1', '/robot1', '/robot1/'])
def test_a_namespace_in_any_notation_applies_to_all_nodes(namespace):
    for process in plan('pipeline', {'namespace': namespace}, {}):
        assert '__ns:=/robot1' in remappings_on(process.command())


@pytest.mark.parametrize(
    'source',
    [
        '0',
        'true',
        '1.5',
        'null',
        '~',
        'a: b',
        'Bilder/Größe "1".mp4',
        '\U0001f600.mp4',
        'a\u2028b',
    ],
)
def test_a_source_stays_text_for_any_value(source):
    camera = plan('pipeline', {'source': source}, {})[0]
    assert parameters_on(camera.command())['source'] == source


@pytest.mark.parametrize(('text', 'value'), [('true', True), ('False', False)])
def test_a_switch_becomes_a_boolean(text, value):
    for process in plan('pipeline', {'autostart': text, 'use_sim_time': text}, {}):
        assert process.parameters == {'autostart': value, 'use_sim_time': value}
        assert json.dumps(value) in ' '.join(process.command())


def test_a_choice_can_be_in_capitals():
    process = plan('edge', {'detector': 'Haar', 'log_level': 'DEBUG'}, {})[0]
    assert process.parameters == {'detector': 'haar'}
    assert process.log_level == 'debug'


def test_an_unknown_argument_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"compute has no argument 'source': its arguments are namespace"
    ):
        plan('compute', {'source': '0'}, {})


@pytest.mark.parametrize(
    ('name', 'value'),
    [
        ('detector', 'dlib'),
        ('autostart', 'maybe'),
        ('log_level', 'loud'),
        ('single_process', '1'),
        ('use_sim_time', 'yes'),
    ],
)
def test_a_wrong_choice_is_refused_with_the_choices(name, value):
    with pytest.raises(ValueError, match=f'{name} is {value!r}: it must be one of'):
        plan('pipeline', {name: value}, {})


def test_without_params_file_the_shipped_one_is_read():
    for process in plan('pipeline', {}, {}):
        assert process.params_files == (ROOT / 'config' / 'pipeline.yaml',)


def test_params_file_replaces_the_shipped_one(tmp_path):
    file = tmp_path / 'mine.yaml'
    file.write_text('/**/camera_node:\n  ros__parameters:\n    source: synthetic\n')
    for process in plan('pipeline', {'params_file': str(file)}, {}):
        assert process.params_files == (file,)
        assert str(file) in process.command()


def test_a_missing_params_file_is_named(tmp_path):
    with pytest.raises(ValueError, match=r'params_file .*/missing\.yaml'):
        plan('pipeline', {'params_file': str(tmp_path / 'missing.yaml')}, {})


def test_use_respawn_and_log_level_reach_every_process():
    for process in plan('pipeline', {'use_respawn': 'true', 'log_level': 'warn'}, {}):
        assert process.respawn
        assert process.command()[-2:] == ['--log-level', 'warn']


class TestMiddleware:
    def test_fast_dds_gets_a_profile_with_space_for_images(self):
        environment = middleware_environment({})
        assert set(environment) == set(PROFILE_VARIABLES)
        assert all(Path(file).is_file() for file in environment.values())

    def test_fast_dds_3_gets_the_variable_name_without_a_warning(self, tmp_path):
        (tmp_path / 'share' / 'fastdds').mkdir(parents=True)
        prefixes = os.pathsep.join(['/nowhere', str(tmp_path)])
        assert set(middleware_environment({'AMENT_PREFIX_PATH': prefixes})) == {
            'FASTDDS_DEFAULT_PROFILES_FILE'
        }

    @pytest.mark.parametrize('name', ['rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp'])
    def test_a_named_fast_dds_gets_the_profile(self, name):
        assert middleware_environment({'RMW_IMPLEMENTATION': name})

    @pytest.mark.parametrize('name', ['rmw_cyclonedds_cpp', 'rmw_zenoh_cpp'])
    def test_other_middleware_gets_no_profile(self, name):
        assert middleware_environment({'RMW_IMPLEMENTATION': name}) == {}

    @pytest.mark.parametrize('variable', PROFILE_VARIABLES)
    def test_a_user_profile_is_not_replaced(self, variable):
        assert middleware_environment({variable: '/home/me/dds.xml'}) == {}

    def test_the_environment_of_the_caller_is_the_default(self, monkeypatch):
        monkeypatch.setenv('RMW_IMPLEMENTATION', 'rmw_zenoh_cpp')
        assert plan('compute', {})[0].environment == {}


class TestLaunchFiles:
    def test_each_bring_up_has_a_launch_file(self):
        files = {file.name for file in (ROOT / 'launch').glob('*.py')}
        assert files == {f'{name}.launch.py' for name in LAUNCHES}

    @pytest.mark.parametrize('launch', LAUNCHES)
    def test_a_launch_file_only_calls_the_plan(self, launch):
        """The file is read without running it: ROS's launch need not be installed."""
        tree = ast.parse((ROOT / 'launch' / f'{launch}.launch.py').read_text())
        (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        assert function.name == 'generate_launch_description'
        assert ast.unparse(function.body[-1]) == f"return launch_description('{launch}')"
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert len(calls) == 1
        assert ast.get_docstring(tree)


@pytest.mark.parametrize('launch', ['edge', 'compute'])
def test_a_peer_is_added_to_the_peers_of_the_user(launch):
    (process, *_) = plan(launch, {'peer': '10.0.0.2, compute.local'}, {})
    assert process.environment['ROS_STATIC_PEERS'] == '10.0.0.2;compute.local'
    (process, *_) = plan(launch, {'peer': '10.0.0.2'}, {'ROS_STATIC_PEERS': '10.0.0.9'})
    assert process.environment['ROS_STATIC_PEERS'] == '10.0.0.9;10.0.0.2'
    assert 'ROS_STATIC_PEERS' not in plan(launch, {}, {})[0].environment


def test_rviz_on_the_compute_host_uses_the_peer(rviz):
    viewer = plan('compute', {'rviz': 'true', 'peer': '10.0.0.2'}, {})[-1]
    assert viewer.environment == {'ROS_STATIC_PEERS': '10.0.0.2'}


def test_the_share_folder_holds_configuration_and_models():
    assert (share_folder() / 'config' / 'pipeline.yaml').is_file()
    assert (share_folder() / 'models').is_dir()
