"""Streams of events, for WebSockets and as Server-Sent Events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from fer_ros.web.json_objects import event_schema
from fer_ros.web.state.pipeline_state import NumberedEvent, PipelineState

#: Number of events that wait for a client. A slower client is disconnected.
MOST_WAITING = 200

#: The media type that a browser's EventSource requests.
EVENT_STREAM = 'text/event-stream'

#: Seconds without an event after which a comment is sent, to detect clients that are gone.
HEARTBEAT = 15.0


class EventQueue:
    """The events during a `with` block, in order. Create and read it on the same event loop."""

    def __init__(self, pipeline_state: PipelineState) -> None:
        self._pipeline_state = pipeline_state
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[NumberedEvent] = asyncio.Queue()

    def __enter__(self) -> EventQueue:
        self._end = self._pipeline_state.listen(self._from_any_thread)
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    async def next(self) -> NumberedEvent | None:
        """Wait for the next event. Return None if the client is too slow."""
        event = await self._queue.get()
        return None if self._queue.qsize() > MOST_WAITING else event

    def _from_any_thread(self, event: NumberedEvent) -> None:
        # The event loop has ended, and its clients with it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue.put_nowait, event)


async def server_sent_events(
    pipeline_state: PipelineState, last: int | None
) -> AsyncIterator[str]:
    """Yield each event as a Server-Sent Event: its number as id, its JSON as data.

    It ends if the client is too slow. A browser then reconnects automatically.

    Args:
        pipeline_state: The source of the events.
        last: Number of the last event that the client received. The missed events are sent first.
            None starts with the next event.
    """
    with EventQueue(pipeline_state) as queue:
        sent = 0
        yield ': events of fer_ros\n\n'
        for missed in pipeline_state.events(last) if last is not None else ():
            sent = missed.number
            yield _as_text(missed)
        while True:
            try:
                event = await asyncio.wait_for(queue.next(), HEARTBEAT)
            except asyncio.TimeoutError:
                yield ': nothing new\n\n'
                continue
            if event is None:
                return
            if event.number > sent:
                yield _as_text(event)


def _as_text(event: NumberedEvent) -> str:
    return f'id: {event.number}\ndata: {event_schema(event).model_dump_json()}\n\n'
