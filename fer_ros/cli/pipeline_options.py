"""The common options of commands that run the pipeline."""

from __future__ import annotations

import argparse

from fer_ros.core.arguments import add_option
from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig, Search
from fer_ros.core.options import from_values
from fer_ros.core.pipeline_config import ATTRIBUTE_MODELS, PipelineConfig


def add_pipeline_options(parser: argparse.ArgumentParser, search: Search | None = None) -> None:
    """Add the options that pipeline_config() reads.

    Args:
        parser: The parser to extend.
        search: Default of `--search`. None omits the option, for single pictures.
    """
    add_option(parser, DetectorConfig, 'detector')
    if search is not None:
        add_option(parser, DetectorConfig, 'search', search)
    add_option(parser, DetectorConfig, 'confidence')
    add_option(parser, ClassifierConfig, 'model')
    add_option(parser, ClassifierConfig, 'runtime')
    parser.add_argument(
        '--attribute-model',
        action='append',
        default=[],
        metavar='MODEL',
        help=f'{ATTRIBUTE_MODELS} Repeat the option for several models.',
    )


def pipeline_config(options: argparse.Namespace) -> PipelineConfig:
    """Return the configuration from the options."""
    values = vars(options)
    return PipelineConfig(
        detector=from_values(DetectorConfig, values),
        classifier=from_values(ClassifierConfig, values),
        attribute_models=tuple(options.attribute_model),
    )
