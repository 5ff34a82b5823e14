"""FER+ votes find their class by column name and are joined by position."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.data.dataset import make_dataset
from training.data.labels import EXPRESSIONS
from training.data.readers.ferplus import join_ferplus, vote_shares
from training.errors import DataError

COLUMNS = (
    'neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt',
    'unknown', 'NF',
)  # fmt: skip


def test_votes_are_mapped_by_name_and_renormalised_without_the_dropped_columns() -> None:
    votes = np.array([[1, 3, 0, 0, 0, 0, 0, 2, 3, 1]])
    shares = vote_shares(votes, COLUMNS, EXPRESSIONS)[0]
    assert shares[EXPRESSIONS.index('happy')] == pytest.approx(0.75)
    assert shares[EXPRESSIONS.index('neutral')] == pytest.approx(0.25)
    assert shares.sum() == pytest.approx(1)


def test_a_picture_without_a_usable_vote_has_none() -> None:
    assert not vote_shares(np.array([[0] * 7 + [2, 3, 5]]), COLUMNS, EXPRESSIONS).any()


def test_an_unknown_column_stops_with_its_name() -> None:
    with pytest.raises(DataError, match="'boredom'"):
        vote_shares(np.array([[1]]), ('boredom',), EXPRESSIONS)


def test_the_vote_file_must_have_a_row_for_each_picture(tmp_path: Path) -> None:
    path = tmp_path / 'fer2013new.csv'
    path.write_text(
        'Usage,Image name,' + ','.join(COLUMNS) + '\nTraining,a.png,4,0,0,1,3,2,0,0,0,0\n'
    )
    one = make_dataset(np.zeros((1, 8, 8), np.uint8), [0], EXPRESSIONS)
    assert join_ferplus(one, path).votes[0] == pytest.approx([0.3, 0.2, 0, 0, 0.1, 0, 0.4])
    two = make_dataset(np.zeros((2, 8, 8), np.uint8), [0, 0], EXPRESSIONS)
    with pytest.raises(DataError, match='1 pictures, the data 2'):
        join_ferplus(two, path)


def test_an_empty_vote_file_is_an_error_with_its_counts(tmp_path: Path) -> None:
    path = tmp_path / 'fer2013new.csv'
    path.touch()
    one = make_dataset(np.zeros((1, 8, 8), np.uint8), [0], EXPRESSIONS)
    with pytest.raises(DataError, match='votes for 0 pictures, the data 1'):
        join_ferplus(one, path)


def test_a_truncated_row_of_votes_leaves_its_picture_without_votes_and_is_listed(
    tmp_path: Path,
) -> None:
    path = tmp_path / 'fer2013new.csv'
    row = 'Training,a.png,4,0,0,1,3,2,0,0,0,0'
    header = 'Usage,Image name,' + ','.join(COLUMNS)
    two = make_dataset(np.zeros((2, 8, 8), np.uint8), [0, 0], EXPRESSIONS)
    path.write_text(f'{header}\n{row}\n{row[:-6]}')
    data = join_ferplus(two, path)
    assert data.votes is not None
    assert data.votes.any(axis=1).tolist() == [True, False]
    assert data.skipped[0].startswith('fer2013new.csv[1]: ')
    path.write_text(f'{header}\n{row[:-6]}\n{row[:-6]}')
    with pytest.raises(DataError, match='no numeric votes'):
        join_ferplus(two, path)


def test_a_comma_at_the_end_of_a_row_of_votes_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / 'fer2013new.csv'
    header = 'Usage,Image name,' + ','.join(COLUMNS)
    path.write_text(f'{header}\nTraining,a.png,4,0,0,1,3,2,0,0,0,0,\n')
    one = make_dataset(np.zeros((1, 8, 8), np.uint8), [0], EXPRESSIONS)
    assert join_ferplus(one, path).votes[0] == pytest.approx([0.3, 0.2, 0, 0, 0.1, 0, 0.4])
