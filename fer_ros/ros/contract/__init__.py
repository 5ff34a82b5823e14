"""The public contract of the nodes: topics, types, QoS and parameters.

Nodes declare their interface from these tables. config/ and docs/ are written from them, and tests
compare them. They import no ROS, so they can be read and tested without it.
"""

from fer_ros.ros.contract.adapters import (
    FOXGLOVE_NODE,
    REP155_NODE,
    TF_NODE,
    VISION_MSGS_NODE,
)
from fer_ros.ros.contract.camera_node import CAMERA_NODE
from fer_ros.ros.contract.classify_image_node import CLASSIFY_IMAGE_NODE
from fer_ros.ros.contract.emotion_classifier_node import EMOTION_CLASSIFIER_NODE
from fer_ros.ros.contract.face_detector_node import FACE_DETECTOR_NODE
from fer_ros.ros.contract.marker_node import MARKER_NODE
from fer_ros.ros.contract.names import (
    ATTENTION_EVENTS,
    CAMERA_ENABLE,
    CAMERA_ENABLED,
    CAMERA_INFO,
    CLASSIFY_IMAGE,
    DEPTH,
    DETECTIONS,
    EXPRESSION_EVENTS,
    FACE_ALIGNED,
    FACE_CROPPED,
    FACE_EMOTIONS,
    FACE_EXPRESSION,
    FACE_LANDMARKS,
    FACE_ROI,
    FACES,
    HUMANS_FACES_TRACKED,
    HUMANS_PERSONS_TRACKED,
    IMAGE_ANNOTATIONS,
    IMAGE_COMPRESSED,
    IMAGE_RAW,
    LABEL_INFO,
    MARKERS,
    OVERLAY,
    OVERLAY_COMPRESSED,
    PERSON_ANONYMOUS,
    PERSON_ENGAGEMENT,
    PERSON_FACE_ID,
    SET_CAMERA_INFO,
    TF,
    TF_STATIC,
)
from fer_ros.ros.contract.nodes import NODES
from fer_ros.ros.contract.overlay_node import OVERLAY_NODE
from fer_ros.ros.contract.qos import DIAGNOSTICS, EVENTS, FRAMES, LATCHED, RELIABLE, SENSOR_DATA
from fer_ros.ros.contract.schema import (
    Applies,
    NodeContract,
    Parameter,
    ParameterValue,
    Qos,
    Service,
    Topic,
)
from fer_ros.ros.contract.shared import AUTOSTART, DIAGNOSTICS_TOPIC, NODE_SERVICES, PRIVACY
from fer_ros.ros.contract.web_node import WEB_NODE

__all__ = [
    'ATTENTION_EVENTS',
    'AUTOSTART',
    'CAMERA_ENABLE',
    'CAMERA_ENABLED',
    'CAMERA_INFO',
    'CAMERA_NODE',
    'CLASSIFY_IMAGE',
    'CLASSIFY_IMAGE_NODE',
    'DEPTH',
    'DETECTIONS',
    'DIAGNOSTICS',
    'DIAGNOSTICS_TOPIC',
    'EMOTION_CLASSIFIER_NODE',
    'EVENTS',
    'EXPRESSION_EVENTS',
    'FACES',
    'FACE_ALIGNED',
    'FACE_CROPPED',
    'FACE_DETECTOR_NODE',
    'FACE_EMOTIONS',
    'FACE_EXPRESSION',
    'FACE_LANDMARKS',
    'FACE_ROI',
    'FOXGLOVE_NODE',
    'FRAMES',
    'HUMANS_FACES_TRACKED',
    'HUMANS_PERSONS_TRACKED',
    'IMAGE_ANNOTATIONS',
    'IMAGE_COMPRESSED',
    'IMAGE_RAW',
    'LABEL_INFO',
    'LATCHED',
    'MARKERS',
    'MARKER_NODE',
    'NODES',
    'NODE_SERVICES',
    'OVERLAY',
    'OVERLAY_COMPRESSED',
    'OVERLAY_NODE',
    'PERSON_ANONYMOUS',
    'PERSON_ENGAGEMENT',
    'PERSON_FACE_ID',
    'PRIVACY',
    'RELIABLE',
    'REP155_NODE',
    'SENSOR_DATA',
    'SET_CAMERA_INFO',
    'TF',
    'TF_NODE',
    'TF_STATIC',
    'VISION_MSGS_NODE',
    'WEB_NODE',
    'Applies',
    'NodeContract',
    'Parameter',
    'ParameterValue',
    'Qos',
    'Service',
    'Topic',
]
