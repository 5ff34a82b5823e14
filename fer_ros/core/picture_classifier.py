"""Classification of single pictures, without tracking and smoothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.affect import AffectEstimator
from fer_ros.core.attention.attention import CAMERA, AttentionConfig, of_single_picture
from fer_ros.core.attention.facing import facing_probability
from fer_ros.core.classification.classifier import Classifier
from fer_ros.core.crop import cut_crop
from fer_ros.core.detection.base import DetectorConfig, FaceDetector
from fer_ros.core.handover import Handover
from fer_ros.core.pose.estimate import measure_pose
from fer_ros.core.pose.follow import first_pose
from fer_ros.core.position import CameraModel, estimate_position
from fer_ros.core.types import UNCERTAIN, Detection, EmotionSet, FaceEmotion, Frame

#: Largest number of waiting pictures, including the current one. Servers refuse others.
MOST_WAITING = 4


class PictureClassifier:
    """Finds the faces of a picture and classifies their apparent expressions.

    Attributes:
        detector: Finds the faces, for single pictures.
        classifier: Classifies apparent expressions.
        uncertain_threshold: Below this probability the label is `uncertain`, [0, 1].
        attention: When a head counts as turned to the camera.
    """

    def __init__(
        self,
        detector: FaceDetector,
        classifier: Classifier,
        uncertain_threshold: float,
        attributes: Sequence[Classifier] = (),
        attention: AttentionConfig | None = None,
    ) -> None:
        self.detector = detector
        self.classifier = classifier
        self.uncertain_threshold = uncertain_threshold
        self.attention = attention or AttentionConfig()
        self._attributes = tuple(attributes)
        self._affect = AffectEstimator(classifier.class_names)
        self._next_config: Handover[tuple[DetectorConfig, float]] = Handover()

    def set_config(self, detector: DetectorConfig, uncertain_threshold: float) -> None:
        """Apply another configuration from the next picture on, with the same detector.

        You can call it on another thread than the other methods.

        Args:
            detector: Configuration of the search. The name of the detector is ignored.
            uncertain_threshold: [0, 1].
        """
        self._next_config.put((detector, uncertain_threshold))

    def find(self, frame: Frame) -> list[Detection]:
        """Return the faces of a frame, from left to right.

        Raises:
            DetectorError: The detector cannot run with the configuration of set_config().
        """
        config = self._next_config.take()
        if config is not None:
            detector, self.uncertain_threshold = config
            if detector != self.detector.config:
                self.detector.set_config(detector)
        return sorted(self.detector.detect(frame), key=lambda detection: detection.box.center[0])

    def classify(
        self,
        frame: Frame,
        detections: Sequence[Detection] | None = None,
        camera: CameraModel | None = None,
    ) -> EmotionSet:
        """Return the expressions of all faces, from left to right: face1, face2 and so on.

        Args:
            frame: The picture.
            detections: Result of find() for this frame. None searches it.
            camera: The camera, for positions and head poses, at any resolution of the same view.
                None assumes a horizontal field of view of 60 degrees.

        Raises:
            EncodingError: The image does not match its encoding.
            ModelError: The model fails.
        """
        if detections is None:
            detections = self.find(frame)
        crops = [
            cut_crop(frame, detection, self.classifier.crop_spec).image for detection in detections
        ]
        scores = self._attribute_scores(crops)
        camera = camera or CameraModel.from_fov(frame.width, frame.height)
        camera = camera.scaled_to(frame.width, frame.height)
        faces = [
            self._placed(
                self._face(f'face{number}', detection, probabilities, scores[number - 1]),
                detection,
                camera,
            )
            for number, (detection, probabilities) in enumerate(
                zip(detections, self.classifier.classify(crops), strict=True), 1
            )
        ]
        return EmotionSet(
            frame.stamp,
            frame.frame_id,
            frame.width,
            frame.height,
            self.classifier.class_names,
            self.classifier.name,
            self.classifier.model_hash,
            tuple(faces),
        )

    def _attribute_scores(self, crops: Sequence[NDArray[np.uint8]]) -> list[dict[str, float]]:
        """Return task.label to score, of all attributes, for each crop."""
        scores: list[dict[str, float]] = [{} for _ in crops]
        spec = self.classifier.crop_spec
        for attribute in self._attributes:
            rows = attribute.classify([attribute.prepare(crop, spec) for crop in crops])
            for of_face, row in zip(scores, rows, strict=True):
                of_face.update(zip(attribute.score_names, row.tolist(), strict=True))
        return scores

    def _face(
        self,
        face_id: str,
        detection: Detection,
        probabilities: NDArray[np.float32],
        attributes: Mapping[str, float],
    ) -> FaceEmotion:
        best = int(probabilities.argmax())
        name, confidence = self.classifier.class_names[best], float(probabilities[best])
        label = name if confidence >= self.uncertain_threshold else UNCERTAIN
        valence, arousal = self._affect.estimate(probabilities)
        return FaceEmotion(
            face_id=face_id,
            box=detection.box,
            label=label,
            confidence=confidence,
            raw_label=name,
            raw_confidence=confidence,
            probabilities=probabilities,
            valence=valence,
            arousal=arousal,
            attributes=attributes,
            uncertain=label == UNCERTAIN,
        )

    def _placed(self, face: FaceEmotion, detection: Detection, camera: CameraModel) -> FaceEmotion:
        """Return a face with its position, and with landmarks also head pose and attention."""
        position = estimate_position(detection.box, camera)
        landmarks = detection.landmarks
        measured = None if landmarks is None else measure_pose(landmarks, camera)
        if measured is None:
            return replace(face, position=position)
        head_pose = first_pose(measured, position)
        attention = facing_probability(head_pose, CAMERA, self.attention.attention_cone)
        return of_single_picture(replace(face, position=position, head_pose=head_pose), attention)
