"""Table of face_detector_node."""

from __future__ import annotations

from fer_ros.core.detection.base import DetectorConfig
from fer_ros.ros.contract.names import CAMERA_INFO, DEPTH, FACES, IMAGE_COMPRESSED, IMAGE_RAW
from fer_ros.ros.contract.qos import FRAMES, SENSOR_DATA
from fer_ros.ros.contract.schema import Applies, NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import (
    AUTOSTART,
    CONFIDENCE,
    DETECTOR,
    DIAGNOSTICS_TOPIC,
    IMAGE_RELIABILITY,
    IMAGE_TRANSPORT,
    MODEL_FOLDERS,
    PRIVACY,
    TRACK_TIMEOUT,
    flip,
    model,
    rotation,
    transforms_in,
)

FACE_DETECTOR_NODE = NodeContract(
    name='face_detector_node',
    summary='finds, tracks and cuts out the faces of each image',
    publishes=(
        Topic(
            FACES,
            'fer_msgs/FaceArray',
            FRAMES,
            'all faces of each processed image; empty if there is no face',
            picture=True,
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', SENSOR_DATA, 'with image_transport raw, or auto'),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            SENSOR_DATA,
            'with image_transport compressed, or auto if no raw images are published',
        ),
        Topic(
            CAMERA_INFO,
            'sensor_msgs/CameraInfo',
            SENSOR_DATA,
            'used for positions and head poses; without it, they are NaN',
        ),
        Topic(
            DEPTH,
            'sensor_msgs/Image',
            SENSOR_DATA,
            'the topic that depth_topic names: 16UC1 in millimetres or 32FC1 in metres, aligned '
            'with the image',
            parameter='depth_topic',
        ),
        *transforms_in('upright_frame'),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        IMAGE_TRANSPORT,
        IMAGE_RELIABILITY,
        DETECTOR,
        Parameter.of(DetectorConfig, 'search'),
        Parameter.of(DetectorConfig, 'overview_rate'),
        CONFIDENCE,
        Parameter.of(DetectorConfig, 'input_scale'),
        Parameter.of(DetectorConfig, 'min_face_size'),
        Parameter.of(DetectorConfig, 'threads'),
        Parameter.of(DetectorConfig, 'device', applies=Applies.CONFIGURE),
        Parameter.of(DetectorConfig, 'haar_scale_factor'),
        Parameter.of(DetectorConfig, 'haar_min_neighbors'),
        Parameter.of(DetectorConfig, 'haar_equalize_hist'),
        TRACK_TIMEOUT,
        Parameter(
            'crops',
            True,
            'Cut crops for the classifier while there is a subscriber. If false, only regions '
            'are sent.',
        ),
        rotation('the image is rotated before the search'),
        flip('the image'),
        Parameter(
            'upright_frame',
            '',
            'TF frame whose z axis points up, such as base_link. The rotation then follows the '
            "transform to the camera's optical frame. Needs tf2_ros. If empty, rotation applies.",
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'depth_topic',
            '',
            'Topic of a depth image that is aligned with the image, for the distance of faces. If '
            'empty, the distance is computed from the size of the face.',
            applies=Applies.CONFIGURE,
        ),
        Parameter(
            'depth_tolerance',
            0.05,
            'Largest difference in seconds between the stamps of an image and its depth image. '
            'Above this difference, the distance is computed from the size of the face.',
            minimum=0.0,
            maximum=1.0,
        ),
        Parameter(
            'head_poses',
            True,
            'Estimate the head pose of faces with landmarks, if camera_info is published and '
            'there is a subscriber. If false, no head counts as turned to the robot.',
        ),
        Parameter(
            'crop_jpeg_quality',
            0,
            'JPEG quality of crops larger than 64x64 pixels, for models with a larger input. '
            '0 sends all crops uncompressed.',
            minimum=0,
            maximum=100,
        ),
        model(
            'Model whose card defines the crop geometry: a name in the model folders, or a folder.'
        ),
        MODEL_FOLDERS,
    ),
)
