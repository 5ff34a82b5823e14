"""Apparent expressions in the messages of foxglove_msgs."""

from __future__ import annotations

from typing import Any

from fer_ros.core.display.palette import Colour, colour_of, readable_on
from fer_ros.core.types import EmotionSet, FaceEmotion
from fer_ros.ros import messages

_TEXT_TO_IMAGE_HEIGHT = 0.03
_LINE_TO_IMAGE_HEIGHT = 0.004


class FoxgloveMessages:
    """Makes the messages of foxglove_msgs; `foxglove_msgs` is the module foxglove_msgs.msg."""

    def __init__(self, foxglove_msgs: Any) -> None:
        self._foxglove_msgs = foxglove_msgs

    def annotations(self, emotions: EmotionSet) -> Any:
        """Return the foxglove_msgs/ImageAnnotations of all faces."""
        message = self._foxglove_msgs.ImageAnnotations()
        if hasattr(message, 'timestamp'):
            # Newer versions of the package have this field, and then read only this one.
            message.timestamp = messages.time_from_stamp(emotions.stamp)
        message.points = [self._box(face, emotions) for face in emotions.faces]
        message.texts = [self._text(face, emotions) for face in emotions.faces]
        return message

    def _box(self, face: FaceEmotion, emotions: EmotionSet) -> Any:
        message = self._foxglove_msgs.PointsAnnotation()
        message.timestamp = messages.time_from_stamp(emotions.stamp)
        message.type = self._foxglove_msgs.PointsAnnotation.LINE_LOOP
        box = face.box
        right, bottom = box.x + box.width, box.y + box.height
        message.points = [
            self._point(x, y)
            for x, y in ((box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom))
        ]
        message.outline_color = self._colour(colour_of(face.label_now, emotions.class_names))
        message.thickness = max(1.0, _LINE_TO_IMAGE_HEIGHT * emotions.image_height)
        return message

    def _text(self, face: FaceEmotion, emotions: EmotionSet) -> Any:
        message = self._foxglove_msgs.TextAnnotation()
        message.timestamp = messages.time_from_stamp(emotions.stamp)
        message.position = self._point(face.box.x, face.box.y)
        message.text = f'{face.label_text} {face.confidence:.0%} {face.face_id}'
        message.font_size = _TEXT_TO_IMAGE_HEIGHT * emotions.image_height
        background = colour_of(face.label_now, emotions.class_names)
        message.text_color = self._colour(readable_on(background))
        message.background_color = self._colour(background)
        return message

    def _point(self, x: float, y: float) -> Any:
        message = self._foxglove_msgs.Point2()
        message.x, message.y = float(x), float(y)
        return message

    def _colour(self, colour: Colour) -> Any:
        message = self._foxglove_msgs.Color()
        message.b, message.g, message.r = (part / 255 for part in colour)
        message.a = 1.0
        return message
