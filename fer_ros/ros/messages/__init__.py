"""Conversion of ROS messages to core types and back. Only this folder knows fer_msgs and the core.

Messages of other packages are created in adapters, if these are installed.
"""

from fer_ros.ros.messages.camera import CameraInfoBuffer, camera_from_info, camera_info
from fer_ros.ros.messages.emotions import (
    attention_event,
    attention_message,
    emotion_array,
    emotion_set,
    event_message,
    expression_event,
)
from fer_ros.ros.messages.faces import (
    CROP_ENCODINGS,
    LARGEST_RAW_CROP,
    face_array,
    face_set,
)
from fer_ros.ros.messages.geometry import pose_message
from fer_ros.ros.messages.images import (
    ImageBuffer,
    compressed_message,
    depth_image,
    frame,
    frame_from_compressed,
    frame_from_image,
    jpeg_message,
)
from fer_ros.ros.messages.interfaces import message_type, service_type
from fer_ros.ros.messages.stamps import (
    duration_message,
    header,
    stamp_from_time,
    time_from_stamp,
)

__all__ = [
    'CROP_ENCODINGS',
    'LARGEST_RAW_CROP',
    'CameraInfoBuffer',
    'ImageBuffer',
    'attention_event',
    'attention_message',
    'camera_from_info',
    'camera_info',
    'compressed_message',
    'depth_image',
    'duration_message',
    'emotion_array',
    'emotion_set',
    'event_message',
    'expression_event',
    'face_array',
    'face_set',
    'frame',
    'frame_from_compressed',
    'frame_from_image',
    'header',
    'jpeg_message',
    'message_type',
    'pose_message',
    'service_type',
    'stamp_from_time',
    'time_from_stamp',
]
