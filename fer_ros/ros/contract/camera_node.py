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
from fer_ros.ros.contract.shared import AUTOSTART, DIAGNOSTICS_TOPIC, PRIVACY

_SOURCE = SourceConfig()

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
            'turns the camera on or off, like activate and deactivate; off releases the device',
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
            'Requested width in pixels, together with height. 0 keeps the width of the source.',
            minimum=0,
            maximum=16384,
        ),
        Parameter(
            'height',
            _SOURCE.height,
            'Requested height in pixels, together with width. 0 keeps the height of the source.',
            minimum=0,
            maximum=16384,
        ),
        Parameter(
            'fps',
            _SOURCE.fps,
            'Requested frames per second. 0 keeps the rate of the source; a folder then shows '
            'each picture for two seconds, otherwise once.',
            minimum=0.0,
            maximum=1000.0,
        ),
        Parameter(
            'pixel_format',
            _SOURCE.pixel_format,
            'Requested pixel format of a camera, four characters such as MJPG. Empty keeps its '
            'default.',
        ),
        Parameter('loop', True, 'Restart a file, a folder or the demo at its end.'),
        Parameter(
            'realtime',
            _SOURCE.realtime,
            'Play files at their own rate. If false, they are published as fast as they can be '
            'read, and stamps advance with the time of the media.',
        ),
        Parameter(
            'reconnect_delay',
            0.5,
            'Seconds until a lost camera or stream is tried again. The time doubles after each '
            'failure, up to 1.5 s.',
            minimum=0.05,
            maximum=1.5,
        ),
        Parameter(
            'read_timeout',
            _SOURCE.read_timeout,
            'Seconds without a frame after which a camera or stream counts as lost.',
            minimum=0.1,
            maximum=600.0,
        ),
        Parameter(
            'frame_id',
            _SOURCE.frame_id,
            "The camera's optical frame (REP-103). For pictures of a folder, their number is "
            'added, as in camera_optical_frame/3. When the frame_id changes, all faces get new '
            'ids.',
        ),
        Parameter(
            'camera_info_url',
            '',
            'Calibration file (YAML of camera_calibration), a path or a file:// URL. If empty, '
            'camera_info is approximated from horizontal_fov.',
        ),
        Parameter(
            'horizontal_fov',
            60.0,
            'Horizontal field of view in degrees for the approximate camera_info.',
            minimum=1.0,
            maximum=179.0,
        ),
        Parameter(
            'jpeg_quality', 80, 'JPEG quality of image_raw/compressed.', minimum=1, maximum=100
        ),
    ),
)
