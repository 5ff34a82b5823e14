"""Table of camera_node."""

from __future__ import annotations

from fer_ros.core.sources.base import SourceConfig
from fer_ros.ros.contract.names import (
    CAMERA_ENABLE,
    CAMERA_ENABLED,
    CAMERA_INFO,
    IMAGE_COMPRESSED,
    IMAGE_RAW,
    SET_CAMERA_INFO,
)
from fer_ros.ros.contract.qos import FRAMES, LATCHED
from fer_ros.ros.contract.schema import NodeContract, Parameter, Service, Topic
from fer_ros.ros.contract.shared import (
    AUTOSTART,
    DIAGNOSTICS_TOPIC,
    PRIVACY,
    flip,
    horizontal_fov,
    rotation,
)

CAMERA_NODE = NodeContract(
    name='camera_node',
    summary='reads a camera, video, picture, folder or stream and publishes its frames',
    publishes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', FRAMES, 'frames, stamped at capture', picture=True),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            FRAMES,
            'the same frames as JPEG, encoded only while there is a subscriber',
            picture=True,
        ),
        Topic(
            CAMERA_INFO,
            'sensor_msgs/CameraInfo',
            FRAMES,
            'calibration, or an approximation from horizontal_fov, with the stamp of the frame',
        ),
        Topic(
            CAMERA_ENABLED,
            'std_msgs/Bool',
            LATCHED,
            'whether the camera is on, sent at each change',
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(),
    services=(
        Service(
            CAMERA_ENABLE,
            'std_srvs/SetBool',
            'turns the camera on (like activate) or off (like deactivate); off releases the '
            'device',
        ),
        Service(
            SET_CAMERA_INFO,
            'sensor_msgs/SetCameraInfo',
            'writes a calibration to the file of camera_info_url and uses it; camera_calibration '
            'calls it',
        ),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        Parameter(
            'source',
            'auto',
            'What to open: a camera index or device, picamera (the camera module of a Raspberry '
            'Pi), a video file, a picture, a folder of pictures, an rtsp or http URL, synthetic '
            '(a test pattern), demo (faces from photographs), or auto. auto opens the first '
            'camera that delivers frames, and plays demo with a warning if there is none. On a '
            'robot, always name the camera, because demo reports people who are not there.',
        ),
        Parameter.of(SourceConfig, 'width'),
        Parameter.of(SourceConfig, 'height'),
        Parameter.of(SourceConfig, 'fps'),
        Parameter.of(SourceConfig, 'pixel_format'),
        Parameter.of(SourceConfig, 'loop', default=True),
        Parameter.of(SourceConfig, 'realtime'),
        Parameter.of(SourceConfig, 'reconnect_delay'),
        Parameter.of(SourceConfig, 'read_timeout'),
        Parameter.of(SourceConfig, 'frame_id'),
        Parameter(
            'camera_info_url',
            '',
            'Calibration file (YAML of camera_calibration): a path, a file:// URL or '
            'package://<package>/<path in its share>. If it is empty, or if there is no such file '
            'yet, camera_info is approximated from horizontal_fov.',
        ),
        horizontal_fov('for the approximate camera_info.'),
        rotation('each frame and its camera_info are rotated'),
        flip('each frame'),
        Parameter(
            'jpeg_quality', 80, 'JPEG quality of image_raw/compressed.', minimum=1, maximum=100
        ),
    ),
)
