"""Evaluate model folders on faces with simulated faults of cameras and occlusions."""

from __future__ import annotations

import argparse
from typing import Any

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.base.files import write_json
from training.commands.options import (
    add_data_arguments,
    add_log_argument,
    add_model_arguments,
    add_report_arguments,
    add_sample_arguments,
    add_split_argument,
    check_report_arguments,
    open_listed,
    sample_of,
    split_of,
)
from training.commands.results import publish
from training.evaluation.robustness import for_card, lines, robustness


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_model_arguments(parser)
    add_data_arguments(parser)
    add_split_argument(parser)
    add_sample_arguments(parser)
    add_report_arguments(parser, 'plot and examples')
    add_log_argument(parser)


def run(options: argparse.Namespace) -> None:
    """Evaluate each model, print a line for each kind of corruption, and write the files."""
    check_report_arguments(options)
    data = sample_of(split_of(open_listed(options), options), options)
    results: dict[str, dict[str, Any]] = {}
    for folder in options.model:
        classifier = load_classifier(ModelCard.read(folder), options.runtime)
        figures = robustness(classifier, data)
        results[classifier.name if classifier.name not in results else str(folder)] = figures
        publish(
            options, 'robustness', classifier, lines(classifier.name, figures), for_card(figures)
        )
    if options.json:
        write_json(options.json, results)
    if options.report:
        from training.reports.robustness import write_report

        examples = None if options.no_faces else data.pictures.load(slice(0, 2))
        write_report(options.report, results, examples)
