"""A random part of a data set, the same for a seed: enough for figures that take long."""

from __future__ import annotations

import argparse

import numpy as np

from training.data.dataset import Dataset
from training.errors import TrainingError


def add_sample_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that take_sample reads."""
    parser.add_argument('--sample', type=int, default=600, help='pictures to take; 0: all')
    parser.add_argument('--seed', type=int, default=0, help='of the sample and all that is random')


def take_sample(data: Dataset, options: argparse.Namespace) -> Dataset:
    """Return as many pictures as options.sample says, in their order; all where it is 0."""
    if options.sample < 0:
        raise TrainingError(f'--sample must not be negative, not {options.sample}')
    if not 0 < options.sample < len(data):
        return data
    chosen = np.random.default_rng(options.seed).permutation(len(data))[: options.sample]
    return data.subset(np.sort(chosen))
