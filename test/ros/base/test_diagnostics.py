"""diagnostics: the rate and the latency of a node."""

from __future__ import annotations

import pytest

pytest.importorskip('diagnostic_msgs.msg', reason='no diagnostic_msgs: source a ROS 2')

from fer_ros.ros.base.diagnostics import LossRate, SequenceCounter, Statistics


def report_of(*latencies: float) -> dict[str, str]:
    statistics = Statistics()
    for latency in latencies:
        statistics.processed(latency)
    return statistics.report()


def test_latency_is_reported_in_milliseconds():
    report = report_of(0.010, 0.012, 0.030)
    assert report['latency_median_ms'] == '12.0'
    assert report['latency_max_ms'] == '30.0'
    assert 'latency' not in report


@pytest.mark.parametrize(
    ('latencies', 'difference'),
    [
        ((-1.5, 0.2, 0.2), '1.500 s ahead of the clock of this host'),
        ((3600.0, 3600.0, 3600.1), '3600.0 s behind the clock of this host'),
    ],
)
def test_a_latency_by_another_clock_is_not_reported_as_a_number(latencies, difference):
    report = report_of(*latencies)
    assert difference in report['latency']
    assert 'latency_median_ms' not in report
    assert 'latency_max_ms' not in report


def test_without_messages_no_latency_is_reported():
    assert not [name for name in report_of() if name.startswith('latency')]


def test_the_median_duration_of_a_step_covers_the_time_since_the_last_report():
    statistics = Statistics()
    with statistics.timed('detection'):
        pass
    assert float(statistics.report()['detection_median_ms']) >= 0.0
    assert 'detection_median_ms' not in statistics.report()


def test_a_failed_step_has_no_duration():
    statistics = Statistics()
    with pytest.raises(ValueError, match='broken'), statistics.timed('detection'):
        raise ValueError('broken')
    assert 'detection_median_ms' not in statistics.report()


def numbers_are_mixed(*numbers: int | None) -> bool:
    counter = SequenceCounter()
    for number in numbers:
        counter.lost({'publication_sequence_number': number}, 1)
    return counter.are_mixed()


def test_two_publishers_are_detected_by_mixed_numbers_but_not_a_restarted_one():
    assert numbers_are_mixed(5, 1, 6, 2, 7)
    assert numbers_are_mixed(1, 1, 2, 2)
    assert not numbers_are_mixed(5, 6, 1, 2, 3)
    assert not numbers_are_mixed(None, None, None)


@pytest.mark.parametrize(
    ('numbers', 'publishers', 'lost'),
    [
        ((7, 8, 12), 1, [None, 0, 3]),
        ((7, 1, 2), 1, [None, None, 0]),
        ((7, 9, 11), 2, [None, None, None]),
        ((None, None), 1, [None, None]),
    ],
    ids=['one publisher', 'a restarted publisher', 'two publishers', 'no numbers'],
)
def test_the_number_of_lost_messages_is_unknown_without_an_earlier_one(numbers, publishers, lost):
    counter = SequenceCounter()
    infos = ({'publication_sequence_number': number} for number in numbers)
    assert [counter.lost(info, publishers) for info in infos] == lost


class TestLossRate:
    """15 Hz with losses. Seconds count from the first message."""

    @staticmethod
    def shares(lost_before_each: int, seconds: float = 10.0) -> list[float]:
        losses = LossRate()
        step = 1 + lost_before_each
        told = [
            losses.add(lost_before_each if number else 0, number / 15)
            for number in range(0, round(15 * seconds), step)
        ]
        return [share for share in told if share is not None]

    def test_losing_two_of_three_messages_is_reported_within_three_seconds_and_again(self):
        shares = self.shares(2, 3.0)
        assert shares == [pytest.approx(2 / 3)]
        assert len(self.shares(2)) >= 3

    def test_no_loss_and_a_small_loss_are_zero(self):
        assert set(self.shares(0)) == {0.0}
        losses = LossRate()
        told = {losses.add(int(number % 10 == 0), number / 15) for number in range(150)}
        assert told == {None, 0.0}

    def test_few_messages_give_no_loss_rate(self):
        assert self.shares(2, 1.5) == []

    def test_losses_before_the_first_message_do_not_count(self):
        losses = LossRate()
        assert losses.add(1000, 0.0) is None
        assert {losses.add(0, number / 15) for number in range(1, 60)} == {None, 0.0}
