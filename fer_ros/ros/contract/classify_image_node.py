"""Table of classify_image_node."""

from __future__ import annotations

from fer_ros.ros.contract.names import CLASSIFY_IMAGE
from fer_ros.ros.contract.schema import NodeContract, Service
from fer_ros.ros.contract.shared import (
    ATTRIBUTE_MODELS,
    AUTOSTART,
    CONFIDENCE,
    DETECTOR,
    DEVICE,
    DIAGNOSTICS_TOPIC,
    MODEL_FOLDERS,
    RUNTIME,
    UNCERTAIN_THRESHOLD,
    horizontal_fov,
    model,
)

CLASSIFY_IMAGE_NODE = NodeContract(
    name='classify_image_node',
    summary='classifies the faces of single pictures on request, without smoothing',
    publishes=(DIAGNOSTICS_TOPIC,),
    subscribes=(),
    parameters=(
        AUTOSTART,
        DETECTOR,
        CONFIDENCE,
        model('Model to classify with: a name in the model folders, or a folder.'),
        MODEL_FOLDERS,
        ATTRIBUTE_MODELS,
        RUNTIME,
        DEVICE,
        UNCERTAIN_THRESHOLD,
        horizontal_fov('of pictures without camera_info, for positions and head poses.'),
    ),
    services=(
        Service(
            CLASSIFY_IMAGE,
            'fer_msgs/ClassifyImage',
            'returns the faces and apparent expressions of one picture, and the annotated '
            'picture on request',
        ),
    ),
)
