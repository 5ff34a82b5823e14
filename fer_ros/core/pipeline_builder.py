"""Assembly of the pipeline. No other module does that."""

from __future__ import annotations

from fer_ros.core.classification import Classifier, load_classifier
from fer_ros.core.crop import CropSpec
from fer_ros.core.detection.base import FaceDetector
from fer_ros.core.detection.search import FaceSearch
from fer_ros.core.detection.select import create_detector
from fer_ros.core.models import ModelStore
from fer_ros.core.picture_classifier import PictureClassifier
from fer_ros.core.pipeline import EmotionStage, FaceStage, Pipeline
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.scoring import FaceScorer
from fer_ros.core.timing import Timer, untimed


class PipelineBuilder:
    """Creates the parts of the pipeline from one configuration. Each call creates a new part.

    If a part cannot be created, each method raises a FerError: DetectorError or ModelError.

    Attributes:
        config: Configuration of the parts.
        store: Finds models and the files of detectors.
    """

    def __init__(self, config: PipelineConfig | None = None, store: ModelStore | None = None):
        """Use the default configuration and the default folders if they are not given."""
        self.config = config or PipelineConfig()
        self.store = store or ModelStore()

    def pipeline(self, id_prefix: str | None = None) -> Pipeline:
        """Return both stages together, for frames of a sequence.

        Args:
            id_prefix: Beginning of the ids of faces. None creates a random prefix.
        """
        return Pipeline(self.face_stage(id_prefix=id_prefix), self.emotion_stage())

    def face_stage(
        self,
        *,
        crops: bool = True,
        id_prefix: str | None = None,
        detector: FaceDetector | None = None,
        timed: Timer = untimed,
    ) -> FaceStage:
        """Return the stage from frames to tracked faces.

        Args:
            crops: Whether to cut crops for the classifier.
            id_prefix: Beginning of the ids of faces. None creates a random prefix.
            detector: Detector for single pictures, to search with. None creates one.
            timed: Measures the time of the detection.
        """
        return FaceStage(
            self.sequence_detector(detector),
            self.crop_spec() if crops else None,
            self.config.tracker,
            id_prefix,
            timed,
        )

    def emotion_stage(
        self, *, scorer: FaceScorer | None = None, timed: Timer = untimed
    ) -> EmotionStage:
        """Return the stage from faces to expressions and events.

        Args:
            scorer: Loaded models. None loads them.
            timed: Measures the time of the classification.
        """
        scorer = scorer or self.scorer()
        return EmotionStage(
            scorer.classifier,
            self.config.smoothing,
            self.config.events,
            scorer.attributes,
            timed,
            self.config.attention,
        )

    def picture_classifier(
        self, *, detector: FaceDetector | None = None, scorer: FaceScorer | None = None
    ) -> PictureClassifier:
        """Return the classifier of single pictures, without tracking and smoothing.

        Args:
            detector: Detector for single pictures. None creates one.
            scorer: Loaded models. None loads them.
        """
        scorer = scorer or self.scorer()
        return PictureClassifier(
            detector or self.detector(),
            scorer.classifier,
            self.config.smoothing.uncertain_threshold,
            scorer.attributes,
            self.config.attention,
        )

    def detector(self) -> FaceDetector:
        """Return the detector for single pictures of any size."""
        return create_detector(self.config.detector, self.store)

    def sequence_detector(self, detector: FaceDetector | None = None) -> FaceSearch:
        """Return the detector for frames of a sequence.

        Args:
            detector: Detector for single pictures, to search with. None creates one.
        """
        return FaceSearch(detector or self.detector())

    def scorer(self) -> FaceScorer:
        """Return the loaded models: the classifier and those of further attributes."""
        classifier, *attributes = map(
            self._load, (self.config.classifier.model, *self.config.attribute_models)
        )
        return FaceScorer(classifier, attributes)

    def crop_spec(self) -> CropSpec:
        """Return the crops of the configured model, even if it cannot run here."""
        return self.store.load_card(self.config.classifier.model).crop_spec

    def _load(self, model: str) -> Classifier:
        config = self.config.classifier
        return load_classifier(
            self.store.load_card(model), config.runtime, config.threads, config.device
        )
