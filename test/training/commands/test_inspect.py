"""Inspection finds faults of a data set and lists them in a report."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.selection import EXTRAS

from training.__main__ import main
from training.data import duplicates
from training.data.dataset import Dataset

pytest.importorskip('matplotlib', reason='reports need matplotlib')

from training.reports.report import Report


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, 'CACHE', tmp_path / 'cache')


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Ten pictures: 0 and 9 equal across splits, 1 and 2 equal with other labels, 3 blank."""
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (10, 12, 12)).astype(np.uint8)
    images = np.stack([cv2.resize(s, (48, 48), interpolation=cv2.INTER_CUBIC) for s in small])
    images[9] = cv2.resize(images[0][3:46, 3:46], (48, 48))
    images[2] = images[1]
    images[3] = 77
    np.savez(
        tmp_path / 'faulty.npz', images=images, labels=np.array([0, 0, 1, 1, 0, 1, 0, 1, 0, 0]),
        classes=np.array(['happy', 'sad']), splits=np.array(['train'] * 8 + ['test'] * 2),
    )  # fmt: skip
    return tmp_path / 'faulty.npz'


def test_duplicates_conflicts_and_blank_pictures_are_counted(faulty: Path, tmp_path: Path) -> None:
    out = tmp_path / 'found.json'
    assert main(['inspect', '--data', str(faulty), '--json', str(out)]) == 0
    found = json.loads(out.read_text())
    assert found['counts']['train'] == {'happy': 4, 'sad': 4}
    assert found['evaluation_pictures_with_exact_copies_in_training'] == 0
    assert found['evaluation_pictures_with_exact_or_near_copies_in_training'] == 1
    assert found['exact_copies_within_training'] == 1
    assert found['groups_with_conflicting_labels'] == 1
    assert found['blank_pictures'] == ['faulty.npz[3]']
    assert [pair[:2] for pair in found['near_copies']] == [['faulty.npz[0]', 'faulty.npz[9]']]


def test_figures_of_near_copies_are_absent_if_they_were_not_searched(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(['inspect', '--data', str(faulty), '--no-near']) == 0
    told = capsys.readouterr().out
    assert 'exact copies within training: 1' in told
    assert 'near' not in told


@pytest.mark.parametrize('suffix', ['.md', '.html'])
def test_the_report_shows_all_counts(faulty: Path, tmp_path: Path, suffix: str) -> None:
    report = tmp_path / f'report{suffix}'
    assert main(['inspect', '--data', str(faulty), '--report', str(report)]) == 0
    for name in (
        'counts', 'samples', 'brightness', 'size', 'blank', 'near_copies', 'conflicts'
    ):  # fmt: skip
        assert f'report_pictures/{name}.png' in report.read_text()
        assert cv2.imread(str(tmp_path / 'report_pictures' / f'{name}.png')) is not None


def test_conflicting_copies_show_one_picture_of_each_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.reports import data_set

    images = np.repeat(np.random.default_rng(0).integers(0, 256, (1, 48, 48)), 40, axis=0)
    np.savez(
        tmp_path / 'many.npz', images=images.astype(np.uint8), labels=np.arange(40) // 20,
        classes=np.array(['happy', 'sad']),
    )  # fmt: skip
    titles: dict[str, list[str]] = {}
    show = data_set._show

    def note(report: Report, data: Dataset, which: np.ndarray, name: str) -> None:
        titles[name] = [data.classes[data.labels[index]] for index in which]
        show(report, data, which, name)

    monkeypatch.setattr(data_set, '_show', note)
    arguments = ['--data', str(tmp_path / 'many.npz'), '--report', str(tmp_path / 'r.html')]
    assert main(['inspect', *arguments, '--no-near']) == 0
    assert titles['conflicts'] == ['happy', 'sad']


def test_pictures_smaller_than_the_training_size_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, shape in (('a', (20, 30)), ('b', (48, 48)), ('c', (96, 200))):
        path = tmp_path / 'faces' / ('happy' if name == 'a' else 'sad') / f'{name}.png'
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), rng.integers(0, 256, shape).astype(np.uint8))
    out = tmp_path / 'found.json'
    assert main(['inspect', '--data', str(tmp_path / 'faces'), '--json', str(out)]) == 0
    found = json.loads(out.read_text())
    names = ('smallest_side_found', 'median_side_found', 'largest_side_found')
    assert [found[name] for name in names] == [20, 48, 96]
    assert found['smaller_than_size'] == 1


def test_near_duplicates_are_searched_on_request(faulty: Path, tmp_path: Path) -> None:
    out = tmp_path / 'found.json'
    assert main(['inspect', '--data', str(faulty), '--no-near', '--json', str(out)]) == 0
    assert json.loads(out.read_text())['near_copies'] == []


@pytest.mark.extra('data')
def test_public_fer2013_has_the_known_exact_duplicates() -> None:
    from training.data.readers.npz import read_npz
    from training.evaluation.accuracy import copies_of_training

    data = read_npz(EXTRAS / 'data' / 'fer2013_train_public.npz')
    assert 275 <= copies_of_training(data, 'public').sum() <= 285
