"""Boxes: how much two of them overlap."""

from __future__ import annotations

import pytest

from fer_ros.core.types import Box


@pytest.mark.parametrize(
    ('other', 'expected'),
    [
        (Box(0, 0, 10, 10), 1.0),
        (Box(5, 0, 10, 10), 1 / 3),
        (Box(2, 2, 5, 5), 0.25),
        (Box(10, 0, 10, 10), 0.0),
        (Box(30, 30, 10, 10), 0.0),
    ],
)
def test_intersection_over_union_is_correct(other, expected):
    assert Box(0, 0, 10, 10).iou(other) == pytest.approx(expected)
    assert other.iou(Box(0, 0, 10, 10)) == pytest.approx(expected)
