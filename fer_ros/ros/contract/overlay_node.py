"""Table of overlay_node."""

from __future__ import annotations

from fer_ros.core.display.drawing import DrawingConfig
from fer_ros.ros.contract.names import (
    FACE_EMOTIONS,
    IMAGE_COMPRESSED,
    IMAGE_RAW,
    OVERLAY,
    OVERLAY_COMPRESSED,
)
from fer_ros.ros.contract.qos import FRAMES, SENSOR_DATA
from fer_ros.ros.contract.schema import NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import (
    AUTOSTART,
    DIAGNOSTICS_TOPIC,
    IMAGE_RELIABILITY,
    IMAGE_TRANSPORT,
    PRIVACY,
)

_DRAWING = DrawingConfig()

OVERLAY_NODE = NodeContract(
    name='overlay_node',
    summary='draws results onto their images while there is a subscriber',
    publishes=(
        Topic(
            OVERLAY,
            'sensor_msgs/Image',
            FRAMES,
            'the image with boxes and labels, bgr8, with the header of its source image',
            picture=True,
        ),
        Topic(
            OVERLAY_COMPRESSED,
            'sensor_msgs/CompressedImage',
            FRAMES,
            'the same images as JPEG',
            picture=True,
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(
            IMAGE_RAW,
            'sensor_msgs/Image',
            SENSOR_DATA,
            'with image_transport raw, or auto, while there is a subscriber to the overlay',
        ),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            SENSOR_DATA,
            'with image_transport compressed, or auto if no raw images are published; at the '
            'same times',
        ),
        Topic(FACE_EMOTIONS, 'fer_msgs/FaceEmotionArray', SENSOR_DATA, 'at the same times'),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        IMAGE_TRANSPORT,
        IMAGE_RELIABILITY,
        Parameter('ids', _DRAWING.ids, 'Write the id below each face.'),
        Parameter(
            'bars',
            _DRAWING.bars,
            'Draw a bar for each class next to large faces, if there is room.',
        ),
        Parameter(
            'attributes',
            _DRAWING.attributes,
            'Draw a bar for each further attribute.',
        ),
        Parameter(
            'axes',
            _DRAWING.axes,
            "Draw the head pose as axes: x out of the face in red, y to the person's left in "
            'green, z up in blue.',
        ),
        Parameter(
            'max_delay',
            0.5,
            'Seconds that an image waits for its results. If they take longer, the newest image '
            'is shown with the late results, faded, on the faces that are found again.',
            minimum=0.0,
            maximum=10.0,
        ),
        Parameter(
            'buffer_size',
            128,
            'Memory in megabytes for images that wait for their results.',
            minimum=1,
            maximum=4096,
        ),
        Parameter(
            'jpeg_quality', 80, 'JPEG quality of overlay/compressed.', minimum=1, maximum=100
        ),
    ),
)
