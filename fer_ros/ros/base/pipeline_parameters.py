"""From the parameters of a node to the configuration of its part of the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fer_ros.core.attention.attention import AttentionConfig
from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.models import ModelStore
from fer_ros.core.options import from_values
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.core.smoothing import SmoothingConfig
from fer_ros.core.tracking import TrackerConfig


def pipeline_config(values: Mapping[str, Any]) -> PipelineConfig:
    """Return the configuration that a node's parameters give.

    Args:
        values: Parameters by name. What a node has no parameter for keeps its default. `threads`
            is of the part that the node has.

    Raises:
        ValueError: A value is out of range.
    """
    method = {'method': values['smoothing']} if 'smoothing' in values else {}
    return PipelineConfig(
        detector=from_values(DetectorConfig, values),
        tracker=from_values(TrackerConfig, values),
        classifier=from_values(ClassifierConfig, values),
        attribute_models=tuple(name for name in values.get('attribute_models', ()) if name),
        smoothing=from_values(SmoothingConfig, {**values, **method}),
        attention=from_values(AttentionConfig, values),
    )


def pipeline_builder(values: Mapping[str, Any]) -> PipelineBuilder:
    """Return what makes the parts of the pipeline by a node's parameters."""
    folders = [folder for folder in values['model_folders'] if folder]
    return PipelineBuilder(pipeline_config(values), ModelStore(folders))
