"""Figures in README and docs/ equal those of the model cards and of the benchmark page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def read(page: str) -> str:
    """Return a page with its lines joined, because a figure can be at the end of a line."""
    return ' '.join((ROOT / page).read_text(encoding='utf-8').split())


def card(model: str) -> dict[str, Any]:
    """Return the card of a model."""
    content: dict[str, Any] = json.loads((ROOT / 'models' / model / 'card.json').read_text())
    return content


def percent(share: float) -> str:
    """Return a share as the pages write it."""
    return f'{100 * share:.1f} %'


def row(page: str, first: str) -> list[str]:
    """Return the further cells of the first table row that begins with a text."""
    match = re.search(
        rf'^\| {re.escape(first)} \|(.*)\|$', (ROOT / page).read_text(encoding='utf-8'), re.M
    )
    assert match, f'{page} has no row {first!r}'
    return [cell.strip() for cell in match[1].split('|')]


@pytest.mark.parametrize('model', ['default', 'tiny'])
def test_the_model_recipe_ends_with_the_figures_of_the_card(model: str):
    figures = card(model)['metrics']['fer2013_public']
    few = figures['without_copies']
    text = (ROOT / 'models' / 'README.md').read_text(encoding='utf-8')
    section = text.split(f'\n### {model}\n')[1].split('\n### ')[0]
    for name, part in (
        ('PublicTest, all 3589 pictures', figures),
        (f'PublicTest, the {few["count"]} without any copy in training', few),
    ):
        assert f'| {name} | {percent(part["accuracy"])} | {part["ece"]:.3f} |' in section


@pytest.mark.parametrize('model', ['default', 'tiny', 'mini_xception'])
def test_readme_has_the_accuracy_of_the_cards(model: str):
    figures = card(model)['metrics']['fer2013_public']
    few = figures['without_copies']
    shares = (few['accuracy'], few['balanced_accuracy'], figures['video']['right'])
    assert row('README.md', f'fer_ros `{model}`') == [f'{100 * share:.1f}' for share in shares]
    assert f'On {few["count"]} faces' in read('README.md')


def test_the_pages_have_the_figures_of_the_gender_model():
    figures = card('gender')['metrics']['lfw_test_identities']
    man, woman = figures['recall']['man'], figures['recall']['woman']
    training = read('training/README.md')
    assert f'On {figures["count"]} pictures of people' in training
    assert f'the accuracy is {percent(figures["accuracy"])}' in training
    assert f'recall of women is {percent(woman)} and of men {percent(man)}' in training
    configuration = read('docs/configuration.md')
    assert f'{100 * man:.0f} % of the men and {100 * woman:.0f} % of the women' in configuration


@pytest.mark.parametrize('model', ['default', 'tiny', 'mini_xception'])
def test_the_table_of_architectures_has_the_parameters_of_the_card(model: str):
    content = card(model)
    shown = f'{content["parameters"]:,}'.replace(',', ' ')
    table = (ROOT / 'training' / 'README.md').read_text(encoding='utf-8').splitlines()
    rows = [
        line for line in table if line.startswith('| `') and f'`{content["architecture"]}`' in line
    ]
    assert any(shown in line for line in rows)


def test_readme_has_the_speed_of_the_benchmark_page():
    page = 'docs/benchmark.md'
    for program, column in (('fer_ros', 0), ('fer (PyPI)', 1)):
        medians = [float(cell.split()[0]) for cell in row(page, program)]
        (found,) = re.findall(
            rf'^\| {re.escape(program)} \|.*\| (\d+ of \d+ \(\+\d+\)) \|$',
            (ROOT / page).read_text(),
            re.M,
        )
        time = row('README.md', 'median time from frame to labelled face, three scenes')[column]
        assert time == f'{min(medians):.0f} to {max(medians):.0f} ms'
        faces = row('README.md', 'faces found in the test clips and pictures (false ones)')[column]
        assert faces == found.replace('+', '')


def test_readme_has_the_processor_time_of_the_benchmark_page():
    text = read('docs/benchmark.md')
    (further,) = re.findall(r'Each further face: ([\d.]+) ms', text)
    assert f'each further face takes {float(further):.1f} ms' in read('README.md')
    share = row('docs/benchmark.md', 'processor time at 30 Hz, one face, one process')[1]
    assert f'one process uses {float(share.split()[0]):.0f} % of a core' in read('README.md')
