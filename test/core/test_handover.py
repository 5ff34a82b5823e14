"""Handover: the newest value reaches the other thread, once."""

from __future__ import annotations

import sys
import threading

from fer_ros.core.handover import Handover


def test_the_newest_value_is_taken_once():
    handover: Handover[int] = Handover()
    assert handover.take() is None
    handover.put(1)
    handover.put(2)
    assert handover.take() == 2
    assert handover.take() is None


def test_the_last_value_is_never_lost_while_another_thread_takes():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            handover: Handover[int] = Handover()
            taken: list[int | None] = []
            ended = threading.Event()

            def take_all(
                handover: Handover[int] = handover,
                taken: list[int | None] = taken,
                ended: threading.Event = ended,
            ) -> None:
                while not ended.is_set():
                    taken.append(handover.take())

            thread = threading.Thread(target=take_all)
            thread.start()
            for value in range(1, 101):
                handover.put(value)
            ended.set()
            thread.join()
            seen = [value for value in [*taken, handover.take()] if value is not None]
            assert seen[-1] == 100
            assert seen == sorted(set(seen))
    finally:
        sys.setswitchinterval(interval)
