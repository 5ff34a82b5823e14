"""Table of marker_node."""

from __future__ import annotations

from fer_ros.ros.contract.names import MARKERS
from fer_ros.ros.contract.qos import RELIABLE
from fer_ros.ros.contract.schema import NodeContract, Parameter, Topic
from fer_ros.ros.contract.shared import AUTOSTART, DIAGNOSTICS_TOPIC, EMOTIONS_IN

MARKER_NODE = NodeContract(
    name='marker_node',
    summary='publishes the positions of faces as markers for rviz',
    publishes=(
        Topic(
            MARKERS,
            'visualization_msgs/MarkerArray',
            RELIABLE,
            'a box and a text for each face with a position, and the axes of each head with a '
            "head pose, in the camera's optical frame; deleted when the face leaves",
        ),
        DIAGNOSTICS_TOPIC,
    ),
    subscribes=(EMOTIONS_IN,),
    parameters=(
        AUTOSTART,
        Parameter(
            'lifetime',
            1.0,
            'Seconds after which a marker disappears if no update arrives.',
            minimum=0.1,
            maximum=60.0,
        ),
    ),
)
