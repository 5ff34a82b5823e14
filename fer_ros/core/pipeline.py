"""The path of a frame: detect, track, cut crops, classify, smooth, report events.

The two stages can run in one process or on two hosts. A FaceSet passes between them.
"""

from __future__ import annotations

from fer_ros.core.emotion_stage import EmotionResult, EmotionStage
from fer_ros.core.face_stage import FaceStage
from fer_ros.core.position import CameraModel
from fer_ros.core.types import Frame

__all__ = ['EmotionResult', 'EmotionStage', 'FaceStage', 'Pipeline']


class Pipeline:
    """Both stages on one thread: frames to expressions and events.

    Args:
        faces: The first stage.
        emotions: The second stage.
    """

    def __init__(self, faces: FaceStage, emotions: EmotionStage) -> None:
        self.faces = faces
        self.emotions = emotions

    def process(self, frame: Frame, camera: CameraModel | None = None) -> EmotionResult:
        """Return the expressions and events of a frame.

        Args:
            frame: The next frame.
            camera: For positions of faces. None omits them.

        Raises:
            FerError: As FaceStage.process() and EmotionStage.process().
        """
        return self.emotions.process(self.faces.process(frame, camera))
