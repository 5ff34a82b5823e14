"""Make a trained model choose rare or weak classes more often, by offsets of its logits."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fer_ros.core.classification import load_classifier
from fer_ros.core.models import ModelCard
from training.commands.options import add_data_arguments, finite, parts_of
from training.data.prepare import Parts
from training.errors import TrainingError
from training.evaluation.inference import logits_of, match_classes
from training.exporting.balance import (
    NOTE,
    log_frequencies,
    offsets_for_recall,
    scores_of,
    write_balanced,
)
from training.exporting.precision import PRECISIONS

#: Strengths, and least recalls, in the tables.
STRENGTHS = tuple(step / 10 for step in range(11))
RECALLS = (0.3, 0.35, 0.4, 0.45, 0.5)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add('model', metavar='MODEL', type=Path, help='model folder')
    add(
        '--run',
        type=Path,
        help='run folder: its class counts are used, and its development part is used for '
        'evaluation',
    )
    add(
        '--parts',
        type=Path,
        metavar='FILE',
        help='with --data: parts.npz of the run that trained the model',
    )
    add_data_arguments(parser, required=False)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        '--strength',
        type=finite,
        help='write the model with this share of the log frequency of each class subtracted from '
        'its logit (Menon et al. 2021); without this option and --least, only show the tables',
    )
    chosen.add_argument(
        '--least',
        type=finite,
        metavar='RECALL',
        help='write the model with offsets that raise the recall of each class to at least this '
        'share',
    )
    chosen.add_argument(
        '--offsets',
        nargs='+',
        type=_offset,
        metavar='CLASS=VALUE',
        help='write the model with these offsets of the logits; no data is needed',
    )
    add(
        '--precision',
        choices=PRECISIONS,
        help='precision of the TFLite file, as in export; default: unchanged',
    )


def run(options: argparse.Namespace) -> None:
    """Show the effect of each strength, and write the model if offsets are chosen."""
    card = ModelCard.read(options.model)
    if NOTE in card.data:
        raise TrainingError(f'{options.model} is already balanced: export it again first')
    if options.offsets:
        parts = parts_of(options) if options.run or options.data or options.parts else None
        offsets, note = _given(options.offsets, card), 'logits have offsets'
    else:
        parts = parts_of(options)
        offsets, note = _chosen(options, card, parts)
    if not note:
        return
    if not offsets.any():
        print('no offset is necessary: the model is unchanged')
        return
    raised = ', '.join(
        f'{name} {offset:+.2f}'
        for name, offset in zip(card.labels, offsets, strict=True)
        if offset
    )
    note = f'{note}: {raised}'
    training = parts.training if parts else None
    write_balanced(card, offsets, note, options.precision or '', training)
    print(f'offsets: {raised}')
    print('the temperature is unchanged: run calibrate again')


def _chosen(
    options: argparse.Namespace, card: ModelCard, parts: Parts
) -> tuple[NDArray[np.float64], str]:
    """Show the tables. Return the offsets that --strength or --least defines, and a note."""
    if parts.development is None:
        raise TrainingError(
            'there is no development part to evaluate on: train with --development above 0, or '
            'use --offsets'
        )
    matched = match_classes(parts.development, card.labels)
    logits = logits_of(load_classifier(card), matched.data).astype(np.float64)
    frequencies = log_frequencies(card, parts.training)
    _print_tables(logits, matched.labels, frequencies, card)
    if options.strength is not None:
        share = f'{options.strength:g} of the log frequency of each class is subtracted'
        # The most frequent class keeps its logit. A common offset has no effect.
        return options.strength * (frequencies.max() - frequencies), share
    if options.least is not None:
        offsets = offsets_for_recall(logits, matched.labels, options.least)
        return offsets, f'logits have offsets for a recall of at least {options.least:g}'
    return np.zeros(len(card.labels)), ''


def _print_tables(
    logits: NDArray[np.float64],
    labels: NDArray[np.int64],
    frequencies: NDArray[np.float64],
    card: ModelCard,
) -> None:
    print('strength  accuracy  balanced  least recall')
    for strength in STRENGTHS:
        _print_row(strength, logits - strength * frequencies, labels, card)
    print('least     accuracy  balanced  least recall')
    for recall in RECALLS:
        try:
            offsets = offsets_for_recall(logits, labels, recall)
        except TrainingError as error:
            print(error)
            break
        _print_row(recall, logits + offsets, labels, card)


def _given(offsets: Sequence[tuple[str, float]], card: ModelCard) -> NDArray[np.float64]:
    """Return (K,) offsets from named ones."""
    unknown = [name for name, _ in offsets if name not in card.labels]
    if unknown:
        raise TrainingError(
            f'{card.name} has no class {", ".join(unknown)}: it has {", ".join(card.labels)}'
        )
    values = dict(offsets)
    return np.array([values.get(name, 0.0) for name in card.labels])


def _offset(text: str) -> tuple[str, float]:
    name, _, value = text.partition('=')
    try:
        return name, finite(value)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f'{text!r} is not CLASS=VALUE, such as sad=0.3') from None


def _print_row(
    value: float, logits: NDArray[np.float64], labels: NDArray[np.int64], card: ModelCard
) -> None:
    row = scores_of(logits, labels)
    print(
        f'{value:8.2f}  {row.accuracy:8.4f}  {row.balanced:8.4f}  '
        f'{row.recall[row.least]:.4f} ({card.labels[row.least]})'
    )
