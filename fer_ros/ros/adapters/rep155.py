"""Faces and apparent expressions in the messages of REP-155."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from fer_ros.core.types import Crop, EmotionSet, Face, FaceEmotion, FaceSet, Frame
from fer_ros.ros import messages

#: Our labels to the names of hri_msgs/Expression. It has none for contempt, for the classes of a
#: model of one's own, and for a face that is uncertain now: those have an empty name, valence and
#: arousal, rather than the name of another expression.
EXPRESSIONS = {
    'neutral': 'neutral',
    'angry': 'angry',
    'sad': 'sad',
    'happy': 'happy',
    'surprise': 'surprised',
    'disgust': 'disgusted',
    'fear': 'scared',
}

_ENCODINGS = {'gray': 'mono8', 'bgr': 'bgr8', 'rgb': 'rgb8'}


class Rep155Messages:
    """Makes the messages of hri_msgs.

    hri_msgs: the module hri_msgs.msg. crop_size: width and height of cropped in pixels.
    """

    def __init__(self, hri_msgs: Any, crop_size: int) -> None:
        self._hri_msgs = hri_msgs
        self.crop_size = crop_size

    def ids(self, face_ids: list[str], faces: FaceSet) -> Any:
        """Return the hri_msgs/IdsList of the faces in view."""
        message = self._hri_msgs.IdsList()
        message.header = messages.header(faces.stamp, faces.frame_id)
        message.ids = face_ids
        return message

    def roi(self, face: Face, faces: FaceSet) -> Any:
        """Return the hri_msgs/NormalizedRegionOfInterest2D of a face, clipped to the image."""
        x, y, width, height = face.box.clipped(faces.image_width, faces.image_height)
        message = self._hri_msgs.NormalizedRegionOfInterest2D()
        message.header = messages.header(faces.stamp, faces.frame_id)
        message.xmin, message.xmax = x / faces.image_width, (x + width) / faces.image_width
        message.ymin, message.ymax = y / faces.image_height, (y + height) / faces.image_height
        message.c = face.confidence
        return message

    def cropped(self, crop: Crop, faces: FaceSet) -> Any:
        """Return the sensor_msgs/Image of the classifier's crop, scaled to crop_size."""
        size = (self.crop_size, self.crop_size)
        image = np.asarray(cv2.resize(crop.image, size), np.uint8)
        return messages.ImageBuffer().fill(
            Frame(image, _ENCODINGS[faces.crop_channels], faces.stamp, faces.frame_id)
        )

    def expression(self, face: FaceEmotion, emotions: EmotionSet) -> Any:
        """Return the hri_msgs/Expression of a face."""
        message = self._hri_msgs.Expression()
        message.header = messages.header(emotions.stamp, emotions.frame_id)
        message.expression = EXPRESSIONS.get(face.label_now, '')
        message.valence, message.arousal = face.valence, face.arousal
        message.confidence = face.confidence
        return message
