"""LatestWorker: the newest item wins, replaced items are counted, and errors do not end it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from support.waiting import PATIENCE

from fer_ros.core.worker import LatestWorker


class Gate:
    """A handler that blocks the worker until it is opened, and records its items."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.taken = threading.Event()
        self.open = threading.Event()

    def __call__(self, item: str) -> None:
        self.taken.set()
        assert self.open.wait(PATIENCE)
        self.items.append(item)


@pytest.fixture
def start() -> Iterator[Callable[..., LatestWorker[str]]]:
    workers: list[LatestWorker[str]] = []

    def make(*arguments: object, **options: object) -> LatestWorker[str]:
        worker: LatestWorker[str] = LatestWorker(*arguments, **options)  # type: ignore[arg-type]
        workers.append(worker)
        worker.start()
        return worker

    yield make
    for worker in workers:
        worker.stop()


def test_items_are_handled_on_a_separate_thread(start):
    handled = threading.Event()
    threads = []
    worker = start(lambda item: (threads.append(threading.current_thread()), handled.set()), 'w')
    worker.submit('a')
    assert handled.wait(PATIENCE)
    assert threads[0] is not threading.current_thread()
    assert threads[0].name == 'w'


def test_the_newest_item_replaces_waiting_ones_and_they_are_counted(start):
    gate = Gate()
    worker = start(gate, 'w')
    worker.submit('first')
    assert gate.taken.wait(PATIENCE)
    for item in ('second', 'third', 'newest'):
        worker.submit(item)
    gate.taken.clear()
    gate.open.set()
    assert gate.taken.wait(PATIENCE)
    worker.stop()
    assert gate.items == ['first', 'newest']
    assert worker.dropped == 2


def test_an_exception_is_logged_and_counted_and_the_worker_continues(start, caplog):
    handled = threading.Event()

    def handle(item: str) -> None:
        if item == 'bad':
            raise RuntimeError('no good')
        handled.set()

    failed = threading.Event()
    worker = start(handle, 'w', failed.set, 0.01)
    worker.submit('bad')
    assert failed.wait(PATIENCE)
    worker.submit('good')
    assert handled.wait(PATIENCE)
    worker.stop()
    assert worker.failed == 1
    assert 'RuntimeError: no good' in caplog.text


def test_idle_is_called_while_no_item_arrives(start):
    looked = threading.Event()
    start(lambda item: None, 'w', looked.set, 0.01)
    assert looked.wait(PATIENCE)


def test_an_error_while_idle_does_not_end_the_worker(start):
    calls = []
    twice = threading.Event()

    def idle() -> None:
        calls.append(1)
        if len(calls) == 2:
            twice.set()
        raise RuntimeError('idle')

    start(lambda item: None, 'w', idle, 0.01)
    assert twice.wait(PATIENCE)


def test_without_a_running_thread_items_are_ignored():
    worker: LatestWorker[str] = LatestWorker(lambda item: pytest.fail('handled'), 'w')
    worker.submit('early')
    worker.start()
    worker.stop()
    worker.submit('late')
    assert worker.dropped == 0


def test_stop_finishes_the_current_item_and_counts_the_waiting_one_as_dropped(start):
    gate = Gate()
    worker = start(gate, 'w')
    worker.submit('in hand')
    assert gate.taken.wait(PATIENCE)
    worker.submit('waiting')
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    while worker._running:
        stopper.join(0.001)
    gate.open.set()
    stopper.join(PATIENCE)
    assert not stopper.is_alive()
    worker.start()
    worker.stop()
    assert gate.items == ['in hand']
    assert worker.dropped == 1


def test_the_worker_can_restart_and_repeated_calls_do_nothing(start):
    handled = threading.Semaphore(0)
    worker = start(lambda item: handled.release(), 'w')
    worker.start()
    worker.stop()
    worker.stop()
    worker.start()
    worker.submit('again')
    assert handled.acquire(timeout=PATIENCE)


def test_an_item_can_be_handled_on_the_thread_of_the_caller(start):
    threads = []
    worker = start(lambda item: threads.append(threading.current_thread()), 'w')
    assert worker.handle_here('a')
    assert threads == [threading.current_thread()]


def test_an_item_is_not_handled_here_while_another_one_is_handled(start):
    gate = Gate()
    worker = start(gate, 'w')
    worker.submit('first')
    assert gate.taken.wait(PATIENCE)
    assert not worker.handle_here('second')
    gate.open.set()
    worker.stop()
    assert gate.items == ['first']
    assert worker.dropped == 0


def test_an_item_that_is_handled_here_replaces_an_older_one_that_waits():
    items = []
    worker: LatestWorker[str] = LatestWorker(items.append, 'w')
    # The item waits, because the thread has not started yet.
    worker._running = True
    worker.submit('older')
    assert worker.has_next
    assert worker.handle_here('newer')
    worker.start()
    worker.stop()
    assert items == ['newer']
    assert worker.dropped == 1


def test_an_error_of_an_item_that_is_handled_here_is_logged_and_counted(start, caplog):
    def fail(item: str) -> None:
        raise RuntimeError('no good')

    worker = start(fail, 'w')
    assert worker.handle_here('a')
    assert worker.failed == 1
    assert 'RuntimeError: no good' in caplog.text


def test_without_a_running_thread_no_item_is_handled_here():
    worker: LatestWorker[str] = LatestWorker(lambda item: pytest.fail('handled'), 'w')
    assert worker.handle_here('a')


def test_stop_waits_for_an_item_that_is_handled_here(start):
    gate = Gate()
    worker = start(gate, 'w')
    caller = threading.Thread(target=worker.handle_here, args=('a',))
    caller.start()
    assert gate.taken.wait(PATIENCE)
    stopper = threading.Thread(target=worker.stop)
    stopper.start()
    stopper.join(0.05)
    assert stopper.is_alive()
    gate.open.set()
    stopper.join(PATIENCE)
    caller.join(PATIENCE)
    assert gate.items == ['a']


def test_with_little_work_an_item_is_taken_on_the_thread_of_the_caller(start):
    threads = []
    worker = start(lambda item: threads.append(threading.current_thread()), 'w')
    worker._took, worker._ended = 1.0, time.monotonic() - 2.5
    worker.take('a')
    assert threads == [threading.current_thread()]


def test_with_much_work_an_item_is_taken_by_the_thread_of_the_worker(start):
    handled = threading.Event()
    threads = []
    worker = start(lambda item: (threads.append(threading.current_thread()), handled.set()), 'w')
    worker._took, worker._ended = PATIENCE, time.monotonic()
    worker.take('a')
    assert handled.wait(PATIENCE)
    assert threads[0].name == 'w'


def test_an_item_that_comes_while_another_one_is_handled_waits_for_the_worker(start):
    gate = Gate()
    worker = start(gate, 'w')
    worker.submit('first')
    assert gate.taken.wait(PATIENCE)
    worker.take('second')
    assert worker.has_next
    gate.taken.clear()
    gate.open.set()
    assert gate.taken.wait(PATIENCE)
    worker.stop()
    assert gate.items == ['first', 'second']
