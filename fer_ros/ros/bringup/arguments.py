"""The arguments of the launch files, and the nodes that they start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fer_ros.ros.contract.shared import DETECTOR as DETECTOR_PARAMETER
from fer_ros.ros.contract.shared import IMAGE_RELIABILITY, IMAGE_TRANSPORT

Value = bool | int | str

CAMERA = 'camera_node'
DETECTOR = 'face_detector_node'
CLASSIFIER = 'emotion_classifier_node'
OVERLAY = 'overlay_node'
MARKER = 'marker_node'
RVIZ = 'rviz2'
RECORD = 'record'
WEB = 'web_node'
SINGLE_PROCESS = 'single_process'

BOOLEAN = ('true', 'false')


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a bring-up.

    Attributes:
        default: '' means not given: the value of params_file applies.
        parameter: The node parameter that it sets, with its type. None if plan() reads it.
    """

    name: str
    description: str
    default: str = ''
    choices: tuple[str, ...] = ()
    parameter: type[Value] | None = None


ARGUMENTS = {
    argument.name: argument
    for argument in (
        Argument('namespace', 'Namespace of all nodes, one for each robot or camera.'),
        Argument(
            'params_file', 'YAML file with node parameters. The default is config/pipeline.yaml.'
        ),
        Argument('autostart', 'Configure and activate the nodes at start.', '', BOOLEAN, bool),
        Argument(
            'log_level',
            'Lowest severity of log messages.',
            'info',
            ('debug', 'info', 'warn', 'error', 'fatal'),
        ),
        Argument('use_respawn', 'Restart a node when it dies.', 'false', BOOLEAN),
        Argument('use_sim_time', 'Use the time from /clock.', '', BOOLEAN, bool),
        Argument(
            'source',
            'Camera, file, folder, URL, synthetic, demo or auto (the camera if there is one, '
            'otherwise demo).',
            parameter=str,
        ),
        Argument(
            'image_topic',
            'Image topic of another camera driver. The launch then starts no camera_node.',
        ),
        Argument(
            'image_transport',
            'Form of the images to subscribe to. auto selects compressed if only '
            'compressed images are published.',
            '',
            IMAGE_TRANSPORT.choices,
            str,
        ),
        Argument(
            'image_reliability',
            'QoS reliability of image subscriptions. Use reliable if images are lost.',
            '',
            IMAGE_RELIABILITY.choices,
            str,
        ),
        Argument('detector', 'Face detector.', '', DETECTOR_PARAMETER.choices, str),
        Argument(
            'depth_topic',
            'Aligned depth image for the distance of faces.',
            parameter=str,
        ),
        Argument('model', 'Model by name or folder.', parameter=str),
        Argument(
            'single_process',
            'Run all nodes in one process, connected by direct calls.',
            'false',
            BOOLEAN,
        ),
        Argument(
            'privacy',
            'Keep every picture and face crop inside the process: all nodes run in one '
            'process, and topics with pictures do not exist.',
            '',
            BOOLEAN,
            bool,
        ),
        Argument(
            'overlay',
            'Run overlay_node, which draws results onto images.',
            'false',
            BOOLEAN,
        ),
        Argument(
            'markers',
            'Run marker_node, which shows the positions of faces in rviz.',
            'false',
            BOOLEAN,
        ),
        Argument(
            'rviz',
            'Start rviz2 with config/fer.rviz, and the nodes for its displays.',
            'false',
            BOOLEAN,
        ),
        Argument(
            'web',
            'Run web_node: the dashboard and the HTTP API on http://127.0.0.1:8080 (needs '
            'requirements/web.txt).',
            'false',
            BOOLEAN,
        ),
        Argument(
            'peer',
            'Address or name of the other host, if multicast does not work. Separate '
            'several with commas.',
        ),
        Argument(
            'record',
            'New folder for a bag (MCAP) with face_emotions, expression_events and '
            'attention_events. No picture is recorded.',
        ),
    )
}

_STANDARD = ('namespace', 'params_file', 'autostart', 'log_level', 'use_respawn', 'use_sim_time')

_DETECTION = (
    'source',
    'image_topic',
    'image_transport',
    'image_reliability',
    'detector',
    'depth_topic',
    'model',
)

#: Arguments and nodes of each launch file.
LAUNCHES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    'pipeline': (
        (
            *_STANDARD,
            *_DETECTION,
            'single_process',
            'privacy',
            'overlay',
            'markers',
            'rviz',
            'web',
            'record',
        ),
        (CAMERA, DETECTOR, CLASSIFIER),
    ),
    'edge': (
        (*_STANDARD, *_DETECTION, 'overlay', 'web', 'peer'),
        (CAMERA, DETECTOR),
    ),
    'compute': ((*_STANDARD, 'model', 'markers', 'rviz', 'web', 'record', 'peer'), (CLASSIFIER,)),
}


def arguments_of(launch: str) -> tuple[Argument, ...]:
    """Return the arguments of a bring-up.

    Raises:
        KeyError: The bring-up is unknown.
    """
    return tuple(ARGUMENTS[name] for name in LAUNCHES[launch][0])
