"""A run stores which pictures it used, also if duplicates are found differently elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.training_runs import train

from training.data.labels import EXPRESSIONS
from training.data.open import open_data
from training.errors import DataError, TrainingError
from training.learning.config import TrainConfig
from training.learning.parts import PARTS, open_run_data, select
from training.learning.run import Run

pytestmark = pytest.mark.usefixtures('keras_backend')


@pytest.fixture
def run(trained_run: Path, tmp_path: Path) -> Path:
    """A run folder that a test may change."""
    return Path(shutil.copytree(trained_run, tmp_path / 'run'))


@pytest.fixture
def other_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processor differs, so the duplicates must not be searched again."""

    def fail(*arguments: object, **options: object) -> None:
        raise AssertionError('copies were looked for')

    monkeypatch.setattr('training.learning.parts.find_copies', fail)


def test_a_run_stores_its_parts_and_training_pictures(run: Path, other_processor: None) -> None:
    _, parts = Run(run).data()
    recorded = json.loads((run / 'record.json').read_text())['data']
    assert parts.training.counts() == recorded['training']
    assert parts.development is not None
    assert parts.development.counts() == recorded['development']
    assert parts.removed == recorded['removed']


def test_stored_parts_equal_a_new_selection(run: Path) -> None:
    data, kept = Run(run).data()
    (run / PARTS).unlink()
    again, chosen = Run(run).data()
    assert np.array_equal(kept.uses, chosen.uses)
    assert data.fingerprint() == again.fingerprint()


def test_a_resumed_run_uses_the_stored_parts(
    faces_npz: Path, run: Path, other_processor: None
) -> None:
    train(faces_npz, run, '--epochs', '11', '--rate', '0.03', '--ema', '0.8', '--resume')


def test_another_run_can_use_the_same_parts(
    faces_npz: Path, run: Path, tmp_path: Path, other_processor: None
) -> None:
    train(faces_npz, tmp_path / 'other', '--epochs', '1', '--parts', str(run / PARTS))
    (_, first), (_, other) = Run(run).data(), Run(tmp_path / 'other').data()
    assert np.array_equal(first.uses, other.uses)
    assert other.removed == first.removed


def test_missing_parts_and_parts_of_other_data_are_refused(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = np.zeros((14, 48, 48), np.uint8)
    classes = np.array(EXPRESSIONS)
    np.savez(tmp_path / 'few.npz', images=images, labels=np.arange(14) % 7, classes=classes)
    few = tmp_path / 'few.npz'
    train(few, tmp_path / 'a', '--parts', str(run / PARTS), '--epochs', '1', expect=1)
    assert 'has 140 pictures, but the data has 14' in capsys.readouterr().err
    train(few, tmp_path / 'a', '--parts', str(tmp_path / 'none.npz'), '--epochs', '1', expect=1)
    assert 'none.npz does not exist' in capsys.readouterr().err


def test_a_separate_test_part_stays_separate(
    faces_npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with np.load(faces_npz) as archive:
        own = {name: archive[name] for name in archive.files if name != 'splits'}
    np.savez(tmp_path / 'faces.npz', **own)
    train(tmp_path / 'faces.npz', tmp_path / 'run', '--epochs', '1', '--test', '0.2')
    monkeypatch.setattr('training.learning.parts.find_copies', None)
    data, parts = Run(tmp_path / 'run').data()
    assert len(data.split('test')) == 28
    assert (parts.uses[data.splits == 'test'] == 0).all()


def test_other_data_is_not_accepted_as_the_data_of_the_run(faces_npz: Path, run: Path) -> None:
    with np.load(faces_npz) as archive:
        fewer = {
            name: archive[name][:70] if name != 'classes' else archive[name]
            for name in archive.files
        }
    np.savez(run / 'fewer.npz', **fewer)
    record = json.loads((run / 'record.json').read_text())
    record['arguments']['data'] = [str(run / 'fewer.npz')]
    (run / 'record.json').write_text(json.dumps(record))
    with pytest.raises(DataError, match='has changed since the run'):
        Run(run).data()


def test_a_damaged_file_is_named(run: Path) -> None:
    (run / PARTS).write_bytes(b'PK\x03\x04 half of it')
    with pytest.raises(TrainingError, match=r'parts\.npz is damaged'):
        Run(run).data()


def test_everything_includes_the_evaluation_pictures_once(faces_npz: Path) -> None:
    config = TrainConfig.of({'data': [str(faces_npz)], 'everything': True, 'copies': 'exact'})
    _, parts = select(open_run_data(config), config)
    data = open_data(config.data)
    assert parts.development is None
    assert parts.removed['copies_of_evaluation_pictures'] == 0
    learned = set(parts.training.names)
    assert learned & set(data.names[data.splits == 'test'])
    digests = {picture.tobytes() for picture in parts.training.pictures.load(slice(None))}
    assert len(digests) == len(learned)


def test_a_run_on_everything_is_resumed_and_read_again(faces_npz: Path, tmp_path: Path) -> None:
    run = tmp_path / 'run'
    train(faces_npz, run, '--everything', '--epochs', '1')
    train(faces_npz, run, '--everything', '--epochs', '2', '--resume')
    data, parts = Run(run).data()
    assert set(data.splits) == {'train'}
    assert len(parts.training) == len(data) == 140


@pytest.mark.parametrize('other', [{'test': 0.1}, {'parts': 'parts.npz'}])
def test_everything_leaves_no_pictures_for_an_evaluation(other: dict[str, Any]) -> None:
    with pytest.raises(TrainingError, match='--everything leaves no pictures'):
        TrainConfig.of({'data': ['faces.npz'], 'everything': True, **other})


def test_keep_last_stores_the_averaged_weights_of_the_last_epoch(
    faces_npz: Path, tmp_path: Path
) -> None:
    run = tmp_path / 'run'
    train(faces_npz, run, '--keep-last', '--epochs', '2', '--rate', '1')
    record = Run(run).read_record()
    assert record.config.keep_last
    assert record.metrics is not None
    assert record.metrics['kept_epoch'] == 2


def test_keep_last_and_patience_exclude_each_other() -> None:
    with pytest.raises(TrainingError, match='--keep-last keeps the last one'):
        TrainConfig.of({'data': ['faces'], 'keep_last': True, 'patience': 3})
