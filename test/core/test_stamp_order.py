"""Order of stamps: late frames, and a clock that was set back."""

from __future__ import annotations

import pytest

from fer_ros.core.errors import LateError
from fer_ros.core.stamp_order import MOST_IN_A_ROW, StampOrder, UsableStamps

SECOND = 1_000_000_000


@pytest.fixture
def order():
    order = StampOrder()
    assert order.step_back(100 * SECOND) == 0.0
    return order


def test_rising_and_equal_stamps_are_in_order(order):
    assert order.step_back(100 * SECOND) == 0.0
    assert order.step_back(101 * SECOND) == 0.0


def test_a_slightly_older_frame_is_late_and_the_next_frame_is_not(order):
    with pytest.raises(LateError, match=r'0\.005 s'):
        order.step_back(100 * SECOND - 5_000_000)
    assert order.step_back(100 * SECOND + 1) == 0.0


def test_a_much_older_frame_means_that_the_clock_was_set_back(order):
    assert order.step_back(40 * SECOND) == pytest.approx(60.0)
    assert order.step_back(41 * SECOND) == 0.0


def test_consecutive_late_frames_mean_that_the_clock_was_set_back_slightly(order):
    stamp = 100 * SECOND - SECOND // 2
    for number in range(MOST_IN_A_ROW - 1):
        with pytest.raises(LateError):
            order.step_back(stamp + number)
    assert order.step_back(stamp + MOST_IN_A_ROW) == pytest.approx(0.5)
    assert order.step_back(stamp + MOST_IN_A_ROW + 1) == 0.0


def test_a_check_refuses_late_frames_and_takes_no_stamp(order):
    order.check(40 * SECOND)
    order.check(101 * SECOND)
    with pytest.raises(LateError):
        order.check(100 * SECOND - 1)
    assert order.newest == 100 * SECOND


def test_after_a_reset_any_stamp_is_in_order(order):
    order.reset()
    assert order.step_back(1) == 0.0


class TestUsableStamps:
    def test_good_stamps_of_any_clock_are_used_unchanged(self):
        stamps = UsableStamps()
        for index in range(1, 100):
            assert stamps.of(index * SECOND // 30, 1000 * SECOND + index) == index * SECOND // 30
            assert stamps.fault == ''

    @pytest.mark.parametrize(('stamp', 'fault'), [(0, 'no stamp'), (-5, 'before 1970')])
    def test_a_missing_stamp_is_replaced_by_the_arrival_time_at_once(self, stamp, fault):
        stamps = UsableStamps()
        assert stamps.of(stamp, 7 * SECOND) == 7 * SECOND
        assert fault in stamps.fault
        assert stamps.of(8 * SECOND, 8 * SECOND + 1) == 8 * SECOND
        assert stamps.fault == ''

    def test_constant_stamps_are_replaced_while_they_are_constant(self):
        stamps = UsableStamps()
        used = [stamps.of(5 * SECOND, 100 * SECOND + index * SECOND // 10) for index in range(30)]
        assert used[:10] == [5 * SECOND] * 10, 'a second must show that they do'
        assert used[10:] == [100 * SECOND + index * SECOND // 10 for index in range(10, 30)]
        assert 'same stamp' in stamps.fault
        assert stamps.of(6 * SECOND, 104 * SECOND) == 6 * SECOND
        assert stamps.fault == ''

    def test_a_frame_that_repeats_a_few_times_is_not_a_constant_clock(self):
        stamps = UsableStamps()
        for arrival in (1, 2, 3, 4):
            assert stamps.of(SECOND, arrival * SECOND) == SECOND
        for arrival in range(100):
            assert stamps.of(2 * SECOND, arrival) == 2 * SECOND, 'a paused simulation'
