"""tf_node: a TF frame for each face.

The transforms are dynamic, one for each message. TF drops old ones, so nothing remains after a
face leaves. Only tf2_msgs is needed, because tf2 itself is for listeners.
"""

from __future__ import annotations

from typing import Any

from geometry_msgs.msg import Transform, TransformStamped, Vector3

from fer_ros.core.types import EmotionSet
from fer_ros.ros import messages
from fer_ros.ros.adapters.packages import messages_of
from fer_ros.ros.base.emotion_converter import EmotionConverter
from fer_ros.ros.base.run import run_nodes
from fer_ros.ros.contract import TF, TF_NODE


class TfNode(EmotionConverter):
    """Broadcasts the frames of each message."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(TF_NODE, **kwargs)

    def configure(self) -> None:
        """Find tf2_msgs and create the publisher."""
        self._tf2_msgs = messages_of('tf2_msgs')
        self._publisher = self.create_contract_publisher(TF)

    def publish_emotions(self, emotions: EmotionSet) -> None:
        """Broadcast the frames of the faces with a head pose."""
        if not self.has_frame(emotions):
            return
        header = messages.header(emotions.stamp, emotions.frame_id)
        transforms = []
        for face in emotions.faces:
            if face.head_pose is not None:
                pose = messages.pose_message(face.head_pose).pose
                place = Vector3(x=pose.position.x, y=pose.position.y, z=pose.position.z)
                transforms.append(
                    TransformStamped(
                        header=header,
                        child_frame_id=f'face_{face.face_id}',
                        transform=Transform(translation=place, rotation=pose.orientation),
                    )
                )
        if transforms:
            self._publisher.publish(self._tf2_msgs.TFMessage(transforms=transforms))


def main() -> int:
    """Run tf_node."""
    return run_nodes(lambda: [TfNode()])
