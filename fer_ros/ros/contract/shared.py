"""The common parts of the tables of several nodes."""

from __future__ import annotations

from collections.abc import Mapping

from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.pipeline_config import ATTRIBUTE_MODELS as ATTRIBUTE_MODELS_TEXT
from fer_ros.core.position import HORIZONTAL_FOV
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.tracking import TrackerConfig
from fer_ros.ros.contract.names import FACE_EMOTIONS, TF, TF_STATIC
from fer_ros.ros.contract.qos import DIAGNOSTICS, SENSOR_DATA, STATIC_TRANSFORMS, TRANSFORMS
from fer_ros.ros.contract.schema import Applies, Parameter, Topic

#: Services of every node below its own name: lifecycle and parameters.
NODE_SERVICES: Mapping[str, str] = {
    'change_state': 'lifecycle_msgs/ChangeState',
    'get_state': 'lifecycle_msgs/GetState',
    'get_available_states': 'lifecycle_msgs/GetAvailableStates',
    'get_available_transitions': 'lifecycle_msgs/GetAvailableTransitions',
    'get_transition_graph': 'lifecycle_msgs/GetAvailableTransitions',
    'describe_parameters': 'rcl_interfaces/DescribeParameters',
    'get_parameters': 'rcl_interfaces/GetParameters',
    'get_parameter_types': 'rcl_interfaces/GetParameterTypes',
    'list_parameters': 'rcl_interfaces/ListParameters',
    'set_parameters': 'rcl_interfaces/SetParameters',
    'set_parameters_atomically': 'rcl_interfaces/SetParametersAtomically',
}

DIAGNOSTICS_TOPIC = Topic(
    '/diagnostics',
    'diagnostic_msgs/DiagnosticArray',
    DIAGNOSTICS,
    'once a second: the state with its reason, the rate, the latency and dropped frames',
)

AUTOSTART = Parameter(
    'autostart',
    True,
    'Configure and activate the node at start. If false, it waits for lifecycle commands.',
    applies=Applies.START,
)

PRIVACY = Parameter(
    'privacy',
    False,
    'Keep every picture and face crop inside the process. Topics that would carry pictures or '
    'crops do not exist. Use the launch argument privacy:=true, which also runs all nodes in one '
    'process.',
    applies=Applies.START,
)

TRACK_TIMEOUT = Parameter.of(TrackerConfig, 'track_timeout')

MODEL_FOLDERS = Parameter(
    'model_folders',
    [''],
    "Folders to search for models before FER_ROS_MODEL_PATH, the user's data folder and the "
    'installed share. An empty string means none.',
    applies=Applies.CONFIGURE,
)


def model(purpose: str) -> Parameter:
    """Return the parameter model with a description of how the node uses it."""
    return Parameter.of(ClassifierConfig, 'model', description=purpose, applies=Applies.CONFIGURE)


def rotation(what: str) -> Parameter:
    """Return the parameter rotation.

    Args:
        what: The rotated thing, in a sentence.
    """
    return Parameter(
        'rotation',
        0,
        f'Degrees clockwise by which {what}: 0, 90, 180 or 270. Use 180 for a camera that is '
        'mounted upside down.',
        minimum=0,
        maximum=270,
    )


def flip(what: str) -> Parameter:
    """Return the parameter flip.

    Args:
        what: The mirrored thing, in a sentence.
    """
    return Parameter('flip', False, f'Mirror {what} before the rotation.')


def horizontal_fov(what: str) -> Parameter:
    """Return the parameter horizontal_fov.

    Args:
        what: What it is for.
    """
    return Parameter(
        'horizontal_fov',
        HORIZONTAL_FOV,
        f'Horizontal field of view in degrees {what}',
        minimum=1.0,
        maximum=179.0,
    )


def transforms_in(parameter: str) -> tuple[Topic, Topic]:
    """Return the topics of the transforms that a parameter with the name of a frame needs."""
    text = f'if {parameter} is set'
    kind = 'tf2_msgs/TFMessage'
    return (
        Topic(TF, kind, TRANSFORMS, text, parameter=parameter),
        Topic(TF_STATIC, kind, STATIC_TRANSFORMS, text, parameter=parameter),
    )


IMAGE_TRANSPORT = Parameter(
    'image_transport',
    'auto',
    'Form of the image to subscribe to. auto selects compressed if only compressed images are '
    'published, and raw otherwise.',
    choices=('auto', 'raw', 'compressed'),
    applies=Applies.CONFIGURE,
)
IMAGE_RELIABILITY = Parameter(
    'image_reliability',
    SENSOR_DATA.reliability,
    'QoS reliability of the subscription to images. With reliable, lost images are sent again, '
    'but no images arrive from a best-effort publisher.',
    choices=('best_effort', 'reliable'),
    applies=Applies.CONFIGURE,
)

DETECTOR = Parameter.of(DetectorConfig, 'detector', applies=Applies.CONFIGURE)
CONFIDENCE = Parameter.of(DetectorConfig, 'confidence')
ATTRIBUTE_MODELS = Parameter(
    'attribute_models',
    [''],
    f'{ATTRIBUTE_MODELS_TEXT} An empty string means none.',
    applies=Applies.CONFIGURE,
)
RUNTIME = Parameter.of(ClassifierConfig, 'runtime', applies=Applies.CONFIGURE)
DEVICE = Parameter.of(ClassifierConfig, 'device', applies=Applies.CONFIGURE)
UNCERTAIN_THRESHOLD = Parameter.of(SmoothingConfig, 'uncertain_threshold')

EMOTIONS_IN = Topic(
    FACE_EMOTIONS, 'fer_msgs/FaceEmotionArray', SENSOR_DATA, 'results of emotion_classifier_node'
)
