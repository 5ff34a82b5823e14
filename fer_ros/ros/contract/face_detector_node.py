"""Table of face_detector_node."""

from __future__ import annotations

from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.detection.search import Search
from fer_ros.ros.contract.names import CAMERA_INFO, FACES, IMAGE_COMPRESSED, IMAGE_RAW
from fer_ros.ros.contract.qos import FRAMES, SENSOR_DATA
from fer_ros.ros.contract.schema import NodeContract, Parameter, Topic
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
    model,
)

_DETECTOR = DetectorConfig()
FACE_DETECTOR_NODE = NodeContract(
    name='face_detector_node',
    summary='finds, tracks and cuts out the faces of each image',
    publishes=(
        Topic(
            FACES,
            'fer_msgs/FaceArray',
            FRAMES,
            'all faces of each processed image, empty when nobody is seen',
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
            'with image_transport compressed, or auto where no raw images are published',
        ),
        Topic(
            CAMERA_INFO,
            'sensor_msgs/CameraInfo',
            SENSOR_DATA,
            'for positions and head poses; without it they are NaN',
        ),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        IMAGE_TRANSPORT,
        IMAGE_RELIABILITY,
        DETECTOR,
        Parameter(
            'search',
            Search.FAST.value,
            'fast looks at every frame at less than half the resolution, and closely where faces '
            'are small or doubtful and at one part after another; economy does so five times a '
            'second and between only looks where faces just were, so that new ones come up to '
            '0.2 s later; full looks closely at every frame.',
            choices=tuple(search.value for search in Search),
        ),
        CONFIDENCE,
        Parameter(
            'input_scale',
            _DETECTOR.input_scale,
            'The image is resized by this before it is searched: less is faster, more finds '
            'smaller faces.',
            minimum=0.05,
            maximum=4.0,
        ),
        Parameter(
            'min_face_size',
            _DETECTOR.min_face_size,
            'Height in pixels of the smallest face to report.',
            minimum=0.0,
            maximum=4096.0,
        ),
        Parameter(
            'threads',
            _DETECTOR.threads,
            'Processor threads of the detector.',
            minimum=1,
            maximum=64,
        ),
        Parameter(
            'haar_scale_factor',
            _DETECTOR.haar_scale_factor,
            'Haar only: step between the sizes that are searched.',
            minimum=1.01,
            maximum=2.0,
        ),
        Parameter(
            'haar_min_neighbors',
            _DETECTOR.haar_min_neighbors,
            'Haar only: raw hits that a face needs.',
            minimum=1,
            maximum=50,
        ),
        Parameter(
            'haar_equalize_hist',
            _DETECTOR.haar_equalize_hist,
            'Haar only: spread the gray levels first.',
        ),
        TRACK_TIMEOUT,
        Parameter(
            'crops',
            True,
            'Cut crops for the classifier, while somebody subscribes. False sends regions only.',
        ),
        Parameter(
            'head_poses',
            True,
            'Estimate how heads are turned, of faces with landmarks and while camera_info comes '
            'and somebody subscribes. Without them nobody looks at the robot.',
        ),
        Parameter(
            'crop_jpeg_quality',
            0,
            'Quality of the JPEG as which crops larger than 64x64 pixels are sent, for models '
            'that take such; 0 sends all uncompressed.',
            minimum=0,
            maximum=100,
        ),
        model(
            'Model whose card says how crops are cut: a name in the model folders, or a folder.'
        ),
        MODEL_FOLDERS,
    ),
)
