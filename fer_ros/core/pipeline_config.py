"""The configuration of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field

from fer_ros.core.attention.attention import AttentionConfig
from fer_ros.core.classification.config import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.events import EventConfig
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.tracking import TrackerConfig

#: Description of attribute_models, for a parameter or an option.
ATTRIBUTE_MODELS = (
    'Models of further attributes, by name or folder. Each face gets their scores under the name '
    'task.label, for example gender.woman and gender.man.'
)


@dataclass(frozen=True, slots=True)
class PipelineConfig:
    """The configuration of the whole pipeline, each part with its own.

    Attributes:
        detector: The detector and its search.
        tracker: How faces are tracked.
        classifier: The model and its runtime. The model determines the crops.
        attribute_models: Models of further attributes by name or folder, on the same runtime.
        smoothing: How probabilities become labels. For single pictures, only uncertain_threshold
            applies.
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
        """Return the configuration of events: a face leaves when its id ends."""
        return EventConfig(self.tracker.track_timeout)
