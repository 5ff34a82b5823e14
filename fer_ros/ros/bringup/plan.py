"""The plan of a bring-up: nodes, parameters, environment.

launch/*.launch.py and the bring-up without ROS's launch both use plan(), so the same arguments
start the same nodes with the same parameters. This module imports no ROS.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from fer_ros.core.paths import user_path
from fer_ros.core.source_spec import missing_file
from fer_ros.core.suggestion import suggestion
from fer_ros.ros.base.command_line import check_parameter_file
from fer_ros.ros.bringup.arguments import (
    ARGUMENTS,
    CAMERA,
    LAUNCHES,
    MARKER,
    OVERLAY,
    RECORD,
    RVIZ,
    SINGLE_PROCESS,
    WEB,
    Value,
    arguments_of,
)
from fer_ros.ros.bringup.middleware import middleware_environment, share_folder, static_peers
from fer_ros.ros.bringup.node_process import NodeProcess
from fer_ros.ros.contract.sros2_policy import SINGLE_PROCESS_PRIVATE, enclave_path
from fer_ros.web.errors import WebError
from fer_ros.web.libraries import require_libraries

SECURITY_VARIABLE = 'ROS_SECURITY_ENABLE'

#: Suffix of the topic of compressed images, by image_transport.
_COMPRESSED = '/compressed'

#: Topics in config/fer.rviz. They are remapped into a namespace.
RVIZ_TOPICS = ('/overlay', '/markers', '/image_raw', '/camera_info')


def plan(
    launch: str,
    given: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
) -> list[NodeProcess]:
    """Return the processes of a bring-up.

    Args:
        launch: A key of LAUNCHES.
        given: Arguments by name. '' means not given.
        environment: Environment of the caller. os.environ by default.

    Raises:
        ValueError: An argument or its value is unknown, arguments contradict privacy, params_file
            is not a file, or rviz2 or libraries of the web server are not installed.
    """
    environment = os.environ if environment is None else environment
    values = _values(launch, given)
    views = _views(values)
    if values.get('privacy') == 'true':
        _check_privacy(values)
        # rviz requests an overlay, too. Without it, it shows only the markers.
        views = tuple(node for node in views if node != OVERLAY)
        values['single_process'] = 'true'
    peers = static_peers(values.get('peer', ''), environment)
    of_nodes = {**middleware_environment(environment), **peers}
    processes = _nodes(values, LAUNCHES[launch][1], views, of_nodes)
    if values['web'] == 'true':
        processes.append(_web(launch, values, processes[-1]))
    if values.get('record'):
        processes.append(_recorder(values['record'], processes[-1]))
    if environment.get(SECURITY_VARIABLE) == 'true':
        processes = [replace(process, enclave=_enclave(process, values)) for process in processes]
    return [*processes, _rviz(values, peers)] if values.get('rviz') == 'true' else processes


def _values(launch: str, given: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all arguments.

    Raises:
        ValueError: An argument or its value is unknown.
    """
    names, _ = LAUNCHES[launch]
    values = {argument.name: argument.default for argument in arguments_of(launch)}
    for name, value in given.items():
        if name not in names:
            raise ValueError(
                f'{launch} has no argument {name!r}: its arguments are {", ".join(names)}'
                + suggestion(name, names)
            )
        choices = ARGUMENTS[name].choices
        if value and choices and value.lower() not in choices:
            raise ValueError(f'{name} is {value!r}: it must be one of {", ".join(choices)}')
        values[name] = (value.lower() if choices else value) or values[name]
    image_topic = values.get('image_topic', '')
    if image_topic.endswith(_COMPRESSED):
        # The topic of the compressed images itself, instead of the base topic.
        values['image_topic'] = image_topic.removesuffix(_COMPRESSED)
        values['image_transport'] = values['image_transport'] or 'compressed'
    return values


def _nodes(
    values: Mapping[str, str],
    executables: Sequence[str],
    views: Sequence[str],
    environment: Mapping[str, str],
) -> list[NodeProcess]:
    """Return the nodes of the pipeline and its views, in one process or in several.

    Raises:
        ValueError: params_file is not a file.
    """
    image_topic = values.get('image_topic', '')
    options: dict[str, bool] = {}
    if values.get('single_process') == 'true':
        executables = (SINGLE_PROCESS,)
        options = {
            '--no-camera': bool(image_topic),
            '--overlay': OVERLAY in views,
            '--markers': MARKER in views,
        }
    else:
        # Another driver publishes the images of image_topic.
        pipeline = (name for name in executables if not (image_topic and name == CAMERA))
        executables = (*pipeline, *views)
    params_file = _params_file(values)
    if not os.path.isfile(params_file):
        raise ValueError(f'params_file {params_file} is not a file: check the path')
    return [
        NodeProcess(
            executable,
            values['namespace'],
            (params_file,),
            _parameters(values),
            _remappings(image_topic),
            tuple(option for option, wanted in options.items() if wanted),
            environment,
            values['log_level'],
            values['use_respawn'] == 'true',
        )
        for executable in executables
    ]


def _params_file(values: Mapping[str, str]) -> Path:
    if values['params_file']:
        return user_path(values['params_file'])
    return share_folder() / 'config' / 'pipeline.yaml'


def check_files(given: Mapping[str, str]) -> list[str]:
    """Check the files in the arguments of a bring-up. Return warnings.

    Raises:
        ValueError: The source does not exist, the folder for the recording exists, or ROS would
            refuse params_file.
    """
    if fault := missing_file(given.get('source', '')):
        raise ValueError(fault)
    recording = given.get('record', '')
    if recording and os.path.exists(user_path(recording)):
        raise ValueError(
            f'record {recording} already exists and is not changed: name a new folder'
        )
    if not given.get('params_file'):
        return []
    # Imported here, because it imports the contract, and with it most of the core.
    from fer_ros.ros.base.unread import unread_sections

    check_parameter_file(_params_file(given))
    return unread_sections(_params_file(given), given.get('namespace', ''))


def _enclave(process: NodeProcess, values: Mapping[str, str]) -> str:
    """Return the enclave of config/sros2_policy.xml that a process runs in."""
    private = process.executable == SINGLE_PROCESS and values.get('privacy') == 'true'
    return enclave_path(
        SINGLE_PROCESS_PRIVATE if private else process.executable, process.namespace
    )


def _check_privacy(values: Mapping[str, str]) -> None:
    """Refuse arguments that would let a picture leave the process."""
    if values.get('overlay') == 'true':
        raise ValueError(
            'overlay would publish pictures, but privacy keeps them inside the process: use only '
            'one of the two'
        )
    if values.get('image_topic'):
        raise ValueError(
            'with image_topic, another driver publishes pictures, but privacy keeps them inside '
            'one process: set a source for camera_node instead'
        )


def _views(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the nodes for viewing: those of the arguments, and those that rviz shows."""
    arguments = {OVERLAY: 'overlay', MARKER: 'markers'}
    return tuple(
        node
        for node, name in arguments.items()
        if name in values and 'true' in (values[name], values.get('rviz'))
    )


def _web(launch: str, values: Mapping[str, str], node: NodeProcess) -> NodeProcess:
    """Return web_node, with the settings of another node.

    On the compute host, it shows no pictures, because only crops are sent there.

    Raises:
        ValueError: Its libraries are not installed.
    """
    try:
        require_libraries()
    except WebError as error:
        raise ValueError(str(error)) from error
    without_pictures = launch == 'compute' or values.get('privacy') == 'true'
    pictures = {'image_transport': 'none'} if without_pictures else {}
    return replace(node, executable=WEB, arguments=(), parameters={**node.parameters, **pictures})


def _recorder(folder: str, node: NodeProcess) -> NodeProcess:
    """Return the recorder, with the settings of another node.

    It is not started again, because its folder would already exist.
    """
    parameters = {name: value for name, value in node.parameters.items() if name == 'use_sim_time'}
    return replace(
        node,
        executable=RECORD,
        arguments=('--out', folder),
        parameters=parameters,
        remappings=(),
        respawn=False,
    )


def _rviz(values: Mapping[str, str], environment: Mapping[str, str]) -> NodeProcess:
    """Return rviz2 with our configuration. Raises ValueError if it is not installed."""
    if shutil.which(RVIZ) is None:
        raise ValueError(
            'rviz is true, but rviz2 is not installed: install ros-<distro>-rviz2, or omit rviz '
            'and view the topic overlay'
        )
    namespace = values['namespace'].strip('/')
    names = {topic: f'/{namespace}{topic}' for topic in RVIZ_TOPICS} if namespace else {}
    names.update(
        {
            f'/{name}': topic
            for name, topic in _remappings(values.get('image_topic', ''))
            if f'/{name}' in RVIZ_TOPICS
        }
    )
    return NodeProcess(
        RVIZ,
        namespace,
        (),
        {},
        tuple(names.items()),
        ('-d', str(share_folder() / 'config' / 'fer.rviz')),
        environment,
        values['log_level'],
        respawn=False,
        package=RVIZ,
    )


def _parameters(values: Mapping[str, str]) -> dict[str, Value]:
    parameters: dict[str, Value] = {}
    for name, text in values.items():
        kind = ARGUMENTS[name].parameter
        if kind is not None and text:
            parameters[name] = text.lower() == 'true' if kind is bool else text
    return parameters


def _remappings(image_topic: str) -> tuple[tuple[str, str], ...]:
    """Return the remappings to another driver. By convention, its camera_info is next to its
    image."""
    if not image_topic:
        return ()
    parent, slash, _ = image_topic.rpartition('/')
    camera_info = f'{parent}{slash}camera_info'
    return (
        ('image_raw', image_topic),
        ('image_raw/compressed', f'{image_topic}{_COMPRESSED}'),
        ('camera_info', camera_info),
    )
