"""Results have the order of the items, and the number of items in work is limited."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fer_ros.offline.running.ahead import Cores, InlineExecutor, SharedExecutor, ahead


def test_results_are_in_the_order_of_the_items():
    later = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert later.wait(30)
        elif number == 2:
            later.set()
        return number * 10

    with ThreadPoolExecutor(3) as executor:
        assert list(ahead(range(5), work, executor, lambda: 3)) == [
            (0, 0),
            (1, 10),
            (2, 20),
            (3, 30),
            (4, 40),
        ]


def test_no_more_items_are_taken_than_the_window_allows():
    taken = []

    def items():
        for number in range(6):
            taken.append(number)
            yield number

    results = ahead(items(), lambda number: number, InlineExecutor(), lambda: 2)
    next(results)
    assert taken == [0, 1]
    next(results)
    assert taken == [0, 1, 2]


def test_an_error_is_raised_at_its_item():
    def work(number: int) -> float:
        return 1 / number

    with ThreadPoolExecutor(2) as executor:
        results = ahead([2, 1, 0, 4], work, executor, lambda: 3)
        assert [result for _, result in (next(results), next(results))] == [0.5, 1.0]
        with pytest.raises(ZeroDivisionError):
            next(results)


def test_one_item_more_than_the_available_cores_runs_at_once():
    cores, running, seen = 1, 0, []
    lock, together = threading.Lock(), threading.Barrier(4)

    def count(number: int) -> None:
        nonlocal running
        with lock:
            running += 1
            seen.append(running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1

    with SharedExecutor(Cores(3, lambda: cores)) as executor:
        list(ahead(range(8), count, executor, lambda: 8))
        assert max(seen) == 2
        cores = 3
        assert [
            number
            for number, _ in ahead(range(4), lambda _: together.wait(30), executor, lambda: 8)
        ] == [0, 1, 2, 3]
