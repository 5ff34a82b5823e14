"""Results are matched with the images they belong to."""

from __future__ import annotations

import threading

import pytest

from fer_ros.core.display.result_matching import ResultMatcher
from fer_ros.core.types import EmotionSet

MS = 1_000_000
FRAME = 40 * MS  # 25 pictures a second


def result(stamp: int) -> EmotionSet:
    return EmotionSet(stamp, 'camera', 64, 48, ('happy', 'sad'), 'model', '')


@pytest.fixture
def matcher() -> ResultMatcher[str]:
    return ResultMatcher(max_delay=0.2, max_bytes=1000)


def add(matcher: ResultMatcher[str], stamp: int, size: int = 10):
    return matcher.add_picture(stamp, f'picture {stamp // MS}', size)


def test_an_image_waits_for_its_result(matcher):
    assert add(matcher, 0) is None
    assert add(matcher, FRAME) is None
    match = matcher.add_result(result(0))
    assert match.picture == 'picture 0'
    assert match.emotions.stamp == 0
    assert not match.late


def test_a_result_waits_for_its_image(matcher):
    add(matcher, 0)
    assert matcher.add_result(result(FRAME)) is None
    match = add(matcher, FRAME)
    assert (match.picture, match.emotions.stamp, match.late) == ('picture 40', FRAME, False)


def test_current_images_are_kept_for_their_results(matcher):
    today = 1_800_000_000_000_000_000
    add(matcher, today)
    add(matcher, today + FRAME)
    match = matcher.add_result(result(today))
    assert (match.picture, match.late) == (f'picture {today // MS}', False)


def test_results_before_the_first_image_are_kept(matcher):
    assert matcher.add_result(result(FRAME)) is None
    assert add(matcher, FRAME).emotions.stamp == FRAME


def test_images_without_a_result_are_skipped_when_a_later_result_arrives(matcher):
    """With a slow detector, only searched images are shown, each with its result."""
    shown = []
    for number in range(20):
        assert add(matcher, number * FRAME) is None
        if number % 3 == 2:
            match = matcher.add_result(result((number - 1) * FRAME))
            shown.append((match.picture, match.late))
    assert shown == [(f'picture {40 * n}', False) for n in (1, 4, 7, 10, 13, 16)]
    assert matcher.kept_bytes == 40, 'what is older than the last shown picture is let go'


def test_a_slow_source_is_not_late_if_each_image_has_its_result(matcher):
    for number in range(5):
        assert add(matcher, number * 1000 * MS) is None
        assert not matcher.add_result(result(number * 1000 * MS)).late


def test_late_results_are_returned_with_their_image(matcher):
    for number in range(6):
        assert add(matcher, number * FRAME) is None
    match = add(matcher, 6 * FRAME)
    assert (match.picture, match.emotions, match.late) == ('picture 240', None, True)
    assert matcher.add_result(result(0)) is None, 'too late for its own picture'
    match = add(matcher, 7 * FRAME)
    assert (match.picture, match.own, match.emotions.stamp) == ('picture 280', 'picture 0', 0)
    assert match.late
    assert match.age == pytest.approx(0.28)
    assert match.silence == pytest.approx(0.04)


def test_timely_results_end_the_late_mode(matcher):
    for number in range(8):
        add(matcher, number * FRAME)
    assert not matcher.add_result(result(7 * FRAME)).late
    assert add(matcher, 8 * FRAME) is None


def test_without_results_the_silence_grows(matcher):
    add(matcher, 0)
    matcher.add_result(result(0))
    silences = [match.silence for n in range(1, 50) if (match := add(matcher, n * FRAME))]
    assert len(silences) == 49 - 6
    assert silences == sorted(silences)
    assert silences[-1] == pytest.approx(49 * 0.04)


def test_a_result_whose_image_was_dropped_is_counted_and_not_drawn(matcher):
    for number in range(4):
        add(matcher, number * FRAME, size=400)
    assert matcher.kept_bytes <= 1000
    assert matcher.add_result(result(0)) is None
    assert matcher.unmatched == 1


def test_old_results_have_no_image_for_comparison(matcher):
    add(matcher, 0)
    matcher.add_result(result(0))
    late = [add(matcher, n * FRAME) for n in range(1, 100)][-1]
    assert late.own is None
    assert late.emotions is not None


def test_memory_is_bounded_but_the_newest_image_is_always_kept(matcher):
    add(matcher, 0, size=900)
    add(matcher, FRAME, size=5000)
    assert matcher.kept_bytes == 5000
    assert matcher.add_result(result(FRAME)).picture == 'picture 40'


def test_a_jump_back_in_time_clears_everything(matcher):
    for number in range(10):
        add(matcher, number * FRAME)
    matcher.add_result(result(9 * FRAME))
    assert add(matcher, 0) is None
    assert matcher.kept_bytes == 10
    assert matcher.add_result(result(0)).picture == 'picture 0'


def test_a_repeated_image_is_shown_once(matcher):
    add(matcher, 0)
    assert add(matcher, 0) is None
    assert matcher.kept_bytes == 10


def test_clear_drops_all_images_and_results(matcher):
    add(matcher, 0)
    matcher.add_result(result(0))
    matcher.clear()
    assert matcher.kept_bytes == 0
    assert add(matcher, 10 * FRAME) is None


def test_images_and_results_can_arrive_on_two_threads():
    matcher: ResultMatcher[int] = ResultMatcher(10.0, 10**6)
    matches = []

    def feed(add):
        for number in range(500):
            match = add(number * MS)
            if match is not None:
                matches.append((match.picture, match.emotions.stamp))

    threads = [
        threading.Thread(target=feed, args=(lambda s: matcher.add_picture(s, s, 1),)),
        threading.Thread(target=feed, args=(lambda s: matcher.add_result(result(s)),)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert matches
    assert all(picture == stamp for picture, stamp in matches)


def test_a_result_finds_the_nearest_image_within_the_tolerance(matcher):
    matcher.tolerance = 10 * MS
    assert add(matcher, FRAME) is None
    assert add(matcher, 2 * FRAME) is None
    match = matcher.add_result(result(2 * FRAME - 9 * MS))
    assert (match.picture, match.late, match.emotions.stamp) == ('picture 80', False, 2 * FRAME)
    assert matcher.add_result(result(2 * FRAME + 11 * MS)) is None, 'too far from any picture'
