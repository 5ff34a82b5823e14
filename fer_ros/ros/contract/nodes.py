"""Tables of all nodes by name."""

from __future__ import annotations

from collections.abc import Mapping

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
from fer_ros.ros.contract.overlay_node import OVERLAY_NODE
from fer_ros.ros.contract.schema import NodeContract
from fer_ros.ros.contract.web_node import WEB_NODE

NODES: Mapping[str, NodeContract] = {
    node.name: node
    for node in (
        CAMERA_NODE,
        FACE_DETECTOR_NODE,
        EMOTION_CLASSIFIER_NODE,
        OVERLAY_NODE,
        MARKER_NODE,
        CLASSIFY_IMAGE_NODE,
        WEB_NODE,
        TF_NODE,
        REP155_NODE,
        VISION_MSGS_NODE,
        FOXGLOVE_NODE,
    )
}
