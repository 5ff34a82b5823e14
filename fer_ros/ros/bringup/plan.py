"""The one table of what a bring-up starts: nodes, arguments, environment.

launch/*.launch.py and the bring-up without ROS's launch both ask plan() what to start, so the
same arguments start the same nodes with the same parameters. Imports no ROS.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from fer_ros.core.redaction import redact_address
from fer_ros.core.source_spec import SOURCE_KINDS, file_of
from fer_ros.ros.contract.sros2_policy import SINGLE_PROCESS_PRIVATE, enclave_path
from fer_ros.web.errors import WebError
from fer_ros.web.libraries import require_libraries

Value = bool | int | str

#: Fast DDS reads these; Humble and Jazzy know the first, Kilted and later the second.
PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
PEERS_VARIABLE = 'ROS_STATIC_PEERS'
SECURITY_VARIABLE = 'ROS_SECURITY_ENABLE'
#: With which a node ends that could not start: what it was told cannot be right.
CANNOT_START = 1
#: Seconds until a node that died is started again.
RESPAWN_DELAY = 1.0

PACKAGE = 'fer_ros'

FAST_DDS = ('', 'rmw_fastrtps_cpp', 'rmw_fastrtps_dynamic_cpp')


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a bring-up.

    default: '' means not given, and then nothing of params_file is overridden.
    parameter: the node parameter it sets, with its type; None where plan() reads it itself.
    """

    name: str
    description: str
    default: str = ''
    choices: tuple[str, ...] = ()
    parameter: type[Value] | None = None


@dataclass(frozen=True, slots=True)
class NodeProcess:
    """One process to start.

    executable: its name, as in fer_ros/executables.py. parameters: override params_files.
    package: which has the executable, fer_ros or another.
    remappings: from relative to new name. arguments: before --ros-args.
    environment: set in addition to the caller's.
    enclave: its security identity, '' where DDS security is off.
    """

    executable: str
    namespace: str
    params_files: tuple[Path, ...]
    parameters: Mapping[str, Value]
    remappings: tuple[tuple[str, str], ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    log_level: str
    respawn: bool
    package: str = PACKAGE
    enclave: str = ''

    def ends_all(self, exit_code: int) -> bool:
        """Return whether the bring-up ends because this process ended with that code.

        One without a node that could not start is not what was asked for. A recording that ends
        early, or a node that dies later, is no reason to take the others down.
        """
        is_node = self.package == PACKAGE and self.executable != RECORD
        return is_node and not self.respawn and exit_code == CANNOT_START

    def command(self, private_file: str = '') -> list[str]:
        """Return the command line that starts the process without ROS's launch.

        private_file: a parameter file with private_parameters(), which then stand in no command
            line: every user of the machine can read those.
        """
        start = [sys.executable, '-m', 'fer_ros'] if self.package == PACKAGE else []
        command = [*start, self.executable, *self.arguments, '--ros-args']
        if self.namespace:
            command += ['-r', f'__ns:=/{self.namespace.strip("/")}']
        for name, new_name in self.remappings:
            command += ['-r', f'{name}:={new_name}']
        for file in self.params_files:
            command += ['--params-file', str(file)]
        if private_file:
            command += ['--params-file', private_file]
        for name, value in self.parameters.items():
            if private_file and _is_private(value):
                continue
            # JSON is YAML, and keeps the text '0' apart from the number 0.
            command += ['-p', f'{name}:={json.dumps(value)}']
        return [*command, *self.ros_arguments()]

    def private_parameters(self) -> str:
        """Return a parameter file of those parameters that hold a password, '' for none."""
        private = {name: value for name, value in self.parameters.items() if _is_private(value)}
        return json.dumps({'/**': {'ros__parameters': private}}) if private else ''

    def ros_arguments(self) -> list[str]:
        """Return what stands behind --ros-args beside names and parameters."""
        enclave = ['--enclave', self.enclave] if self.enclave else []
        return ['--log-level', self.log_level, *enclave]


def _is_private(value: Value) -> bool:
    return isinstance(value, str) and redact_address(value) != value


CAMERA = 'camera_node'
DETECTOR = 'face_detector_node'
CLASSIFIER = 'emotion_classifier_node'
OVERLAY = 'overlay_node'
MARKERS = 'marker_node'
RVIZ = 'rviz2'
RECORD = 'record'
WEB = 'web_node'
SINGLE_PROCESS = 'single_process'

BOOLEAN = ('true', 'false')

ARGUMENTS = {argument.name: argument for argument in (
    Argument('namespace', 'Namespace of all nodes: one per robot or camera.'),
    Argument('params_file', 'YAML with node parameters; default: config/pipeline.yaml.'),
    Argument('autostart', 'Configure and activate the nodes at start.', '', BOOLEAN, bool),
    Argument('log_level', 'Severity from which the nodes log.', 'info',
             ('debug', 'info', 'warn', 'error', 'fatal')),
    Argument('use_respawn', 'Start a node again when it dies.', 'false', BOOLEAN),
    Argument('use_sim_time', 'Take the time from /clock.', '', BOOLEAN, bool),
    Argument('source', 'Camera, file, folder, URL, synthetic, demo or auto (the camera if there '
             'is one, else demo).', parameter=str),
    Argument('image_topic', 'Image topic of another driver; no camera of ours is started then.'),
    Argument('image_transport', 'Form of the images to subscribe to; auto takes compressed where '
             'nothing else is published.', '', ('auto', 'raw', 'compressed'), str),
    Argument('image_reliability', 'Delivery of images to ask for; reliable where they get lost.',
             '', ('best_effort', 'reliable'), str),
    Argument('detector', 'Face detector.', '', ('auto', 'retinaface', 'yunet', 'haar'), str),
    Argument('model', 'Model by name or folder.', parameter=str),
    Argument('single_process', 'Run all nodes in one process, wired by direct calls.', 'false',
             BOOLEAN),
    Argument('privacy', 'Let no picture leave the process, not even a crop of a face: all nodes '
             'run in one process, and topics of pictures do not exist.', '', BOOLEAN, bool),
    Argument('overlay', 'Run overlay_node: the picture with what was found drawn onto it.',
             'false', BOOLEAN),
    Argument('markers', 'Run marker_node: faces in space, for rviz.', 'false', BOOLEAN),
    Argument('rviz', 'Start rviz2 with config/fer.rviz, and what it shows of the nodes that can '
             'run here.', 'false', BOOLEAN),
    Argument('web', 'Run web_node: dashboard and HTTP API on http://127.0.0.1:8080 (needs '
             'requirements/web.txt).', 'false', BOOLEAN),
    Argument('peer', 'Address or name of the other host where multicast does not pass; several '
             'with commas.'),
    Argument('record', 'New folder to record face_emotions and expression_events into (a bag, '
             'MCAP); no picture is recorded.'),
)}

#: Where image_transport puts the compressed images, below the raw ones.
_COMPRESSED = '/compressed'

_STANDARD = (
    'namespace', 'params_file', 'autostart', 'log_level', 'use_respawn', 'use_sim_time')

#: Bring-up to its arguments and the nodes it starts.
LAUNCHES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    'pipeline': (
        (*_STANDARD, 'source', 'image_topic', 'image_transport', 'image_reliability', 'detector',
         'model', 'single_process', 'privacy', 'overlay', 'markers', 'rviz', 'web', 'record'),
        (CAMERA, DETECTOR, CLASSIFIER)),
    'edge': (
        (*_STANDARD, 'source', 'image_topic', 'image_transport', 'image_reliability', 'detector',
         'model', 'overlay', 'web', 'peer'),
        (CAMERA, DETECTOR)),
    'compute': (
        (*_STANDARD, 'model', 'markers', 'rviz', 'web', 'record', 'peer'), (CLASSIFIER,)),
}

#: What config/fer.rviz names; in a namespace it is remapped there.
RVIZ_TOPICS = ('/overlay', '/markers', '/image_raw', '/camera_info')


def arguments_of(launch: str) -> tuple[Argument, ...]:
    """Return the arguments of a bring-up. Raises KeyError for an unknown one."""
    return tuple(ARGUMENTS[name] for name in LAUNCHES[launch][0])


def share_folder() -> Path:
    """Return the folder that holds config/ and models/: the checkout or the installed share."""
    package = Path(__file__).resolve().parents[2]
    for folder in (package.parent, *(p / 'share' / 'fer_ros' for p in package.parents)):
        if (folder / 'config' / 'fastdds.xml').is_file():
            return folder
    raise FileNotFoundError(
        f'no config/ belongs to {package}: install fer_ros with colcon or run it from its '
        'checkout')


def plan(
    launch: str, given: Mapping[str, str], environment: Mapping[str, str] | None = None,
) -> list[NodeProcess]:
    """Return the processes a bring-up starts.

    launch: a key of LAUNCHES. given: arguments by name, '' = not given.
    environment: of the caller, os.environ by default.
    Raises ValueError for an argument the bring-up has not, a value it does not take, arguments
    that contradict privacy, a params_file that is not there, or an rviz2 or libraries of the web
    server that are not installed.
    """
    names, executables = LAUNCHES[launch]
    values = {argument.name: argument.default for argument in arguments_of(launch)}
    for name, value in given.items():
        if name not in names:
            raise ValueError(f'{launch} has no argument {name!r}: it takes {", ".join(names)}')
        choices = ARGUMENTS[name].choices
        if value and choices and value.lower() not in choices:
            raise ValueError(f'{name} is {value!r}: it must be one of {", ".join(choices)}')
        values[name] = (value.lower() if choices else value) or values[name]
    image_topic = values.get('image_topic', '')
    if image_topic.endswith(_COMPRESSED):
        # The name of the compressed images themselves: the same is meant.
        image_topic = values['image_topic'] = image_topic.removesuffix(_COMPRESSED)
        values['image_transport'] = values['image_transport'] or 'compressed'
    arguments: tuple[str, ...] = ()
    if image_topic:
        executables = tuple(entry for entry in executables if entry != CAMERA)
    views = _views(values)
    if values.get('privacy') == 'true':
        _check_privacy(values)
        # rviz asks for an overlay, too: it shows the markers alone then.
        views = tuple(node for node in views if node != OVERLAY)
        values['single_process'] = 'true'
    if values.get('single_process') == 'true':
        executables = (SINGLE_PROCESS,)
        options = {'--no-camera': image_topic, '--overlay': OVERLAY in views,
                   '--markers': MARKERS in views}
        arguments = tuple(option for option, wanted in options.items() if wanted)
    else:
        executables += views
    params_file = _params_file(values)
    if not params_file.is_file():
        raise ValueError(f'params_file {params_file} is not there: check the path')
    environment = os.environ if environment is None else environment
    peers = _static_peers(values.get('peer', ''), environment)
    processes = [
        NodeProcess(
            executable, values['namespace'], (params_file,),
            _parameters(values), _remappings(image_topic), arguments,
            {**middleware_environment(environment), **peers},
            values['log_level'], values['use_respawn'] == 'true')
        for executable in executables
    ]
    if values['web'] == 'true':
        processes.append(_web(launch, values, processes[-1]))
    if values.get('record'):
        processes.append(_recorder(values['record'], processes[-1]))
    if environment.get(SECURITY_VARIABLE) == 'true':
        processes = [
            replace(process, enclave=_enclave(process, values)) for process in processes]
    return [*processes, _rviz(values, peers)] if values.get('rviz') == 'true' else processes


def _params_file(values: Mapping[str, str]) -> Path:
    if values['params_file']:
        return Path(values['params_file']).expanduser()
    return share_folder() / 'config' / 'pipeline.yaml'


def check_files(given: Mapping[str, str]) -> list[str]:
    """Look at the files that arguments of a bring-up name; return warnings.

    Raises ValueError for a source that is not there, and for a folder to record into that is.
    """
    source = file_of(given.get('source', ''))
    if source is not None and not source.exists():
        raise ValueError(
            f'source {source} is not there: check the path; a source is {SOURCE_KINDS}')
    recording = given.get('record', '')
    if recording and Path(recording).expanduser().exists():
        raise ValueError(f'record {recording} exists already and is left alone: name a new folder')
    if not given.get('params_file'):
        return []
    # Imported here: it reads the contract, and with it most of the core.
    from fer_ros.ros.unread import unread_sections

    return unread_sections(_params_file(given), given.get('namespace', ''))


def _enclave(process: NodeProcess, values: Mapping[str, str]) -> str:
    """Return the enclave of config/sros2_policy.xml that a process runs in."""
    private = process.executable == SINGLE_PROCESS and values.get('privacy') == 'true'
    return enclave_path(
        SINGLE_PROCESS_PRIVATE if private else process.executable, process.namespace)


def _check_privacy(values: Mapping[str, str]) -> None:
    """Refuse what would have a picture leave the process."""
    if values.get('overlay') == 'true':
        raise ValueError(
            'overlay would publish the picture, and privacy lets none leave the process: take '
            'one of the two')
    if values.get('image_topic'):
        raise ValueError(
            'with image_topic another driver publishes pictures, and privacy lets none leave a '
            'process: name a source that our camera_node opens')


def _views(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the nodes that show something: those asked for, and what rviz would show."""
    asked = {OVERLAY: 'overlay', MARKERS: 'markers'}
    return tuple(
        node for node, name in asked.items()
        if name in values and 'true' in (values[name], values.get('rviz')))


def _web(launch: str, values: Mapping[str, str], beside: NodeProcess) -> NodeProcess:
    """Return web_node. Raises ValueError where its libraries are not installed.

    On the compute host it shows no pictures: they would travel there, and crops alone shall.
    """
    try:
        require_libraries()
    except WebError as error:
        raise ValueError(str(error)) from error
    without_pictures = launch == 'compute' or values.get('privacy') == 'true'
    pictures = {'image_transport': 'none'} if without_pictures else {}
    return replace(
        beside, executable=WEB, arguments=(), parameters={**beside.parameters, **pictures})


def _recorder(folder: str, beside: NodeProcess) -> NodeProcess:
    """Return the process that records; started again, it would find its folder taken."""
    parameters = {
        name: value for name, value in beside.parameters.items() if name == 'use_sim_time'}
    return replace(
        beside, executable=RECORD, arguments=('--output', folder), parameters=parameters,
        remappings=(), respawn=False)


def _rviz(values: Mapping[str, str], environment: Mapping[str, str]) -> NodeProcess:
    """Return rviz2 with our configuration. Raises ValueError where it is not installed."""
    if shutil.which(RVIZ) is None:
        raise ValueError(
            'rviz is true, but there is no rviz2 here: install ros-<distro>-rviz2, or leave rviz '
            'out and watch the topic overlay')
    namespace = values['namespace'].strip('/')
    names = {topic: f'/{namespace}{topic}' for topic in RVIZ_TOPICS} if namespace else {}
    names.update({
        f'/{name}': topic for name, topic in _remappings(values.get('image_topic', ''))
        if f'/{name}' in RVIZ_TOPICS})
    return NodeProcess(
        RVIZ, namespace, (), {}, tuple(names.items()),
        ('-d', str(share_folder() / 'config' / 'fer.rviz')), environment, values['log_level'],
        respawn=False, package=RVIZ)


def _parameters(values: Mapping[str, str]) -> dict[str, Value]:
    parameters: dict[str, Value] = {}
    for name, text in values.items():
        kind = ARGUMENTS[name].parameter
        if kind is not None and text:
            parameters[name] = text.lower() == 'true' if kind is bool else text
    return parameters


def _remappings(image_topic: str) -> tuple[tuple[str, str], ...]:
    """Return the names of another driver: by convention its camera_info lies beside its image."""
    if not image_topic:
        return ()
    parent, slash, _ = image_topic.rpartition('/')
    camera_info = f'{parent}{slash}camera_info'
    return (
        ('image_raw', image_topic),
        ('image_raw/compressed', f'{image_topic}{_COMPRESSED}'),
        ('camera_info', camera_info))


def _static_peers(peer: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variable by which ROS 2 (Iron and later) looks for hosts without multicast."""
    added = [name.strip() for name in peer.split(',') if name.strip()]
    known = [name for name in environment.get(PEERS_VARIABLE, '').split(';') if name]
    return {PEERS_VARIABLE: ';'.join([*known, *added])} if added else {}


def middleware_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that give our nodes a shared memory large enough for images.

    Nothing where another middleware than Fast DDS is chosen or the user has a profile.
    """
    if environment.get('RMW_IMPLEMENTATION', '') not in FAST_DDS or any(
            environment.get(name) for name in PROFILE_VARIABLES):
        return {}
    profile = str(share_folder() / 'config' / 'fastdds.xml')
    return {name: profile for name in _profile_variables(environment)}


def _profile_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return those that the Fast DDS of this ROS reads; version 3 warns of the older name."""
    prefixes = environment.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    is_version_3 = any(
        prefix and (Path(prefix) / 'share' / 'fastdds').is_dir() for prefix in prefixes)
    return PROFILE_VARIABLES[1:] if is_version_3 else PROFILE_VARIABLES
