"""look_at_who_looks: publishes the position of the nearest face that looks at the robot."""

from __future__ import annotations

import rclpy
from geometry_msgs.msg import Point, PointStamped
from rclpy.node import Node

from fer_ros.robot import Faces, spin
from fer_ros.ros.messages import header


class LookAtWhoLooks(Node):
    """Publishes `gaze_target` ten times per second, in the camera's optical frame."""

    def __init__(self) -> None:
        super().__init__('look_at_who_looks')
        self.faces = Faces(self)
        self.publisher = self.create_publisher(PointStamped, 'gaze_target', 1)
        self.create_timer(0.1, self.look)

    def look(self) -> None:
        """Publish the point between the eyes of the nearest person who looks at the robot."""
        heads = [(face.head_pose, face) for face in self.faces.now() if face.looks]
        places = [(head.position, face) for head, face in heads if head is not None]
        if places:
            (x, y, z), face = min(places, key=lambda place: place[0][2])
            target = Point(x=x, y=y, z=z)
            at = header(face.stamp, face.frame_id)
            self.publisher.publish(PointStamped(header=at, point=target))


def main() -> None:
    """Run the node until Ctrl-C."""
    rclpy.init()
    node = LookAtWhoLooks()
    spin(node)
    node.destroy_node()
    rclpy.shutdown()
