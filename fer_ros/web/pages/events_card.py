"""The card of the dashboard with the latest events."""

from __future__ import annotations

import time

from nicegui import ui

from fer_ros.core.types import AttentionEvent, AttentionType, EventType, ExpressionEvent
from fer_ros.web.colours import web_colour
from fer_ros.web.pages.card import Card
from fer_ros.web.state.pipeline_state import NumberedEvent
from fer_ros.web.texts import Texts

#: Number of events in the list.
LISTED = 50


class EventsCard(Card):
    """The latest events, the newest first.

    Attributes:
        last: Number of the newest event in the list, 0 if it is empty.
    """

    def __init__(self, texts: Texts) -> None:
        super().__init__(texts)
        self.last = 0
        with ui.element('section').classes('card events-card'):
            self._title('Events')
            self._no_events = ui.label(texts('None yet.')).classes('quiet nothing')
            self._list = (
                ui.element('ol')
                .classes('events')
                .props(f'tabindex=0 aria-label="{texts("latest events")}"')
            )

    def add(self, numbered: NumberedEvent, class_names: tuple[str, ...]) -> None:
        """Add the next event. The classes of the model select its colour."""
        self.last = numbered.number
        self._no_events.set_visibility(False)
        event = numbered.event
        with self._list, ui.element('li') as row:
            ui.label(time.strftime('%H:%M:%S', time.localtime(numbered.time))).classes('time')
            dot = ui.element('i').classes('dot')
            if isinstance(event, ExpressionEvent):
                dot.style(f'background: {web_colour(event.label, class_names)}')
            ui.label(f'{self._text("person")} {numbered.person}').classes('who')
            ui.label(event_text(numbered, self._text))
            ui.label(event.face_id).classes('id')
        row.move(target_index=0)
        while len(self._list.default_slot.children) > LISTED:
            self._list.remove(-1)


def event_text(numbered: NumberedEvent, texts: Texts) -> str:
    """Return an event as a line of text."""
    event = numbered.event
    if isinstance(event, AttentionEvent):
        return texts('looks here' if event.type is AttentionType.LOOKS else 'looks away')
    if event.type is EventType.APPEARED:
        return f'{texts("appeared, looks")} {texts(event.label)}'
    if event.type is EventType.CHANGED:
        # Isolated, because labels from right to left would exchange their places.
        return f'\u2068{texts(event.previous_label)}\u2069 → \u2068{texts(event.label)}\u2069'
    return texts.translated(f'left after {event.duration:.0f} s')
