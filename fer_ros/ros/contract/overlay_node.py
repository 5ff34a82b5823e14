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
    summary='draws what was found onto the picture it was found in, while somebody watches',
    publishes=(
        Topic(
            OVERLAY,
            'sensor_msgs/Image',
            FRAMES,
            'the picture with boxes and labels, bgr8, header of its source image',
            picture=True,
        ),
        Topic(
            OVERLAY_COMPRESSED,
            'sensor_msgs/CompressedImage',
            FRAMES,
            'the same as JPEG',
            picture=True,
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(
            IMAGE_RAW,
            'sensor_msgs/Image',
            SENSOR_DATA,
            'with image_transport raw, or auto, while somebody subscribes to the overlay',
        ),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            SENSOR_DATA,
            'with image_transport compressed, or auto where no raw images are published, likewise',
        ),
        Topic(FACE_EMOTIONS, 'fer_msgs/FaceEmotionArray', SENSOR_DATA, 'likewise'),
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
            'Draw a bar for each class beside faces large enough, where there is room.',
        ),
        Parameter(
            'attributes',
            _DRAWING.attributes,
            'Draw a bar for each further attribute a model gives.',
        ),
        Parameter(
            'axes',
            _DRAWING.axes,
            "Draw how heads are turned: x out of the face red, y to the person's left green, z up "
            'blue.',
        ),
        Parameter(
            'max_delay',
            0.5,
            'Seconds a picture waits for its results. Where they take longer, the newest picture '
            'is shown with late results faded, on faces that are found again.',
            minimum=0.0,
            maximum=10.0,
        ),
        Parameter(
            'buffer_size',
            128,
            'Megabytes that pictures waiting for their results may take.',
            minimum=1,
            maximum=4096,
        ),
        Parameter('jpeg_quality', 80, 'Quality of overlay/compressed.', minimum=1, maximum=100),
    ),
)
