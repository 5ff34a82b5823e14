"""look_at_nearest: publishes where the nearest face is, for a head that turns to it."""

from __future__ import annotations

import rclpy
from geometry_msgs.msg import Point, PointStamped
from rclpy.node import Node

from fer_ros.robot import Faces, spin
from fer_ros.ros.messages import header


class LookAtNearest(Node):
    """Publishes `gaze_target` ten times a second, in the camera's optical frame."""

    def __init__(self) -> None:
        super().__init__('look_at_nearest')
        self.faces = Faces(self)
        self.publisher = self.create_publisher(PointStamped, 'gaze_target', 1)
        self.create_timer(0.1, self.look)

    def look(self) -> None:
        """Publish the position of the nearest face that has one."""
        places = [(face.position, face) for face in self.faces.now() if face.position]
        if places:
            position, face = min(places, key=lambda place: place[0].z)
            point = Point(x=position.x, y=position.y, z=position.z)
            self.publisher.publish(
                PointStamped(header=header(face.stamp, face.frame_id), point=point)
            )


def main() -> None:
    """Run the node until Ctrl-C."""
    rclpy.init()
    node = LookAtNearest()
    spin(node)
    node.destroy_node()
    rclpy.shutdown()
