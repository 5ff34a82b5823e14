"""Faces and apparent expressions in the messages of REP-155."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from fer_ros.core.attention.engagement import Engagement
from fer_ros.core.types import Crop, EmotionSet, Face, FaceEmotion, FaceSet, Frame
from fer_ros.ros import messages

#: Names of hri_msgs/Expression by label. Contempt, classes of other models, and uncertain faces
#: have an empty name, with valence and arousal.
EXPRESSIONS = {
    'neutral': 'neutral',
    'angry': 'angry',
    'sad': 'sad',
    'happy': 'happy',
    'surprise': 'surprised',
    'disgust': 'disgusted',
    'fear': 'scared',
}

#: Names of the five landmarks in hri_msgs/FacialLandmarks, in their order.
LANDMARKS = ('RIGHT_PUPIL', 'LEFT_PUPIL', 'NOSE', 'MOUTH_OUTER_RIGHT', 'MOUTH_OUTER_LEFT')


class Rep155Messages:
    """Makes the messages of hri_msgs.

    Args:
        hri_msgs: The module hri_msgs.msg.
        crop_size: Width and height of `cropped`, pixels.
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

    def landmarks(self, face: Face, faces: FaceSet) -> Any:
        """Return the hri_msgs/FacialLandmarks of a face: five points, the others with c = 0."""
        assert face.landmarks is not None
        message = self._hri_msgs.FacialLandmarks()
        message.header = messages.header(faces.stamp, faces.frame_id)
        message.width, message.height = faces.image_width, faces.image_height
        for name, (x, y) in zip(LANDMARKS, face.landmarks.tolist(), strict=True):
            point = message.landmarks[getattr(message, name)]
            # The message allows [0, 1]. A landmark can be outside the picture.
            point.x = min(max(x / faces.image_width, 0.0), 1.0)
            point.y = min(max(y / faces.image_height, 0.0), 1.0)
            point.c = face.confidence
        return message

    def cropped(self, crop: Crop, faces: FaceSet) -> Any:
        """Return the sensor_msgs/Image of the classifier's crop, scaled to crop_size."""
        size = (self.crop_size, self.crop_size)
        return self._image(cv2.resize(crop.image, size), faces)

    def aligned(self, face: Face, faces: FaceSet) -> Any:
        """Return the same as cropped(), rotated around its centre so that the eyes are level."""
        assert face.crop is not None
        assert face.landmarks is not None
        right, left = face.landmarks[:2] @ face.crop.affine[:, :2].T
        angle = np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0]))
        size = face.crop.image.shape[0]
        turn = cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), float(angle), 1.0)
        turn = np.diag([self.crop_size / size] * 2) @ turn
        return self._image(
            cv2.warpAffine(
                face.crop.image,
                turn,
                (self.crop_size, self.crop_size),
                borderMode=cv2.BORDER_REPLICATE,
            ),
            faces,
        )

    def engagement(self, level: Engagement, emotions: EmotionSet) -> Any:
        """Return the hri_msgs/EngagementLevel of a person."""
        message = self._hri_msgs.EngagementLevel()
        message.header = messages.header(emotions.stamp, emotions.frame_id)
        message.level = level.value
        return message

    def _image(self, image: Any, faces: FaceSet) -> Any:
        pixels = np.asarray(image, np.uint8)
        encoding = messages.CROP_ENCODINGS[faces.crop_channels]
        frame = Frame(pixels, encoding, faces.stamp, faces.frame_id)
        return messages.ImageBuffer().fill(frame)

    def expression(self, face: FaceEmotion, emotions: EmotionSet) -> Any:
        """Return the hri_msgs/Expression of a face."""
        message = self._hri_msgs.Expression()
        message.header = messages.header(emotions.stamp, emotions.frame_id)
        message.expression = EXPRESSIONS.get(face.label_now, '')
        message.valence, message.arousal = face.valence, face.arousal
        message.confidence = face.confidence
        return message
