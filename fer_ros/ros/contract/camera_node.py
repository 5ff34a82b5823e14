"""Table of camera_node."""

from __future__ import annotations

from fer_ros.core.sources.base import SourceConfig
from fer_ros.ros.contract.names import (
    CAMERA_ENABLE,
    CAMERA_ENABLED,
    CAMERA_INFO,
    IMAGE_COMPRESSED,
    IMAGE_RAW,
)
from fer_ros.ros.contract.qos import FRAMES, LATCHED
from fer_ros.ros.contract.schema import NodeContract, Parameter, Service, Topic
from fer_ros.ros.contract.shared import AUTOSTART, DIAGNOSTICS_TOPIC, PRIVACY, flip, rotation

_SOURCE = SourceConfig()

CAMERA_NODE = NodeContract(
    name='camera_node',
    summary='opens a camera, video, picture, folder or stream and publishes its frames',
    publishes=(
        Topic(IMAGE_RAW, 'sensor_msgs/Image', FRAMES, 'frames, stamped at capture', picture=True),
        Topic(
            IMAGE_COMPRESSED,
            'sensor_msgs/CompressedImage',
            FRAMES,
            'the same frames as JPEG, encoded only while somebody subscribes',
            picture=True,
        ),
        Topic(
            CAMERA_INFO,
            'sensor_msgs/CameraInfo',
            FRAMES,
            'calibration, or an approximation from horizontal_fov; stamp of the frame',
        ),
        Topic(
            CAMERA_ENABLED, 'std_msgs/Bool', LATCHED, 'whether the camera is on, at each change'
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(),
    services=(
        Service(
            CAMERA_ENABLE,
            'std_srvs/SetBool',
            'turns the camera on or off, as activate and deactivate do: off lets go of the device',
        ),
    ),
    parameters=(
        AUTOSTART,
        PRIVACY,
        Parameter(
            'source',
            'auto',
            'What to open: auto (the first camera, else demo), a camera index or device, picamera '
            "(a Raspberry Pi's camera module), a video file, a picture, a folder of pictures, an "
            'rtsp or http URL, synthetic (a test pattern), demo (faces from photographs).',
        ),
        Parameter(
            'width',
            _SOURCE.width,
            'Width to ask for in pixels, with height; 0 = as the source has it.',
            minimum=0,
            maximum=16384,
        ),
        Parameter(
            'height',
            _SOURCE.height,
            'Height to ask for in pixels, with width; 0 = as the source has it.',
            minimum=0,
            maximum=16384,
        ),
        Parameter(
            'fps',
            _SOURCE.fps,
            'Frames per second to ask for, 0 = as the source has it. A folder shows each of its '
            'pictures for two seconds then, else once.',
            minimum=0.0,
            maximum=1000.0,
        ),
        Parameter(
            'pixel_format',
            _SOURCE.pixel_format,
            'Four characters such as MJPG to ask a camera for, empty = its default.',
        ),
        Parameter('loop', True, 'Start a file, folder or the demo again at its end.'),
        Parameter(
            'realtime',
            _SOURCE.realtime,
            'Pace files by their own rate. False publishes as fast as they can be read, with '
            "stamps that advance by the media's own time.",
        ),
        Parameter(
            'reconnect_delay',
            0.5,
            'Seconds until a camera or stream that went away is tried again; doubled after each '
            'failure up to 1.5 s.',
            minimum=0.05,
            maximum=1.5,
        ),
        Parameter(
            'read_timeout',
            _SOURCE.read_timeout,
            'Seconds without a frame after which a camera or stream counts as gone.',
            minimum=0.1,
            maximum=600.0,
        ),
        Parameter(
            'frame_id',
            _SOURCE.frame_id,
            "The camera's optical frame (REP-103). For the pictures of a folder their number "
            'follows, as in camera_optical_frame/3: where the frame_id changes, all faces get new '
            'ids.',
        ),
        Parameter(
            'camera_info_url',
            '',
            'Calibration file (YAML of camera_calibration), a path or a file:// URL; empty = '
            'approximate from horizontal_fov.',
        ),
        Parameter(
            'horizontal_fov',
            60.0,
            'Horizontal field of view in degrees for the approximate camera_info.',
            minimum=1.0,
            maximum=179.0,
        ),
        rotation('each frame and its camera_info are turned'),
        flip('each frame'),
        Parameter('jpeg_quality', 80, 'Quality of image_raw/compressed.', minimum=1, maximum=100),
    ),
)
