"""greet: greets each person who smiles, once."""

from __future__ import annotations

from std_msgs.msg import String

from fer_ros.robot import ExpressionEvent, Faces


def main() -> None:
    """Publish a sentence on `say`, for a speech node, for each face that smiles."""
    faces = Faces(name='greet')
    say = faces.node.create_publisher(String, 'say', 10)
    greeted: set[str] = set()

    @faces.on_appeared
    @faces.on_changed
    def greet(event: ExpressionEvent) -> None:
        if event.label == 'happy' and event.face_id not in greeted:
            greeted.add(event.face_id)
            faces.node.get_logger().info(f'{event.face_id} smiles ({event.confidence:.2f})')
            say.publish(String(data='Hello! Nice to see you smile.'))

    @faces.on_left
    def forget(event: ExpressionEvent) -> None:
        greeted.discard(event.face_id)

    faces.spin()
