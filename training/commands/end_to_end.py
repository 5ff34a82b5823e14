"""Evaluate models end to end: detection, crop and classification of faces in camera frames."""

from __future__ import annotations

import argparse
from pathlib import Path

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.commands.options import (
    add_data_arguments,
    add_log_argument,
    add_model_arguments,
    add_sample_arguments,
    add_search_arguments,
    add_split_argument,
    open_listed,
    sample_of,
    search_config,
    split_of,
)
from training.commands.results import publish
from training.evaluation.end_to_end import end_to_end, for_card, lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_model_arguments(parser)
    add_data_arguments(parser)
    add_split_argument(parser)
    add_sample_arguments(parser)
    add_search_arguments(parser)
    parser.add_argument('--json', type=Path, help='file for the figures')
    add_log_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Evaluate each model with each detector, print the results, and write the figures."""
    data = sample_of(split_of(open_listed(options), options), options)
    classifiers = [load_classifier(ModelCard.read(m), options.runtime) for m in options.model]
    results = end_to_end(classifiers, data, search_config(options))
    for classifier, figures in zip(classifiers, results, strict=True):
        publish(
            options, 'end to end', classifier, lines(classifier.name, figures), for_card(figures)
        )
    if options.json:
        names = [str(folder) for folder in options.model]
        write_json(options.json, dict(zip(names, results, strict=True)))
