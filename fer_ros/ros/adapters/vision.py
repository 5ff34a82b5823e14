"""Apparent expressions in the messages of vision_msgs."""

from __future__ import annotations

import math
from typing import Any

from geometry_msgs.msg import Point, PoseWithCovariance

from fer_ros.core.types import EmotionSet, FaceEmotion, Position
from fer_ros.ros import messages


class VisionMessages:
    """Makes the messages of vision_msgs; `vision_msgs` is the module vision_msgs.msg."""

    def __init__(self, vision_msgs: Any) -> None:
        self._vision_msgs = vision_msgs

    def label_info(self, emotions: EmotionSet) -> Any:
        """Return the vision_msgs/LabelInfo of the model's classes.

        Its threshold is 0, because detections contain all classes.
        """
        message = self._vision_msgs.LabelInfo()
        message.header = messages.header(emotions.stamp, emotions.frame_id)
        for index, name in enumerate(emotions.class_names):
            entry = self._vision_msgs.VisionClass()
            entry.class_id, entry.class_name = index, name
            message.class_map.append(entry)
        return message

    def detections(self, emotions: EmotionSet) -> Any:
        """Return the vision_msgs/Detection2DArray of all faces."""
        message = self._vision_msgs.Detection2DArray()
        message.header = messages.header(emotions.stamp, emotions.frame_id)
        message.detections = [self._detection(face, emotions) for face in emotions.faces]
        return message

    def _detection(self, face: FaceEmotion, emotions: EmotionSet) -> Any:
        message = self._vision_msgs.Detection2D()
        message.header = messages.header(emotions.stamp, emotions.frame_id)
        message.id = face.face_id
        message.bbox.center.position.x, message.bbox.center.position.y = face.box.center
        message.bbox.size_x, message.bbox.size_y = float(face.box.width), float(face.box.height)
        pose = _pose(face.position)
        for index in (-face.probabilities).argsort():
            result = self._vision_msgs.ObjectHypothesisWithPose()
            result.hypothesis.class_id = str(index)
            result.hypothesis.score = float(face.probabilities[index])
            result.pose = pose
            message.results.append(result)
        return message


def _pose(position: Position | None) -> PoseWithCovariance:
    """Return the position of a face. Only its distance has a known variance. Unknown values are
    NaN."""
    message = PoseWithCovariance()
    if position is None:
        message.pose.position = Point(x=math.nan, y=math.nan, z=math.nan)
    else:
        message.pose.position = Point(x=position.x, y=position.y, z=position.z)
        message.covariance[14] = position.stddev**2
    return message
