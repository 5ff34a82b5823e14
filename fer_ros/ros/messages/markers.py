"""Faces in space as markers for rviz."""

from __future__ import annotations

import math

import numpy as np
from geometry_msgs.msg import Point, Quaternion, Vector3
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from fer_ros.core.display.palette import colour_of
from fer_ros.core.pose.rotation import matrix_of
from fer_ros.core.position import BOX_ASPECT, FACE_WIDTH
from fer_ros.core.types import EmotionSet, FaceEmotion, Position
from fer_ros.ros.messages.stamps import duration_message, header

BOXES, TEXTS, AXES = 'faces', 'labels', 'heads'

#: Length of the axes of a head, and width of their lines, metres.
_AXIS_LENGTH, _AXIS_WIDTH = 0.15, 0.012

#: Opacity of the boxes.
OPACITY = 0.6

_FACE_HEIGHT = FACE_WIDTH * BOX_ASPECT
_TEXT_HEIGHT = 0.06
#: From the centre of a face up to its text, metres.
_TEXT_ABOVE = _FACE_HEIGHT / 2 + _TEXT_HEIGHT


class MarkerMaker:
    """Creates the markers to add and to delete for each set of expressions.

    Args:
        lifetime: Seconds after which a marker without an update disappears.
    """

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self._numbers: dict[str, int] = {}
        self._with_axes: set[str] = set()
        self._next = 0

    def update(self, emotions: EmotionSet) -> MarkerArray:
        """Return markers for the faces with a position, and deletions of those that left."""
        positions = {
            face.face_id: face.position
            for face in emotions.faces
            if face.position is not None and _is_finite(face.position)
        }
        gone = [face_id for face_id in self._numbers if face_id not in positions]
        markers = []
        for face_id in gone:
            markers += self._delete(face_id, (BOXES, TEXTS), emotions)
        turned = {face.face_id for face in emotions.faces if face.head_pose is not None}
        for face_id in self._with_axes - (turned & positions.keys()):
            markers += self._delete(face_id, (AXES,), emotions)
        self._with_axes = turned & positions.keys()
        for face_id in gone:
            del self._numbers[face_id]
        for face in emotions.faces:
            position = positions.get(face.face_id)
            if position is not None:
                markers += self._add(face, position, emotions)
        return MarkerArray(markers=markers)

    def clear(self) -> MarkerArray:
        """Return the deletion of everything."""
        self._numbers.clear()
        self._with_axes.clear()
        return MarkerArray(markers=[Marker(action=Marker.DELETEALL)])

    def _number(self, face_id: str) -> int:
        if face_id not in self._numbers:
            self._numbers[face_id] = self._next
            self._next = (self._next + 1) % 2**31
        return self._numbers[face_id]

    def _delete(
        self, face_id: str, namespaces: tuple[str, ...], emotions: EmotionSet
    ) -> list[Marker]:
        of_frame = header(emotions.stamp, emotions.frame_id)
        number = self._numbers[face_id]
        return [
            Marker(header=of_frame, ns=namespace, id=number, action=Marker.DELETE)
            for namespace in namespaces
        ]

    def _add(self, face: FaceEmotion, position: Position, emotions: EmotionSet) -> list[Marker]:
        colour = colour_of(face.label_now, emotions.class_names)
        box = self._marker(face, BOXES, Marker.CUBE, emotions)
        box.pose.position = Point(x=position.x, y=position.y, z=position.z)
        box.scale = Vector3(x=FACE_WIDTH, y=_FACE_HEIGHT, z=FACE_WIDTH)
        box.color = _rgba(colour, OPACITY)
        text = self._marker(face, TEXTS, Marker.TEXT_VIEW_FACING, emotions)
        # y points down in an optical frame (REP-103).
        text.pose.position = Point(x=position.x, y=position.y - _TEXT_ABOVE, z=position.z)
        text.scale.z = _TEXT_HEIGHT
        text.color = _rgba((255, 255, 255), 1.0)
        text.text = f'{face.label_text} {face.confidence:.0%}\n{face.face_id}'
        return [box, text, *self._axes(face, emotions)]

    def _axes(self, face: FaceEmotion, emotions: EmotionSet) -> list[Marker]:
        """Return the axes of the face frame in the colours of rviz. None without a head pose."""
        if face.head_pose is None:
            return []
        axes = self._marker(face, AXES, Marker.LINE_LIST, emotions)
        axes.scale.x = _AXIS_WIDTH
        origin = np.array(face.head_pose.position)
        for number, axis in enumerate(matrix_of(*face.head_pose.orientation).T):
            for x, y, z in (origin.tolist(), (origin + _AXIS_LENGTH * axis).tolist()):
                axes.points.append(Point(x=x, y=y, z=z))
                axes.colors.append(ColorRGBA(a=1.0, **{'rgb'[number]: 1.0}))
        return [axes]

    def _marker(
        self,
        face: FaceEmotion,
        namespace: str,
        kind: int,
        emotions: EmotionSet,
    ) -> Marker:
        marker = Marker(
            header=header(emotions.stamp, emotions.frame_id),
            ns=namespace,
            id=self._number(face.face_id),
            type=kind,
            action=Marker.ADD,
        )
        marker.pose.orientation = Quaternion(w=1.0)
        marker.lifetime = duration_message(self.lifetime)
        return marker


def _is_finite(position: Position) -> bool:
    return all(map(math.isfinite, (position.x, position.y, position.z)))


def _rgba(colour: tuple[int, int, int], opacity: float) -> ColorRGBA:
    blue, green, red = (float(part) / 255.0 for part in colour)
    return ColorRGBA(r=red, g=green, b=blue, a=opacity)
