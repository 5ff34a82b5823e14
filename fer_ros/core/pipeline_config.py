"""What the pipeline is made of and how it works, wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from fer_ros.core.attention.attention import AttentionConfig
from fer_ros.core.classification.config import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.events import EventConfig
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.tracking import TrackerConfig

#: What attribute_models are for, as parameters and options say it.
ATTRIBUTE_MODELS = (
    'Models of further attributes, by name or folder. Their scores go with each face as '
    'task.label: gender gives gender.woman and gender.man.'
)


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """The configuration of the whole pipeline, each part with its own.

    Attributes:
        detector: Which detector, and how it searches.
        tracker: How faces are followed.
        classifier: Which model, and what runs it. The model says how crops are cut.
        attribute_models: Models of further attributes by name or folder, on the same runtime.
        smoothing: How probabilities become labels. Of single pictures only uncertain_threshold
            counts.
        attention: What counts as looking at the robot.
    """

    detector: DetectorConfig = field(default_factory=DetectorConfig)
    tracker: TrackerConfig = field(default_factory=TrackerConfig)
    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    attribute_models: tuple[str, ...] = ()
    smoothing: SmoothingConfig = field(default_factory=SmoothingConfig)
    attention: AttentionConfig = field(default_factory=AttentionConfig)

    @property
    def events(self) -> EventConfig:
        """Return when a face has left: when its identity ends."""
        return EventConfig(self.tracker.track_timeout)
