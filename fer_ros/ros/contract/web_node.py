"""Table of web_node."""

from __future__ import annotations

from fer_ros.ros.contract.names import (
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
from fer_ros.web.settings import TOKEN_VARIABLE, WebSettings

_WEB = WebSettings()

WEB_NODE = NodeContract(
    name='web_node',
    summary='shows everything in a browser and answers over HTTP; needs requirements/web.txt',
    publishes=(DIAGNOSTICS_TOPIC,),
    subscribes=(
        Topic(
            IMAGE_RAW,
            'sensor_msgs/Image',
            SENSOR_DATA,
            'with image_transport raw, or auto, while somebody looks',
            picture=True,
        ),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            SENSOR_DATA,
            'with image_transport compressed, or auto where no raw images are published, likewise',
            picture=True,
        ),
        EMOTIONS_IN,
        Topic(EXPRESSION_EVENTS, 'fer_msgs/ExpressionEvent', EVENTS, 'likewise'),
        Topic(
            DIAGNOSTICS_TOPIC.name,
            DIAGNOSTICS_TOPIC.type,
            DIAGNOSTICS,
            'how the nodes in its namespace are',
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
            "Show no picture, and take none of a browser's camera, so that no picture leaves the "
            'device that took it.',
            applies=Applies.START,
        ),
        Parameter(
            'controls',
            True,
            'Let people at the page change source, camera, model, detector and sensitivity, by '
            'parameters and services of the nodes in its namespace.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'sources',
            [''],
            'Sources that people at the page may choose besides the one at the start, the cameras '
            'and the demo: files, folders, URLs. An empty string names none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'address',
            _WEB.address,
            'Address to listen on. Another than those of this machine alone needs a token.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'port',
            _WEB.port,
            'Port to listen on, 0 = a free one.',
            minimum=0,
            maximum=65535,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'token_file',
            '',
            f'File with the token that clients must show; empty = ${TOKEN_VARIABLE}, if that is '
            'set, else none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'allowed_hosts',
            [''],
            'Names under which browsers reach the server besides its address and the name of the '
            'machine. An empty string names none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'cors_origins',
            [''],
            'Origins of web applications on other servers whose pages may ask this one, such as '
            'http://localhost:3000. An empty string names none.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'max_upload',
            _WEB.max_upload // 1_000_000,
            'Megabytes that a request may have.',
            minimum=1,
            maximum=1000,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'max_video',
            _WEB.max_video // 1_000_000,
            'Megabytes that a video may have. It is held in memory while it is looked at.',
            minimum=1,
            maximum=1000,
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'image_transport',
            'auto',
            'Which form of the image to subscribe to; auto takes compressed where nothing else is '
            'published, and raw otherwise. With none no pictures are shown.',
            choices=('auto', 'raw', 'compressed', 'none'),
            applies=Applies.CONFIGURE,
        ),
        IMAGE_RELIABILITY,
        Parameter(
            'jpeg_quality',
            80,
            'Quality of the pictures that browsers get.',
            minimum=1,
            maximum=100,
        ),
        DETECTOR,
        CONFIDENCE,
        model('Model for pictures that clients send: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        UNCERTAIN_THRESHOLD,
    ),
)
