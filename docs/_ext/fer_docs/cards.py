"""The page of the models, from their cards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fer_ros.ros.contract.markdown import code, table

MODELS = Path(__file__).resolve().parents[3] / 'models'

#: Metrics of a data set in order, with their names in the table, and whether they are shares.
_FIGURES = {
    'count': ('faces', False),
    'accuracy': ('accuracy', True),
    'balanced_accuracy': ('balanced accuracy', True),
    'macro_f1': ('macro F1', False),
    'ece': ('calibration error', False),
    'nll': ('log loss', False),
}


def cards() -> str:
    """Return a section for each model in models/, expression models first."""
    found = [
        (file, json.loads(file.read_text(encoding='utf-8')))
        for file in sorted(MODELS.glob('*/card.json'))
    ]
    found.sort(key=lambda pair: (pair[1]['task'] != 'expression', pair[1]['name']))
    return '\n\n'.join(_card(file, card) for file, card in found)


def _card(file: Path, card: Mapping[str, Any]) -> str:
    geometry = card['input']['crop_geometry']
    size = card['input']['size']
    files = ', '.join(
        f'{entry["file"]} ({(file.parent / entry["file"]).stat().st_size / 1024:.0f} KiB)'
        for entry in card['files'].values()
    )
    facts = (
        ('for', f'{card["task"]}: {", ".join(card["labels"])}'),
        ('architecture', f'{code(card["architecture"])}, {card["parameters"]:,} parameters'),
        (
            'input',
            f'{size}x{size} {card["input"]["channels"]}, crop geometry {code(geometry["name"])}',
        ),
        ('files', files),
        ('temperature', f'{card["temperature"]:g}'),
        ('licence', card['licence']),
    )
    parts = [f'## {card["name"]}', card['description'], table(('', ''), facts)]
    parts += [f'**Limits.** {card["limits"]}', f'**Trained on.** {card["data"]}']
    parts += _measured(card)
    return '\n\n'.join(parts)


def _measured(card: Mapping[str, Any]) -> list[str]:
    """Return tables: one row for each data set, then one for each class if available."""
    sets = dict(_sets(card['metrics']))
    if not sets:
        return []
    names = [name for name in _FIGURES if any(name in values for values in sets.values())]
    rows = [
        [_set_name(name), *(_figure(values, key) for key in names)]
        for name, values in sets.items()
    ]
    parts = [
        '**Measured** by `python -m training evaluate`, one pass, as the robot runs it:',
        table(['set', *(_FIGURES[name][0] for name in names)], rows),
    ]
    for name, values in sets.items():
        recall, precision = values.get('recall'), values.get('precision')
        if isinstance(recall, dict) and isinstance(precision, dict):
            parts += [
                f'Per class on {_set_name(name)}:',
                _per_class(card['labels'], recall, precision),
            ]
    return parts


def _sets(metrics: Mapping[str, Any], above: str = '') -> list[tuple[str, Mapping[str, Any]]]:
    """Return the evaluated data sets, each followed by its parts."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for name, values in metrics.items():
        if isinstance(values, dict) and 'accuracy' in values:
            full = f'{above}, {name}' if above else name
            found.append((full, values))
            found += _sets(values, full)
    return found


def _per_class(
    labels: Sequence[str],
    recall: Mapping[str, float],
    precision: Mapping[str, float],
) -> str:
    shown = [label for label in labels if label in recall]
    return table(
        ('apparent expression', 'recall', 'precision'),
        [(label, f'{recall[label]:.0%}', f'{precision[label]:.0%}') for label in shown],
    )


def _set_name(name: str) -> str:
    return name.replace('_', ' ')


def _figure(values: Mapping[str, Any], key: str) -> str:
    if not isinstance(values.get(key), (int, float)):
        return ''
    number = values[key]
    if key == 'count':
        return f'{number:,}'
    return f'{number:.1%}' if _FIGURES[key][1] else f'{number:.3f}'
