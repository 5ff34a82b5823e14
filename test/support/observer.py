"""A program on one of several hosts that prints a line of JSON for each message it receives.

python observer.py face_emotions expression_events diagnostics
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import qos_profile_sensor_data
from rclpy.utilities import remove_ros_args

from fer_msgs.msg import ExpressionEvent, FaceArray, FaceEmotionArray
from fer_ros.ros.messages import stamp_from_time


def say(topic: str, header: Any, **fields: Any) -> None:
    """Print a message as one line of JSON."""
    print(
        json.dumps(
            {
                'topic': topic,
                'received': time.time_ns(),
                'stamp': stamp_from_time(header.stamp),
                **fields,
            }
        ),
        flush=True,
    )


def on_diagnostics(message: DiagnosticArray) -> None:
    """Print each status."""
    for status in message.status:
        say(
            'diagnostics',
            message.header,
            name=status.name,
            message=status.message,
            level=status.level[0],
            **{value.key: value.value for value in status.values},
        )


SUBSCRIPTIONS = {
    'faces': (
        FaceArray,
        'faces',
        lambda m: say('faces', m.header, faces=len(m.faces)),
        qos_profile_sensor_data,
    ),
    'face_emotions': (
        FaceEmotionArray,
        'face_emotions',
        lambda m: say('face_emotions', m.header, faces=[face.face_id for face in m.faces]),
        qos_profile_sensor_data,
    ),
    'expression_events': (
        ExpressionEvent,
        'expression_events',
        lambda m: say('expression_events', m.header, type=m.type, face_id=m.face_id),
        100,
    ),
    'diagnostics': (DiagnosticArray, '/diagnostics', on_diagnostics, 100),
}

rclpy.init()
node = rclpy.create_node('observer')
for name in remove_ros_args(sys.argv)[1:]:
    node.create_subscription(*SUBSCRIPTIONS[name])
rclpy.spin(node)
