"""Stamps of frames: what is late, what is a clock set back."""

from __future__ import annotations

import pytest

from fer_ros.core.errors import LateError
from fer_ros.core.order import MOST_IN_A_ROW, StampOrder

SECOND = 1_000_000_000


@pytest.fixture
def order():
    order = StampOrder()
    assert order.step_back(100 * SECOND) == 0.0
    return order


def test_rising_and_equal_stamps_are_in_order(order):
    assert order.step_back(100 * SECOND) == 0.0
    assert order.step_back(101 * SECOND) == 0.0


def test_a_frame_a_little_older_is_late_and_the_next_in_time_is_not(order):
    with pytest.raises(LateError, match=r'0\.005 s'):
        order.step_back(100 * SECOND - 5_000_000)
    assert order.step_back(100 * SECOND + 1) == 0.0


def test_a_frame_much_older_tells_that_the_clock_was_set_back(order):
    assert order.step_back(40 * SECOND) == pytest.approx(60.0)
    assert order.step_back(41 * SECOND) == 0.0


def test_late_frames_in_a_row_tell_that_the_clock_was_set_back_a_little(order):
    stamp = 100 * SECOND - SECOND // 2
    for number in range(MOST_IN_A_ROW - 1):
        with pytest.raises(LateError):
            order.step_back(stamp + number)
    assert order.step_back(stamp + MOST_IN_A_ROW) == pytest.approx(0.5)
    assert order.step_back(stamp + MOST_IN_A_ROW + 1) == 0.0


def test_after_a_reset_any_stamp_is_in_order(order):
    order.reset()
    assert order.step_back(1) == 0.0
