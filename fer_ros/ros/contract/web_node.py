"""Table of web_node."""

from __future__ import annotations

from fer_ros.ros.contract.names import (
    ATTENTION_EVENTS,
    CAMERA_ENABLED,
    EXPRESSION_EVENTS,
    IMAGE_COMPRESSED,
    IMAGE_RAW,
)
from fer_ros.ros.contract.qos import DIAGNOSTICS, EVENTS, LATCHED, SENSOR_DATA
from fer_ros.ros.contract.schema import Applies, NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import (
    ATTRIBUTE_MODELS,
    AUTOSTART,
    CONFIDENCE,
    DETECTOR,
    DIAGNOSTICS_TOPIC,
    EMOTIONS_IN,
    IMAGE_RELIABILITY,
    MODEL_FOLDERS,
    RUNTIME,
    UNCERTAIN_THRESHOLD,
    model,
)
from fer_ros.web.serving.settings import TOKEN_VARIABLE, WebSettings

_WEB = WebSettings()

WEB_NODE = NodeContract(
    name='web_node',
    summary='serves the dashboard and the HTTP API; needs requirements/web.txt',
    publishes=(DIAGNOSTICS_TOPIC,),
    subscribes=(
        Topic(
            IMAGE_RAW,
            'sensor_msgs/Image',
            SENSOR_DATA,
            'with image_transport raw, or auto, while a browser shows the dashboard',
            picture=True,
        ),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            SENSOR_DATA,
            'with image_transport compressed, or auto if no raw images are published; at the '
            'same times',
            picture=True,
        ),
        EMOTIONS_IN,
        Topic(
            EXPRESSION_EVENTS,
            'fer_msgs/ExpressionEvent',
            EVENTS,
            'events of emotion_classifier_node',
        ),
        Topic(
            ATTENTION_EVENTS,
            'fer_msgs/AttentionEvent',
            EVENTS,
            'events of attention of emotion_classifier_node',
        ),
        Topic(
            DIAGNOSTICS_TOPIC.name,
            DIAGNOSTICS_TOPIC.type,
            DIAGNOSTICS,
            'the state of the nodes in its namespace',
        ),
        Topic(
            CAMERA_ENABLED.replace('~', 'camera_node'),
            'std_msgs/Bool',
            LATCHED,
            'whether the camera is on',
        ),
    ),
    parameters=(
        AUTOSTART,
        Parameter(
            'privacy',
            False,
            "Show no image, and accept none from a browser's camera, so that no image leaves the "
            'device that took it.',
            applies=Applies.START,
        ),
        Parameter(
            'controls',
            True,
            'Allow the page to change source, camera, model, detector and sensitivity with the '
            'parameters and services of the nodes in its namespace.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'sources',
            [''],
            'Sources that the page offers besides the one at the start, the cameras and the demo: '
            'files, folders or URLs. An empty string means none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'address',
            _WEB.address,
            'Address to listen on. An address that other hosts can reach needs a token.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'port',
            _WEB.port,
            'Port to listen on. 0 selects a free port.',
            minimum=0,
            maximum=65535,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'token_file',
            '',
            f'File with the token that clients must send. If empty, ${TOKEN_VARIABLE} is used if '
            'it is set.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'allowed_hosts',
            [''],
            'Further names under which browsers reach the server, besides its address and the '
            'name of the machine. An empty string means none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'cors_origins',
            [''],
            'Origins of web applications on other servers that may use the API, such as '
            'http://localhost:3000. An empty string means none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'max_upload',
            _WEB.max_upload // 1_000_000,
            'Largest size of a request in megabytes.',
            minimum=1,
            maximum=1000,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'max_video',
            _WEB.max_video // 1_000_000,
            'Largest size of a video in megabytes. The video is kept in memory while it is '
            'processed.',
            minimum=1,
            maximum=1000,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'image_transport',
            'auto',
            'Form of the image to subscribe to. auto selects compressed if only compressed images '
            'are published, and raw otherwise. With none, no images are shown.',
            choices=('auto', 'raw', 'compressed', 'none'),
            applies=Applies.CONFIGURE,
        ),
        IMAGE_RELIABILITY,
        Parameter(
            'jpeg_quality',
            80,
            'JPEG quality of the images for browsers.',
            minimum=1,
            maximum=100,
        ),
        DETECTOR,
        CONFIDENCE,
        model(
            'Model for pictures, videos and cameras of clients: a name in the model folders, or a '
            'folder. If another model is selected on the page, that model is used.'
        ),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        UNCERTAIN_THRESHOLD,
    ),
)
