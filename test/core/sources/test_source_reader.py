"""SourceReader delivers every frame, reports failures, and opens live sources again."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from support.waiting import PATIENCE

from fer_ros.core.errors import SourceError
from fer_ros.core.sources import FrameSource
from fer_ros.core.sources.reader import SourceReader
from fer_ros.core.types import Frame


class Script(FrameSource):
    """Gives its items in turn: a number is a stamp, an error is raised, None is the end."""

    def __init__(self, steps: Sequence[int | Exception | None], live: bool = False) -> None:
        self.live = live
        self.steps = list(steps)
        self.opened = self.closed = 0
        self.refusals = 0
        self.closing = threading.Event()

    def open(self) -> None:
        self.opened += 1
        if self.opened <= self.refusals:
            raise SourceError('not there')

    def read(self) -> Frame | None:
        if not self.steps:
            self.closing.wait(PATIENCE)
            return None
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return None if step is None else Frame(np.zeros((2, 2), np.uint8), 'mono8', step)

    def close(self) -> None:
        self.closed += 1
        self.closing.set()


class Log:
    def __init__(self, source: FrameSource) -> None:
        self.lines: list[str] = []
        self.done = threading.Event()
        self.reader = SourceReader(
            source,
            lambda frame: self.lines.append(f'frame {frame.stamp}'),
            self.failed,
            lambda: self.lines.append('open'),
            self.end,
            delay=0.01,
        )

    def failed(self, error: Exception, again: bool) -> None:
        self.lines.append(f'{error}, {"again" if again else "over"}')
        if not again:
            self.done.set()

    def end(self) -> None:
        self.lines.append('end')
        self.done.set()

    def run(self) -> list[str]:
        self.reader.start()
        assert self.done.wait(PATIENCE)
        self.reader.stop()
        return self.lines


def test_a_file_is_read_to_its_end():
    log = Log(Script([1, 2, None]))
    assert log.run() == ['open', 'frame 1', 'frame 2', 'end']
    assert log.reader.has_ended


def test_a_file_that_cannot_be_opened_is_reported_at_once():
    source = Script([])
    source.refusals = 1
    with pytest.raises(SourceError, match='not there'):
        Log(source).reader.start()


def test_a_live_source_is_opened_again_until_it_is_available():
    source = Script([1, SourceError('gone'), 2, None], live=True)
    source.refusals = 2
    lines = Log(source).run()
    again = ['not there, again'] * 2
    assert lines == [*again, 'open', 'frame 1', 'gone, again', 'open', 'frame 2', 'end']
    assert source.opened == 4


@pytest.mark.parametrize('error', [SourceError('damaged'), RuntimeError('a fault')])
def test_a_file_error_and_an_unexpected_error_end_the_reading(error):
    log = Log(Script([1, error, 2]))
    assert log.run() == ['open', 'frame 1', f'{error}, over']
    assert not log.reader.has_ended


def test_stop_ends_a_waiting_read_without_reporting_the_end_of_the_source():
    source = Script([1], live=True)
    log = Log(source)
    log.reader.start()
    log.reader.stop()
    assert 'end' not in log.lines
    assert source.closed


def test_a_source_is_closed_if_it_cannot_be_used_after_it_was_opened():
    source = Script([1])

    def refuse() -> None:
        raise ValueError('no')

    reader = SourceReader(source, lambda _: None, lambda *_: None, on_open=refuse)
    with pytest.raises(ValueError, match='no'):
        reader.start()
    assert (source.opened, source.closed) == (1, 1)
