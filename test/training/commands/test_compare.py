"""Models side by side: figures as JSON, tables and on cards, and each use of PublicTest."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from support.tiny_model import write_tiny_model
from support.training_runs import make_images

from fer_ros.core.classification import load_classifier
from fer_ros.core.crop import FER2013, CropSpec
from fer_ros.core.models import ModelCard
from training.__main__ import main
from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.evaluation.corruptions import CORRUPTIONS
from training.evaluation.robustness import robustness


@pytest.fixture(scope='module')
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    parent = tmp_path_factory.mktemp('models')
    return [write_tiny_model(parent / f'tiny{seed}', seed=seed).folder for seed in (0, 1)]


@pytest.fixture(scope='module')
def public_npz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """42 pictures of which 14 are PublicTest, with votes."""
    path = tmp_path_factory.mktemp('data') / 'public.npz'
    labels = np.arange(42) % 7
    votes = np.zeros((42, 7), np.uint8)
    votes[np.arange(42), labels] = 8
    votes[3, :4] = 2  # no majority
    np.savez(
        path,
        images=make_images(42, 7),
        labels=labels,
        classes=np.array(EXPRESSIONS),
        usage=np.where(np.arange(42) < 14, 1, 0),
        ferplus=votes,
        ferplus_columns=np.array(EXPRESSIONS),
    )
    return path


@pytest.fixture(scope='module')
def compared(
    folders: list[Path], public_npz: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Compare both models in all parts except detection; return the folder with the results."""
    out = tmp_path_factory.mktemp('out')
    arguments = [*map(str, folders), '--data', str(public_npz), '--split', 'public']
    arguments += ['--measure', 'latency', 'accuracy', 'robustness', 'video', '--sample', '7']
    arguments += ['--out', str(out / 'comparison.md'), '--log', str(out / 'runs.jsonl')]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('training.evaluation.video.CLIPS', 2)
        assert main(['compare', *arguments, '--into-cards', 'public']) == 0
    return out


def test_figures_are_written_next_to_the_report(compared: Path) -> None:
    figures = json.loads((compared / 'comparison.json').read_text())
    assert [model['model'] for model in figures['models']] == ['tiny0', 'tiny1']
    assert figures['command'].startswith('python -m training ')
    first, second = figures['models']
    assert first['accuracy']['count'] == 14
    assert first['robustness']['count'] == 7
    assert first['bytes']['model.onnx'] > 0
    for runtime, times in second['latency'].items():
        assert times['milliseconds'] > 0
        assert first['latency'][runtime]['ratio'] == 1


def test_the_report_has_a_table_for_each_question(compared: Path) -> None:
    text = (compared / 'comparison.md').read_text()
    for heading in ('Accuracy', 'Size', 'Time', 'Robustness', 'Video'):
        assert f'## {heading}' in text
    assert 'End to end' not in text
    assert all(f'| {corruption.name} |' in text for corruption in CORRUPTIONS)
    assert (compared / 'comparison_pictures' / 'robustness.png').stat().st_size > 1000


def test_each_run_on_publictest_is_recorded(compared: Path) -> None:
    rows = [json.loads(line) for line in (compared / 'runs.jsonl').read_text().splitlines()]
    assert [row['model'] for row in rows] == ['tiny0', 'tiny1']
    assert all(len(row['model_hash']) == 64 and row['date'] and row['count'] == 14 for row in rows)


def test_cards_contain_recall_and_robustness(compared: Path, folders: list[Path]) -> None:
    metrics = ModelCard.read(folders[0]).metrics['public']
    assert set(metrics['recall']) == set(EXPRESSIONS)
    assert len(metrics['robustness']['blur']) == 3


def test_agreement_excludes_pictures_without_a_majority(compared: Path) -> None:
    votes = json.loads((compared / 'comparison.json').read_text())['models'][0]['accuracy'][
        'ferplus'
    ]
    assert (votes['count'], votes['agreement_of_labels']) == (13, 1.0)


def test_models_with_different_classes_have_a_row_for_each_class(
    folders: list[Path], public_npz: Path, tmp_path: Path
) -> None:
    own = write_tiny_model(tmp_path / 'own', labels=['neutral', 'bored']).folder
    arguments = [str(folders[0]), str(own), '--data', str(public_npz), '--measure', 'accuracy']
    assert main(['compare', *arguments, '--out', str(tmp_path / 'compared.md')]) == 0
    text = (tmp_path / 'compared.md').read_text()
    assert re.search(r'^\| angry \| 6 \| [\d.]+ \|  \|$', text, re.MULTILINE)
    assert '| bored | 0 |  |  |' in text


def test_two_models_of_one_name_are_refused(
    folders: list[Path], public_npz: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(folders[0]), str(folders[0]), '--data', str(public_npz)]
    assert main(['compare', *arguments]) == 1
    assert 'the same name' in capsys.readouterr().err


def test_other_splits_are_not_recorded(
    folders: list[Path], faces_npz: Path, tmp_path: Path
) -> None:
    log = tmp_path / 'runs.jsonl'
    arguments = ['--data', str(faces_npz), '--split', 'test', '--log', str(log)]
    assert main(['evaluate', '--model', str(folders[0]), *arguments]) == 0
    assert not log.exists()


def test_copies_of_another_set_are_reported_separately(
    folders: list[Path], faces_npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('training.data.duplicates.CACHE', tmp_path)
    with np.load(faces_npz) as archive:
        faces = {name: archive[name] for name in archive.files}
    other = {**faces, 'images': faces['images'][3:5, :, ::-1], 'labels': faces['labels'][3:5]}
    del other['splits']
    np.savez(tmp_path / 'other.npz', **other)
    arguments = ['--data', str(faces_npz), '--json', str(tmp_path / 'result.json')]
    arguments += ['--near', str(tmp_path / 'other.npz')]
    assert main(['evaluate', '--model', str(folders[0]), *arguments]) == 0
    figures = json.loads((tmp_path / 'result.json').read_text())
    assert 0 < figures['without_copies']['count'] < figures['count'] == 140


def test_a_run_that_cannot_be_recorded_is_an_error(
    folders: list[Path], public_npz: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ['--data', str(public_npz), '--split', 'public', '--log', str(tmp_path)]
    assert main(['evaluate', '--model', str(folders[0]), *arguments]) == 1
    assert 'cannot record' in capsys.readouterr().err


def test_robustness_includes_the_clean_pictures(folders: list[Path]) -> None:
    classifier = load_classifier(ModelCard.read(folders[0]))
    pictures = make_images(14, 7)
    source = CropSpec(FER2013, 48)
    crops = [classifier.prepare(picture, source) for picture in pictures]
    labels = classifier.logits(crops).argmax(axis=1)
    figures = robustness(classifier, make_dataset(pictures, labels, EXPRESSIONS))
    assert figures['clean'] == 1.0
    assert 0 <= figures['mean'] <= 1


def test_robustness_shows_examples_on_request(
    folders: list[Path], faces_npz: Path, tmp_path: Path
) -> None:
    arguments = ['robustness', '--model', str(folders[0]), '--data', str(faces_npz)]
    arguments += ['--split', 'test', '--sample', '3']
    assert main([*arguments, '--report', str(tmp_path / 'with.md')]) == 0
    assert main([*arguments, '--report', str(tmp_path / 'without.md'), '--no-faces']) == 0
    assert (tmp_path / 'with_pictures' / 'examples.png').exists()
    assert 'examples' not in (tmp_path / 'without.md').read_text()
