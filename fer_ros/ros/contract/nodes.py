"""The public contract of the nodes: topics, types, QoS and parameters.

This table is the one source: nodes declare what stands here, README and config/ repeat it, and
tests hold them together. It imports no ROS, so it can be read and tested without one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.search import Search
from fer_ros.core.display.drawing import DrawingConfig
from fer_ros.core.models import DEFAULT_MODEL
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.sources.base import SourceConfig
from fer_ros.core.tracking import TrackerConfig
from fer_ros.web.settings import TOKEN_VARIABLE, WebSettings

ParameterValue = bool | int | float | str | list[str]


class Applies(Enum):
    """When a new value of a parameter takes effect."""

    ALWAYS = 'at once'
    CONFIGURE = 'at configure'
    START = 'at start'


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its default tells its type.

    minimum, maximum: inclusive range of a number. choices: the allowed strings.
    applies: START is read-only, CONFIGURE may be set while the node is unconfigured.
    """

    name: str
    default: ParameterValue
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    applies: Applies = Applies.ALWAYS

    @property
    def limits(self) -> str:
        """Return the range or the choices as text, empty where anything of the type goes."""
        if self.choices:
            return ', '.join(self.choices)
        if self.minimum is None and self.maximum is None:
            return ''
        low = '' if self.minimum is None else f'{self.minimum:g}'
        high = '' if self.maximum is None else f'{self.maximum:g}'
        return f'{low} to {high}'


@dataclass(frozen=True, slots=True)
class Qos:
    """A QoS profile by its policies: reliable or best_effort, volatile or transient_local.

    Each policy is said, none is left to the middleware: Fast DDS takes transient_local for a
    publisher's system default, and the last picture would go to whoever subscribes later.
    """

    reliability: str
    durability: str
    depth: int

    @property
    def text(self) -> str:
        """Return the profile in words."""
        return f'{self.reliability}, {self.durability}, depth {self.depth}'.replace('_', ' ')


#: Publishers of what comes with each frame. Reliable fits every subscription (REP-2003).
FRAMES = Qos('reliable', 'volatile', 1)
#: Subscriptions to what comes with each frame (REP-2003).
SENSOR_DATA = Qos('best_effort', 'volatile', 1)
EVENTS = Qos('reliable', 'volatile', 1000)
DIAGNOSTICS = Qos('reliable', 'volatile', 10)
RELIABLE = Qos('reliable', 'volatile', 10)
#: For states that who comes later must know. Nothing of a person.
LATCHED = Qos('reliable', 'transient_local', 1)


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic by its relative name, its message type as package/Type, and its QoS.

    name: `~/` at its begin stands for the node's own name.
    picture: it carries pictures of people, or crops of them. With privacy it does not exist.
    """

    name: str
    type: str
    qos: Qos
    description: str
    picture: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service by its relative name, `~/` for the node's own, and its type as package/Type."""

    name: str
    type: str
    description: str


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


@dataclass(frozen=True, slots=True)
class NodeContract:
    """Everything a node shows to the outside; NODE_SERVICES come with each."""

    name: str
    summary: str
    publishes: tuple[Topic, ...]
    subscribes: tuple[Topic, ...]
    parameters: tuple[Parameter, ...]
    services: tuple[Service, ...] = ()

    def topic(self, name: str) -> Topic:
        """Return the topic of that relative name. Raises KeyError."""
        for topic in self.publishes + self.subscribes:
            if topic.name == name:
                return topic
        raise KeyError(name)


IMAGE_RAW = 'image_raw'
IMAGE_COMPRESSED = 'image_raw/compressed'
CAMERA_INFO = 'camera_info'
CAMERA_ENABLE = '~/enable'
CAMERA_ENABLED = '~/enabled'
FACES = 'faces'
FACE_EMOTIONS = 'face_emotions'
EXPRESSION_EVENTS = 'expression_events'
OVERLAY = 'overlay'
OVERLAY_COMPRESSED = 'overlay/compressed'
MARKERS = 'markers'
CLASSIFY_IMAGE = 'classify_image'
IMAGE_ANNOTATIONS = 'image_annotations'
DETECTIONS = 'detections'
LABEL_INFO = 'label_info'
#: REP-155 names. The topics of a face lie beside `tracked`, below its id.
HUMANS_FACES_TRACKED = '/humans/faces/tracked'
FACE_ROI = '/humans/faces/<face_id>/roi'
FACE_CROPPED = '/humans/faces/<face_id>/cropped'
FACE_EXPRESSION = '/humans/faces/<face_id>/expression'

DIAGNOSTICS_TOPIC = Topic(
    '/diagnostics', 'diagnostic_msgs/DiagnosticArray', DIAGNOSTICS,
    'once a second: state with its reason, rate, latency, dropped frames')

AUTOSTART = Parameter(
    'autostart', True,
    'Configure and activate at start. False waits for lifecycle commands.',
    applies=Applies.START)

PRIVACY = Parameter(
    'privacy', False,
    'Let no picture leave the process, not even a crop of a face: the topics that would carry one '
    'do not exist. The nodes then run in one process, as pipeline.launch.py privacy:=true does.',
    applies=Applies.START)


def _track_timeout(default: float) -> Parameter:
    return Parameter(
        'track_timeout', default,
        'Seconds of header stamps without a detection after which a face has left.',
        minimum=0.1, maximum=60.0)


MODEL_FOLDERS = Parameter(
    'model_folders', [''],
    'Folders searched for models first, before FER_ROS_MODEL_PATH, the user\'s data folder and '
    'the installed share. An empty string names none.',
    applies=Applies.CONFIGURE)


def _model(purpose: str) -> Parameter:
    return Parameter('model', DEFAULT_MODEL, purpose, applies=Applies.CONFIGURE)


IMAGE_TRANSPORT = Parameter(
    'image_transport', 'auto',
    'Which form of the image to subscribe to; auto takes compressed where nothing else is '
    'published, and raw otherwise.',
    choices=('auto', 'raw', 'compressed'), applies=Applies.CONFIGURE)
IMAGE_RELIABILITY = Parameter(
    'image_reliability', SENSOR_DATA.reliability,
    'Which delivery of images to ask for. reliable asks again for what got lost; a publisher that '
    'is best effort does not connect then.',
    choices=('best_effort', 'reliable'), applies=Applies.CONFIGURE)

_DETECTOR = DetectorConfig()
_SMOOTHING = SmoothingConfig()
_TRACK_TIMEOUT = TrackerConfig().track_timeout
_SOURCE = SourceConfig()
_DRAWING = DrawingConfig()
_WEB = WebSettings()

DETECTOR = Parameter(
    'detector', 'auto', 'Face detector; auto takes the best that is there.',
    choices=('auto', 'retinaface', 'yunet', 'haar'), applies=Applies.CONFIGURE)
CONFIDENCE = Parameter(
    'confidence', _DETECTOR.confidence,
    'Detections less certain than this are left out.', minimum=0.0, maximum=1.0)
ATTRIBUTE_MODELS = Parameter(
    'attribute_models', [''],
    'Models of further attributes, whose scores go with each face as task.label: gender gives '
    'gender.woman and gender.man. An empty string names none.',
    applies=Applies.CONFIGURE)
RUNTIME = Parameter(
    'runtime', 'auto',
    'What runs the model; auto takes the first installed of litert, onnxruntime, opencv.',
    choices=('auto', 'litert', 'onnxruntime', 'opencv'), applies=Applies.CONFIGURE)
UNCERTAIN_THRESHOLD = Parameter(
    'uncertain_threshold', _SMOOTHING.uncertain_threshold,
    'A face is uncertain while every class is below this probability.', minimum=0.0, maximum=1.0)


CAMERA_NODE = NodeContract(
    name='camera_node',
    summary='opens a camera, video, picture, folder or stream and publishes its frames',
    publishes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', FRAMES,
              'frames, stamped at capture', picture=True),
        Topic(IMAGE_COMPRESSED, 'sensor_msgs/CompressedImage', FRAMES,
              'the same frames as JPEG, encoded only while somebody subscribes', picture=True),
        Topic(CAMERA_INFO, 'sensor_msgs/CameraInfo', FRAMES,
              'calibration, or an approximation from horizontal_fov; stamp of the frame'),
        Topic(CAMERA_ENABLED, 'std_msgs/Bool', LATCHED,
              'whether the camera is on, at each change'),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(),
    services=(
        Service(CAMERA_ENABLE, 'std_srvs/SetBool',
                'turns the camera on or off, as activate and deactivate do: off lets go of the '
                'device'),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        Parameter(
            'source', 'auto',
            'What to open: auto (the first camera, else demo), a camera index or device, a video '
            'file, a picture, a folder of pictures, an rtsp or http URL, synthetic (a test '
            'pattern), demo (faces from photographs).'),
        Parameter(
            'width', _SOURCE.width,
            'Width to ask for in pixels, with height; 0 = as the source has it.',
            minimum=0, maximum=16384),
        Parameter(
            'height', _SOURCE.height,
            'Height to ask for in pixels, with width; 0 = as the source has it.',
            minimum=0, maximum=16384),
        Parameter(
            'fps', _SOURCE.fps,
            'Frames per second to ask for, 0 = as the source has it. A folder shows each of its '
            'pictures for two seconds then, else once.',
            minimum=0.0, maximum=1000.0),
        Parameter(
            'pixel_format', _SOURCE.pixel_format,
            'Four characters such as MJPG to ask a camera for, empty = its default.'),
        Parameter(
            'loop', True, 'Start a file, folder or the demo again at its end.'),
        Parameter(
            'realtime', _SOURCE.realtime,
            'Pace files by their own rate. False publishes as fast as they can be read, with '
            'stamps that advance by the media\'s own time.'),
        Parameter(
            'reconnect_delay', 0.5,
            'Seconds until a camera or stream that went away is tried again; doubled after each '
            'failure up to 1.5 s.', minimum=0.05, maximum=1.5),
        Parameter(
            'read_timeout', _SOURCE.read_timeout,
            'Seconds without a frame after which a camera or stream counts as gone.',
            minimum=0.1, maximum=600.0),
        Parameter(
            'frame_id', _SOURCE.frame_id,
            'The camera\'s optical frame (REP-103). For the pictures of a folder their number '
            'follows, as in camera_optical_frame/3: where the frame_id changes, all faces get new '
            'ids.'),
        Parameter(
            'camera_info_url', '',
            'Calibration file (YAML of camera_calibration), a path or a file:// URL; empty = '
            'approximate from horizontal_fov.'),
        Parameter(
            'horizontal_fov', 60.0,
            'Horizontal field of view in degrees for the approximate camera_info.',
            minimum=1.0, maximum=179.0),
        Parameter(
            'jpeg_quality', 80, 'Quality of image_raw/compressed.', minimum=1, maximum=100),
    ),
)

FACE_DETECTOR_NODE = NodeContract(
    name='face_detector_node',
    summary='finds, tracks and cuts out the faces of each image',
    publishes=(
        Topic(FACES, 'fer_msgs/FaceArray', FRAMES,
              'all faces of each processed image, empty when nobody is seen', picture=True),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', SENSOR_DATA,
              'with image_transport raw, or auto'),
        Topic(IMAGE_COMPRESSED, 'sensor_msgs/CompressedImage', SENSOR_DATA,
              'with image_transport compressed, or auto where no raw images are published'),
        Topic(CAMERA_INFO, 'sensor_msgs/CameraInfo', SENSOR_DATA,
              'for the position of faces; without it positions are NaN'),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        IMAGE_TRANSPORT,
        IMAGE_RELIABILITY,
        DETECTOR,
        Parameter(
            'search', Search.FAST.value,
            'fast looks at every frame at less than half the resolution, and closely where faces '
            'are small or doubtful and at one part after another; economy does so five times a '
            'second and between only looks where faces just were, so that new ones come up to '
            '0.2 s later; full looks closely at every frame.',
            choices=tuple(search.value for search in Search)),
        CONFIDENCE,
        Parameter(
            'input_scale', _DETECTOR.input_scale,
            'The image is resized by this before it is searched: less is faster, more finds '
            'smaller faces.', minimum=0.05, maximum=4.0),
        Parameter(
            'min_face_size', _DETECTOR.min_face_size,
            'Height in pixels of the smallest face to report.', minimum=0.0, maximum=4096.0),
        Parameter(
            'threads', _DETECTOR.threads, 'Processor threads of the detector.',
            minimum=1, maximum=64),
        Parameter(
            'haar_scale_factor', _DETECTOR.haar_scale_factor,
            'Haar only: step between the sizes that are searched.',
            minimum=1.01, maximum=2.0),
        Parameter(
            'haar_min_neighbors', _DETECTOR.haar_min_neighbors,
            'Haar only: raw hits that a face needs.', minimum=1, maximum=50),
        Parameter(
            'haar_equalize_hist', _DETECTOR.haar_equalize_hist,
            'Haar only: spread the gray levels first.'),
        _track_timeout(_TRACK_TIMEOUT),
        Parameter(
            'crops', True,
            'Cut crops for the classifier, while somebody subscribes. False sends regions only.'),
        Parameter(
            'crop_jpeg_quality', 0,
            'Quality of the JPEG as which crops larger than 64x64 pixels are sent, for models '
            'that take such; 0 sends all uncompressed.', minimum=0, maximum=100),
        _model('Model whose card says how crops are cut: a name in the model folders, or a '
               'folder.'),
        MODEL_FOLDERS,
    ),
)

EMOTION_CLASSIFIER_NODE = NodeContract(
    name='emotion_classifier_node',
    summary='classifies, smooths and reports the apparent expression of each face',
    publishes=(
        Topic(FACE_EMOTIONS, 'fer_msgs/FaceEmotionArray', FRAMES,
              'apparent expressions for each faces message, empty when it was'),
        Topic(EXPRESSION_EVENTS, 'fer_msgs/ExpressionEvent', EVENTS,
              'a face appeared, its label changed, it left'),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(FACES, 'fer_msgs/FaceArray', SENSOR_DATA, 'with crops'),
    ),
    parameters=(
        AUTOSTART,
        _model('Model to classify with: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        Parameter(
            'threads', 1, 'Processor threads of the runtime.', minimum=1, maximum=64,
            applies=Applies.CONFIGURE),
        Parameter(
            'smoothing', _SMOOTHING.method,
            'Filter over time: ema (moving average), majority (vote of a window), off.',
            choices=('off', 'majority', 'ema')),
        Parameter(
            'time_constant', _SMOOTHING.time_constant,
            'ema: seconds in which the weight of a frame falls to 1/e.',
            minimum=0.001, maximum=60.0),
        Parameter(
            'window', _SMOOTHING.window, 'majority: number of frames that vote.',
            minimum=1, maximum=1000),
        Parameter(
            'hold', _SMOOTHING.hold,
            'Seconds for which a new label must be 2.7 times as probable as the present one to '
            'replace it; a clearer lead takes less, a smaller one more.',
            minimum=0.0, maximum=60.0),
        Parameter(
            'appear_time', _SMOOTHING.appear_time,
            'Seconds for which a face must be in view before it appears, whatever its label.',
            minimum=0.0, maximum=60.0),
        UNCERTAIN_THRESHOLD,
        _track_timeout(_TRACK_TIMEOUT),
    ),
)

_EMOTIONS_IN = Topic(
    FACE_EMOTIONS, 'fer_msgs/FaceEmotionArray', SENSOR_DATA, 'of emotion_classifier_node')

OVERLAY_NODE = NodeContract(
    name='overlay_node',
    summary='draws what was found onto the picture it was found in, while somebody watches',
    publishes=(
        Topic(OVERLAY, 'sensor_msgs/Image', FRAMES,
              'the picture with boxes and labels, bgr8, header of its source image',
              picture=True),
        Topic(OVERLAY_COMPRESSED, 'sensor_msgs/CompressedImage', FRAMES,
              'the same as JPEG', picture=True),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', SENSOR_DATA,
              'with image_transport raw, or auto, while somebody subscribes to the overlay'),
        Topic(IMAGE_COMPRESSED, 'sensor_msgs/CompressedImage', SENSOR_DATA,
              'with image_transport compressed, or auto where no raw images are published, '
              'likewise'),
        Topic(FACE_EMOTIONS, 'fer_msgs/FaceEmotionArray', SENSOR_DATA, 'likewise'),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        IMAGE_TRANSPORT,
        IMAGE_RELIABILITY,
        Parameter('ids', _DRAWING.ids, 'Write the id below each face.'),
        Parameter(
            'bars', _DRAWING.bars,
            'Draw a bar for each class beside faces large enough, where there is room.'),
        Parameter(
            'attributes', _DRAWING.attributes,
            'Draw a bar for each further attribute a model gives.'),
        Parameter(
            'max_delay', 0.5,
            'Seconds a picture waits for its results. Where they take longer, the newest picture '
            'is shown with late results faded, on faces that are found again.',
            minimum=0.0, maximum=10.0),
        Parameter(
            'buffer_size', 128, 'Megabytes that pictures waiting for their results may take.',
            minimum=1, maximum=4096),
        Parameter(
            'jpeg_quality', 80, 'Quality of overlay/compressed.', minimum=1, maximum=100),
    ),
)

MARKER_NODE = NodeContract(
    name='marker_node',
    summary='shows faces in space, for rviz',
    publishes=(
        Topic(MARKERS, 'visualization_msgs/MarkerArray', RELIABLE,
              'a box and a text for each face with a position, in the camera\'s optical frame; '
              'deleted when the face goes'),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(_EMOTIONS_IN,),
    parameters=(
        AUTOSTART,
        Parameter(
            'lifetime', 1.0, 'Seconds after which a marker goes by itself when nothing comes.',
            minimum=0.1, maximum=60.0),
    ),
)

CLASSIFY_IMAGE_NODE = NodeContract(
    name='classify_image_node',
    summary='classifies the faces of single pictures on request, without smoothing',
    publishes=(DIAGNOSTICS_TOPIC,),
    subscribes=(),
    parameters=(
        AUTOSTART,
        DETECTOR,
        CONFIDENCE,
        _model('Model to classify with: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        RUNTIME,
        UNCERTAIN_THRESHOLD,
    ),
    services=(
        Service(CLASSIFY_IMAGE, 'fer_msgs/ClassifyImage',
                'faces and apparent expressions of one picture, annotated on request'),
    ),
)

WEB_NODE = NodeContract(
    name='web_node',
    summary='shows everything in a browser and answers over HTTP; needs requirements/web.txt',
    publishes=(DIAGNOSTICS_TOPIC,),
    subscribes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', SENSOR_DATA,
              'with image_transport raw, or auto, while somebody looks', picture=True),
        Topic(IMAGE_COMPRESSED, 'sensor_msgs/CompressedImage', SENSOR_DATA,
              'with image_transport compressed, or auto where no raw images are published, '
              'likewise', picture=True),
        _EMOTIONS_IN,
        Topic(EXPRESSION_EVENTS, 'fer_msgs/ExpressionEvent', EVENTS, 'likewise'),
        Topic(DIAGNOSTICS_TOPIC.name, DIAGNOSTICS_TOPIC.type, DIAGNOSTICS,
              'how the nodes in its namespace are'),
    ),
    parameters=(
        AUTOSTART,
        Parameter(
            'address', _WEB.address,
            'Address to listen on. Another than those of this machine alone needs a token.',
            applies=Applies.CONFIGURE),
        Parameter(
            'port', _WEB.port, 'Port to listen on, 0 = a free one.', minimum=0, maximum=65535,
            applies=Applies.CONFIGURE),
        Parameter(
            'token_file', '',
            f'File with the token that clients must show; empty = ${TOKEN_VARIABLE}, if that is '
            'set, else none.', applies=Applies.CONFIGURE),
        Parameter(
            'allowed_hosts', [''],
            'Names under which browsers reach the server besides its address and the name of the '
            'machine. An empty string names none.', applies=Applies.CONFIGURE),
        Parameter(
            'cors_origins', [''],
            'Origins of web applications on other servers whose pages may ask this one, such as '
            'http://localhost:3000. An empty string names none.', applies=Applies.CONFIGURE),
        Parameter(
            'max_upload', _WEB.max_upload // 1_000_000, 'Megabytes that a request may have.',
            minimum=1, maximum=1000, applies=Applies.CONFIGURE),
        Parameter(
            'image_transport', 'auto',
            'Which form of the image to subscribe to; auto takes compressed where nothing else is '
            'published, and raw otherwise. With none no pictures are shown.',
            choices=('auto', 'raw', 'compressed', 'none'), applies=Applies.CONFIGURE),
        IMAGE_RELIABILITY,
        Parameter(
            'jpeg_quality', 80, 'Quality of the pictures that browsers get.',
            minimum=1, maximum=100),
        DETECTOR,
        CONFIDENCE,
        _model('Model for pictures that clients send: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        UNCERTAIN_THRESHOLD,
    ),
)

REP155_NODE = NodeContract(
    name='rep155_node',
    summary='publishes faces as REP-155 says, for the tools of ROS4HRI; needs hri_msgs',
    publishes=(
        Topic(HUMANS_FACES_TRACKED, 'hri_msgs/IdsList', RELIABLE,
              'ids of the faces in view; remap it, and those below follow'),
        Topic(FACE_ROI, 'hri_msgs/NormalizedRegionOfInterest2D', RELIABLE,
              'region of the face, [0, 1]'),
        Topic(FACE_CROPPED, 'sensor_msgs/Image', RELIABLE,
              'the classifier\'s crop, scaled to 128x128', picture=True),
        Topic(FACE_EXPRESSION, 'hri_msgs/Expression', RELIABLE,
              'expression by its REP-155 name, empty where it has none; valence and arousal'),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(FACES, 'fer_msgs/FaceArray', SENSOR_DATA, 'of face_detector_node'),
        _EMOTIONS_IN,
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        _track_timeout(_TRACK_TIMEOUT),
        Parameter(
            'crop_size', 128, 'Width and height of cropped in pixels (REP-155 says 128).',
            minimum=16, maximum=1024),
    ),
)

VISION_MSGS_NODE = NodeContract(
    name='vision_msgs_node',
    summary='publishes apparent expressions as vision_msgs; needs that package',
    publishes=(
        Topic(DETECTIONS, 'vision_msgs/Detection2DArray', FRAMES,
              'one detection for each face; results are all classes, the most probable first'),
        Topic(LABEL_INFO, 'vision_msgs/LabelInfo', LATCHED,
              'names of the class ids in detections'),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(_EMOTIONS_IN,),
    parameters=(AUTOSTART,),
)

FOXGLOVE_NODE = NodeContract(
    name='foxglove_node',
    summary='draws faces in Foxglove\'s image panel; needs foxglove_msgs',
    publishes=(
        Topic(IMAGE_ANNOTATIONS, 'foxglove_msgs/ImageAnnotations', FRAMES,
              'a box and a text for each face, stamp of the source image'),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(_EMOTIONS_IN,),
    parameters=(AUTOSTART,),
)

NODES: Mapping[str, NodeContract] = {
    node.name: node for node in (
        CAMERA_NODE, FACE_DETECTOR_NODE, EMOTION_CLASSIFIER_NODE, OVERLAY_NODE, MARKER_NODE,
        CLASSIFY_IMAGE_NODE, WEB_NODE, REP155_NODE, VISION_MSGS_NODE, FOXGLOVE_NODE)
}
