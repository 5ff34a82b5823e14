"""Server-Sent Events: what an EventSource of a browser receives from /events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from support.waiting import PATIENCE, wait_for

from fer_ros.core.types import AttentionEvent, AttentionType, Box, EventType, ExpressionEvent
from fer_ros.web import event_stream

ACCEPT = {'accept': 'text/event-stream'}


@pytest.fixture(scope='module')
def site(serve):
    return serve()


def tell(site, *labels: str) -> None:
    for label in labels:
        site.pipeline_state.take_event(
            ExpressionEvent(
                EventType.APPEARED, 1, 'eye', 'f1', label, '', 0.8, 0.0, Box(1, 2, 3, 4)
            )
        )


@contextmanager
def stream(site, path: str = '/events', **headers: str) -> Iterator[Iterator[str]]:
    """Open a stream, and yield its lines after the first comment."""
    asked = {**ACCEPT, **{name.replace('_', '-'): value for name, value in headers.items()}}
    with httpx.stream('GET', site.url + path, headers=asked, timeout=PATIENCE) as answer:
        assert answer.headers['content-type'].startswith('text/event-stream')
        lines = answer.iter_lines()
        assert next(lines).startswith(':')
        yield lines


def events(lines: Iterator[str], count: int) -> list[tuple[int, str]]:
    """Return number and label of several events."""
    found = []
    while len(found) < count:
        line = next(lines)
        if line.startswith('id: '):
            number = int(line.removeprefix('id: '))
            data = json.loads(next(lines).removeprefix('data: '))
            found.append((number, data['label']))
    return found


def wait_for_nobody(site) -> None:
    wait_for(lambda: not site.pipeline_state._sinks, 'end of the clients')


def test_each_event_is_sent_immediately(site):
    with stream(site) as lines:
        tell(site, 'happy', 'sad')
        (first, one), (second, other) = events(lines, 2)
    assert (one, other) == ('happy', 'sad')
    assert second == first + 1


def test_a_client_that_reconnects_gets_the_missed_events(site):
    with stream(site) as lines:
        tell(site, 'happy')
        ((last, _),) = events(lines, 1)
    tell(site, 'sad', 'fear')
    with stream(site, last_event_id=str(last)) as lines:
        assert [label for _, label in events(lines, 2)] == ['sad', 'fear']
        tell(site, 'neutral')
        assert [label for _, label in events(lines, 1)] == ['neutral']


def test_a_number_of_any_length_is_accepted(site):
    with stream(site, last_event_id='9' * 5000) as lines:
        tell(site, 'happy')
        assert [label for _, label in events(lines, 1)] == ['happy']
    assert site.get(f'/events?after={"9" * 5000}').status_code == 422


def test_a_stream_can_start_after_a_number(serve):
    """Until the client has received an event, the address has the number."""
    site = serve()
    tell(site, 'happy', 'sad', 'fear')
    with stream(site, '/events?after=1') as lines:
        assert [label for _, label in events(lines, 2)] == ['sad', 'fear']
    with stream(site, '/events?after=1', last_event_id='2') as lines:
        assert [label for _, label in events(lines, 1)] == ['fear']


def test_a_table_is_sent_also_to_a_client_that_accepts_streams(site):
    answer = site.get('/events?format=csv', headers=ACCEPT)
    assert answer.headers['content-type'].startswith('text/csv')


def test_a_client_of_an_earlier_run_of_the_server_gets_the_events_of_this_one(serve):
    """A browser reconnects with the number of the last event that the earlier run sent."""
    restarted = serve()
    tell(restarted, 'happy')
    with stream(restarted, last_event_id='57') as lines:
        tell(restarted, 'sad')
        assert [label for _, label in events(lines, 2)] == ['happy', 'sad']
    assert [event['label'] for event in restarted.get('/events?after=57').json()] == [
        'happy', 'sad'
    ]  # fmt: skip
    assert restarted.get('/events?after=2').json() == []


def test_an_idle_stream_is_kept_alive_and_removed_with_its_client(site, monkeypatch):
    monkeypatch.setattr(event_stream, 'HEARTBEAT', 0.05)
    with stream(site) as lines:
        assert next(line for line in lines if line) == ': nothing new'
    wait_for_nobody(site)


def test_without_the_stream_media_type_events_are_a_list(site):
    tell(site, 'happy')
    assert site.get('/events').json()[-1]['label'] == 'happy'


def test_attention_events_are_in_the_same_stream(site):
    with stream(site) as lines:
        tell(site, 'happy')
        site.pipeline_state.take_event(
            AttentionEvent(AttentionType.LOOKS, 2, 'eye', 'f1', 0.91234, 0.0, Box(1, 2, 3, 4))
        )
        assert events(lines, 2)[1][1] == ''
