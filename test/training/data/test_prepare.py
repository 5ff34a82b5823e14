"""Training data is freed of leaks, conflicts and copies, and split without breaking groups."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.dataset import Dataset, make_dataset
from training.data.prepare import make_parts, split_off_test
from training.data.splits import stratified_group_split
from training.errors import DataError


def _data(labels: list[int], splits: list[str] | str = 'train', groups: str = '') -> Dataset:
    images = np.arange(len(labels), dtype=np.uint8)[:, None, None] * np.ones((1, 4, 4), np.uint8)
    names = [str(index) for index in range(len(labels))]
    people = list(groups) if groups else ''
    return make_dataset(images, labels, ['happy', 'sad'], splits, people, names)


def test_copies_of_evaluation_pictures_leave_training() -> None:
    data = _data([0, 1, 0, 1], ['train', 'train', 'train', 'public'])
    parts = make_parts(data, np.array([0, 1, 2, 1]), 0, seed=0)
    assert parts.training.names.tolist() == ['0', '2']
    assert parts.removed['copies_of_evaluation_pictures'] == 1


def test_one_of_each_group_stays_and_conflicting_groups_are_removed() -> None:
    data = _data([0, 0, 0, 1, 1])
    parts = make_parts(data, np.array([0, 0, 2, 2, 4]), 0, seed=0)
    assert parts.training.names.tolist() == ['0', '4']
    assert parts.removed == {
        'copies_of_evaluation_pictures': 0, 'conflicting_labels': 2, 'copies_within_training': 1,
    }  # fmt: skip


def test_kept_duplicates_are_never_on_both_sides_of_the_split() -> None:
    data = _data([0, 1] * 12)
    copies = np.repeat(np.arange(0, 24, 4), 4) + np.tile([0, 1], 12)
    parts = make_parts(data, copies, 0.4, seed=0, keep_repeats=True)
    sides = [set(copies[part.names.astype(int)]) for part in (parts.training, parts.development)]
    assert not sides[0] & sides[1]
    assert len(parts.training) + len(parts.development) == 24
    assert parts.removed['copies_within_training'] == 0


def test_confidence_is_fitted_with_the_conflicting_pictures_of_a_test_set() -> None:
    # 40 pictures without conflicts, then 40 in pairs of one picture with two labels.
    copies = np.concatenate([np.arange(40), 40 + np.repeat(np.arange(20), 2)])
    parts = make_parts(_data([0, 1] * 40), copies, 0.2, seed=0)
    contested = sorted(set(parts.calibration.names) - set(parts.development.names), key=int)
    assert len(parts.development) == 8
    assert len(contested) == 8
    assert all(int(name) >= 40 for name in contested)
    assert not set(parts.training.names) & set(parts.calibration.names)


def test_an_existing_development_split_is_used() -> None:
    data = _data([0, 1, 0, 1], ['train', 'train', 'development', 'development'])
    parts = make_parts(data, np.arange(4), 0.5, seed=0)
    assert parts.development.names.tolist() == ['2', '3']
    assert parts.calibration.names.tolist() == ['2', '3']


def test_no_person_is_on_both_sides() -> None:
    people = 'aaaabbbbccccddddeeeeffff'
    data = _data([0, 1] * 12, groups=people)
    parts = make_parts(data, np.arange(24), 0.3, seed=3)
    assert not set(parts.training.groups) & set(parts.development.groups)
    assert len(parts.development) == pytest.approx(24 * 0.3, abs=4)


def test_the_split_keeps_the_class_proportions() -> None:
    labels = np.repeat([0, 1, 2], [600, 300, 60])
    chosen = stratified_group_split(labels, np.arange(len(labels)), 0.1, seed=0)
    assert np.bincount(labels[chosen]).tolist() == [60, 30, 6]


def test_the_same_seed_gives_the_same_split() -> None:
    labels, groups = np.arange(50) % 5, np.arange(50)
    first, second, other = (stratified_group_split(labels, groups, 0.2, s) for s in (1, 1, 2))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_set_without_training_pictures_is_refused() -> None:
    with pytest.raises(DataError, match="no split 'train': use one of: test"):
        make_parts(_data([0, 1], 'test'), np.arange(2), 0.1, seed=0)


def test_a_missing_split_is_answered_with_the_existing_ones() -> None:
    with pytest.raises(DataError, match="no split 'public': use one of: train"):
        _data([0, 1]).split('public')


def test_a_test_part_separates_neither_people_nor_copies() -> None:
    data = _data([0, 1] * 20, groups='abcdefghij' * 4)
    copies = np.arange(40)
    copies[21] = 0  # so that a and b belong together
    parted = split_off_test(data, copies, 0.3, seed=1)
    test = parted.splits == 'test'
    assert 6 <= test.sum() <= 16
    assert not set(data.groups[test]) & set(data.groups[~test])
    assert ('a' in data.groups[test]) == ('b' in data.groups[test])


@pytest.mark.parametrize('name', ['--development', '--test'])
def test_few_pictures_give_each_class_a_part(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def selected(data: Dataset) -> list[int]:
        copies = np.arange(len(data))
        if name == '--test':
            return split_off_test(data, copies, 0.1, seed=1).split('test').labels.tolist()
        return make_parts(data, copies, 0.1, seed=1).development.labels.tolist()

    assert sorted(selected(_data([0, 1] * 3))) == [0, 1]
    assert not capsys.readouterr().err
    assert selected(_data([0, 0, 1])) == [0]
    assert f'{name} selects no picture of sad' in capsys.readouterr().err
    with pytest.raises(DataError, match=f'{name} selects no picture'):
        selected(_data([0, 1]))


def test_an_existing_test_split_is_not_replaced() -> None:
    with pytest.raises(DataError, match='already has a test split'):
        split_off_test(_data([0, 1], ['train', 'test']), np.arange(2), 0.5, seed=0)
