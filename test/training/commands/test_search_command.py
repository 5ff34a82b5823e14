"""Shapes are trained alike, measured in turns and sorted, and a search continues."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.__main__ import main
from training.commands.search import best_first

pytestmark = pytest.mark.usefixtures('keras_backend')

SHAPES = ('face_resnet-2-4x1-4x1', 'face_resnet-4-4x1k-8x1-separable')


@pytest.fixture(scope='module')
def arguments(faces_npz: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return a search that was run."""
    out = tmp_path_factory.mktemp('search') / 'out'
    given = ['search', '--data', str(faces_npz), '--out', str(out), '--shape', *SHAPES]
    given += ['--epochs', '1', '--batch-size', '16', '--copies', 'exact', '--development', '0.2']
    assert main(given) == 0
    return given


def _out(arguments: list[str]) -> Path:
    return Path(arguments[arguments.index('--out') + 1])


@pytest.mark.usefixtures('tensorflow')
def test_a_search_writes_the_figures_of_each_shape(arguments: list[str]) -> None:
    out = _out(arguments)
    rows = json.loads((out / 'search.json').read_text())['shapes']
    assert {row['shape'] for row in rows} == set(SHAPES)
    for row in rows:
        assert row['epochs'] == 1
        assert 0 <= row['development_accuracy'] <= 1
        assert row['multiply_adds'] > row['parameters'] > 0
        assert row['latency']
        assert all(times['ratio'] > 0 for times in row['latency'].values())
    text = (out / 'search.md').read_text()
    assert all(f'| {shape} |' in text for shape in SHAPES)
    assert all(f'| {runtime}, ms |' in text for runtime in rows[0]['latency'])
    assert (out / 'search_pictures' / 'accuracy_and_time.png').stat().st_size > 1000
    records = [json.loads((out / shape / 'record.json').read_text()) for shape in SHAPES]
    settings = [{**record['arguments'], 'model': None} for record in records]
    assert settings[0] == settings[1]


@pytest.mark.usefixtures('tensorflow')
def test_a_second_search_keeps_trained_shapes(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    weights = _out(arguments) / SHAPES[0] / 'last.npz'
    before = weights.stat().st_mtime_ns
    assert main(arguments) == 0
    assert f'{SHAPES[0]} is trained' in capsys.readouterr().out
    assert weights.stat().st_mtime_ns == before


@pytest.mark.usefixtures('tensorflow')
def test_other_settings_are_refused_in_the_same_folder(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, '--rate', '0.5']) == 1
    assert 'rate 0.001 -> 0.5' in capsys.readouterr().err


@pytest.mark.parametrize(
    ('options', 'named'),
    [
        (['--shape', 'face_resnet-0-4'], "no architecture 'face_resnet-0-4'"),
        (['--shape', 'face_resnet-2-4', '--everything'], 'remove --everything'),
        (['--shape', 'face_resnet-2-4', '--development', '0'], '--development above 0'),
    ],
)
@pytest.mark.usefixtures('tensorflow')
def test_a_search_without_a_result_is_refused(
    options: list[str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['search', '--data', 'none.npz', '--out', str(tmp_path / 'out'), *options]) == 1
    assert named in capsys.readouterr().err


def test_shapes_that_are_slower_and_less_accurate_come_last() -> None:
    figures = {'slow': (0.7, 4.0), 'worse': (0.5, 3.0), 'fast': (0.6, 1.0), 'equal': (0.6, 1.5)}
    rows = [
        {'shape': name, 'development_accuracy': accuracy, 'time': time}
        for name, (accuracy, time) in figures.items()
    ]
    sorted_rows = best_first(rows)
    assert [row['shape'] for row in sorted_rows] == ['fast', 'slow', 'equal', 'worse']
    assert [row['best'] for row in sorted_rows] == [True, True, False, False]
