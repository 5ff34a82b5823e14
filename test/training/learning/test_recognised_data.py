"""Parts are used only with their data, and a network starts with the parts of its own run."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from support.training_runs import make_images

from training.data.dataset import Dataset
from training.data.labels import EXPRESSIONS
from training.data.open import open_data
from training.data.prepare import Parts
from training.errors import TrainingError
from training.learning.config import TrainConfig
from training.learning.parts import PARTS, given_parts, select
from training.learning.record import DataRecord, RunRecord
from training.learning.run import Run
from training.learning.train import _choose

COUNT = 70


def _write(path: Path, seed: int = 0, turned: int = 0) -> Path:
    """Write an archive of noisy pictures; `turned` changes the labels."""
    labels = (np.arange(COUNT) + turned) % 7
    images = make_images(COUNT, 7, seed)
    np.savez(path, images=images, labels=labels, classes=np.array(EXPRESSIONS))
    return path


def _config(data: Path, **values: object) -> TrainConfig:
    return TrainConfig.of({'data': [str(data)], 'copies': 'exact', 'development': 0.2, **values})


def _run(folder: Path, config: TrainConfig) -> tuple[Path, Dataset, Parts]:
    """Write a run that was begun, without its network."""
    data, parts = select(open_data(config.data), config)
    record = RunRecord(
        '', config, 'tiny_xception', 1, 'tensorflow', data.classes, data.size, data.channels,
        DataRecord.of(data, parts), {},
    )  # fmt: skip
    folder.mkdir()
    Run(folder).write_record(record)
    Run(folder).write_parts(data, parts)
    return folder, data, parts


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return _write(tmp_path / 'faces.npz')


@pytest.mark.parametrize('other', [{'turned': 1}, {'seed': 3}], ids=['labels', 'pictures'])
def test_parts_of_other_data_of_the_same_length_are_refused(
    archive: Path, tmp_path: Path, other: dict[str, int]
) -> None:
    run, _, _ = _run(tmp_path / 'run', _config(archive))
    another = open_data(_config(_write(tmp_path / 'other.npz', **other)).data)
    with pytest.raises(TrainingError, match='belongs to other data'):
        given_parts(run / PARTS, another)


def test_parts_fit_the_same_data_under_another_name_and_in_another_size(
    archive: Path, tmp_path: Path
) -> None:
    run, _, parts = _run(tmp_path / 'run', _config(archive, test=0.2))
    renamed = archive.rename(tmp_path / 'renamed.npz')
    _, again = given_parts(run / PARTS, open_data(_config(renamed, size=24).data))
    assert np.array_equal(again.uses, parts.uses)


def test_parts_fit_the_same_files_in_another_size(tmp_path: Path) -> None:
    for number, picture in enumerate(make_images(14, 7)):
        folder = tmp_path / 'faces' / EXPRESSIONS[number % 7]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f'{number}.png'), picture)
    run, _, parts = _run(tmp_path / 'run', _config(tmp_path / 'faces'))
    _, again = given_parts(run / PARTS, open_data(_config(tmp_path / 'faces', size=24).data))
    assert np.array_equal(again.uses, parts.uses)


def test_parts_of_an_earlier_version_are_used_with_a_note(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, data, parts = _run(tmp_path / 'run', _config(archive))
    old = tmp_path / 'old.npz'
    np.savez(old, uses=parts.uses, test=np.zeros(COUNT, bool))
    assert np.array_equal(given_parts(old, data)[1].uses, parts.uses)
    assert 'check that it belongs to this data' in capsys.readouterr().out


def test_a_network_is_not_evaluated_on_pictures_that_it_was_trained_on(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, data, parts = _run(tmp_path / 'run', _config(archive, seed=1))
    for init in (run, run / 'best.keras'):
        _, chosen = _choose(data, _config(archive, seed=2, init=str(init)))
        assert np.array_equal(chosen.uses, parts.uses)
        assert f'are those of {run}' in capsys.readouterr().out
    _, chosen = _choose(data, _config(archive, seed=2))
    assert not np.array_equal(chosen.uses, parts.uses), 'the seed chooses the development part'


def test_no_test_part_is_reserved_of_pictures_that_the_network_was_trained_on(
    archive: Path, tmp_path: Path
) -> None:
    run, data, _ = _run(tmp_path / 'run', _config(archive))
    with pytest.raises(TrainingError, match='--test would reserve pictures'):
        _choose(data, _config(archive, init=str(run), test=0.2))
    tested, _, parts = _run(tmp_path / 'tested', _config(archive, test=0.2))
    _, chosen = _choose(data, _config(archive, init=str(tested), test=0.2, seed=5))
    assert np.array_equal(chosen.uses, parts.uses)


@pytest.mark.parametrize('everything', [False, True])
def test_a_network_that_was_trained_on_a_part_of_the_data_is_named(
    archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], everything: bool
) -> None:
    run, _, _ = _run(tmp_path / 'run', _config(archive, everything=everything))
    config = _config(archive, init=str(run))
    if not everything:
        more = [str(archive), str(_write(tmp_path / 'more.npz', seed=9))]
        config = _config(archive, init=str(run)).of({**config.to_json(), 'data': more})
    _choose(open_data(config.data), config)
    assert f'{run} was trained on pictures of {archive}' in capsys.readouterr().out
