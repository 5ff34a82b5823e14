"""The configuration of the pipeline from the parameters of a node."""

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
    """Return the configuration from the parameters of a node.

    Args:
        values: Parameters by name. The rest of the configuration keeps its default. `threads`
            applies to the part of the pipeline in the node.

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
    """Return the builder of the pipeline with the parameters of a node."""
    folders = [folder for folder in values['model_folders'] if folder]
    return PipelineBuilder(pipeline_config(values), ModelStore(folders))
