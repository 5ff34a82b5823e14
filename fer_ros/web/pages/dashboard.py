"""The dashboard: live image, current expressions, time lines, events and node states."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from nicegui import ui

from fer_ros.core.types import (
    AttentionEvent,
    AttentionType,
    EmotionSet,
    EventType,
    ExpressionEvent,
    FaceEmotion,
)
from fer_ros.web.colours import web_colour
from fer_ros.web.pages.elements import (
    FaceCards,
    LivePicture,
    LookBack,
    PipelineControls,
)
from fer_ros.web.pages.header import header
from fer_ros.web.pages.theme import Theme, add_styles, add_words
from fer_ros.web.state.health import Level, Situation
from fer_ros.web.state.people import left_to_right
from fer_ros.web.state.pipeline_state import Figures, NumberedEvent, PipelineState
from fer_ros.web.stream import PictureStream
from fer_ros.web.texts import Texts

#: Seconds between two updates of the page.
FACES_PERIOD = 0.2
REST_PERIOD = 1.0

#: Number of events in the list.
LISTED = 50

#: Shown if there is no current figure.
NO_FIGURE = '-'

#: Number of faces with a card. The largest faces have one.
MOST_CARDS = 6

#: Explanations of the figures of a face.
FACE_NUMBERS = (
    (
        'percent',
        'How probable the model finds this expression for the face. The sum over all expressions '
        'is 100 %.',
    ),
    (
        'uncertain',
        'No expression is probable enough at the moment. A label with a question mark is the '
        'last label.',
    ),
    (
        'person 1',
        'People are counted in the order in which they appear. A person who returns gets a new '
        'number, because people are not recognised.',
    ),
    ('letters next to it', 'The id of the face in topics and in the API.'),
)

#: Explanations of the figures of a node.
NODE_NUMBERS = (
    ('Hz', 'Results of the node per second.'),
    ('ms', 'Time from the capture of a frame until the node has processed it.'),
    (
        'skipped',
        'Frames per second that a newer frame replaced before the node could process them.',
    ),
)


class Dashboard:
    """One open page in one browser."""

    def __init__(
        self, pipeline_state: PipelineState, stream: PictureStream, theme: str, texts: Texts
    ) -> None:
        self._text = texts
        self._pipeline_state = pipeline_state
        self._stream = stream
        self._last_event = 0
        self._class_names: tuple[str, ...] = ()
        self._nodes: dict[str, list[ui.label]] = {}
        add_styles('theme.css', 'dashboard.css')
        add_words(texts)
        header('/', texts, Theme(theme), self._show_state)
        # NiceGUI adds its own main element around a page.
        with ui.element('div').classes('grid'):
            with ui.element('div').classes('side'):
                self._picture()
                LookBack().classes('live')
                self._pipeline()
            with ui.element('div').classes('side'):
                self._faces()
                PipelineControls().classes('live')
                self._events()
        self._refresh_faces()
        self._refresh_rest()
        ui.timer(FACES_PERIOD, self._refresh_faces)
        ui.timer(REST_PERIOD, self._refresh_rest)

    # The content of the page.

    def _show_state(self) -> None:
        with ui.element('div').classes('state live').props('role=status') as self._state:
            ui.element('i').classes('dot')
            self._state_text = ui.label()
            self._state_detail = ui.label().classes('quiet')

    def _picture(self) -> None:
        with ui.element('section').classes('card picture-card'):
            LivePicture()
            self._no_picture = ui.label().classes('no-picture live')
            ui.label(self._text('no connection')).classes('no-picture when-lost')
            with ui.element('div').classes('figures'):
                self._rate = self._figure(
                    'frames per second',
                    'Number of frames per second in which faces were searched.',
                )
                self._latency = self._figure(
                    'ms from capture to result',
                    'Median time from the capture of a frame to its result.',
                )
                self._skipped = self._figure(
                    'frames per second skipped for newer ones',
                    'If a newer frame arrives first, a waiting frame is dropped, so that you see '
                    'the newest. This is normal.',
                )

    def _faces(self) -> None:
        with ui.element('section').classes('card now'):
            self._title('In view: apparent expressions')
            self._cards = FaceCards().classes('live')
            self._nobody = ui.label().classes('quiet nothing live')
            self._lost()
            ui.label(
                self._text('What a face looks like to a model, not what a person feels.')
            ).classes('quiet remark')
            self._meanings(FACE_NUMBERS)

    def _events(self) -> None:
        with ui.element('section').classes('card events-card'):
            self._title('Events')
            self._no_events = ui.label(self._text('None yet.')).classes('quiet nothing')
            self._event_list = (
                ui.element('ol')
                .classes('events')
                .props(f'tabindex=0 aria-label="{self._text("latest events")}"')
            )

    def _pipeline(self) -> None:
        with ui.element('section').classes('card pipeline'):
            self._title('Pipeline')
            self._no_nodes = ui.label(self._text('No node has reported yet.')).classes(
                'quiet nothing live'
            )
            self._node_table = ui.element('div').classes('nodes live')
            self._lost()
            self._meanings(NODE_NUMBERS)

    def _title(self, text: str) -> None:
        ui.label(self._text(text)).classes('title').props('role=heading aria-level=2')

    def _lost(self) -> None:
        ui.label(self._text('No connection.')).classes('quiet nothing when-lost')

    def _figure(self, unit: str, meaning: str) -> ui.label:
        with ui.element('div').classes('figure'):
            value = ui.label().classes('value')
            with ui.element('details').classes('meaning'):
                with ui.element('summary'):
                    ui.label(self._text(unit))
                ui.label(self._text(meaning))
        return value

    def _meanings(self, numbers: Sequence[tuple[str, str]]) -> None:
        """Create the explanations of the figures, which open on a click."""
        with ui.element('details').classes('meaning'):
            with ui.element('summary'):
                ui.label(self._text('What do the numbers mean?'))
            with ui.element('dl'):
                for name, meaning in numbers:
                    with ui.element('dt'):
                        ui.label(self._text(name))
                    with ui.element('dd'):
                        ui.label(self._text(meaning))

    # Updates.

    def _refresh_faces(self) -> None:
        situation, emotions = self._pipeline_state.situation(), self._pipeline_state.emotions()
        if emotions is not None:
            self._class_names = emotions.class_names
        self._show_situation(situation)
        faces = [] if emotions is None else largest(emotions.faces)
        self._cards.show(
            faces=[]
            if emotions is None
            else [
                face_card(face, emotions, self._pipeline_state.people.number(face.face_id))
                for face in faces
            ]
        )
        self._nobody.set_visibility(not faces)
        for event in self._pipeline_state.events(self._last_event):
            self._add_event(event)

    def _show_situation(self, situation: Situation) -> None:
        self._state.classes(replace=f'state live {situation.phase.value.replace(" ", "-")}')
        self._state_text.set_text(self._text.translated(situation.text))
        self._state_detail.set_text(self._text.translated(situation.detail))
        self._nobody.set_text(
            self._text('Searching for a face.' if situation.is_running else 'No results arrive.')
        )
        if situation.is_running:
            notice = '' if self._stream.images_arrive else 'no images arrive: expressions only'
        else:
            notice = situation.text
        self._no_picture.set_text(self._text.translated(notice))
        self._no_picture.set_visibility(bool(notice))
        if not situation.is_running:
            self._show_figures(None)

    def _refresh_rest(self) -> None:
        is_running = self._pipeline_state.situation().is_running
        self._show_figures(self._pipeline_state.figures() if is_running else None)
        self._show_nodes()

    def _show_figures(self, figures: Figures | None) -> None:
        latency = None if figures is None else figures.latency
        self._rate.set_text(NO_FIGURE if figures is None else f'{figures.rate:.1f}')
        self._latency.set_text(NO_FIGURE if latency is None else f'{latency * 1000:.0f}')
        self._skipped.set_text(NO_FIGURE if figures is None else f'{figures.skipped:.1f}')

    def _show_nodes(self) -> None:
        nodes = self._pipeline_state.nodes()
        now = self._pipeline_state.clock()
        names = [node.name for node in nodes]
        if list(self._nodes) != names:
            self._node_table.clear()
            with self._node_table:
                self._nodes = {name: _node_row() for name in names}
        self._no_nodes.set_visibility(not nodes)
        for node in nodes:
            state, name, message, rate, latency, skipped = self._nodes[node.name]
            silent = node.is_silent(now)
            state.classes(replace=f'dot {"silent" if silent else node.level.value}')
            name.set_text(node.name)
            elsewhere = node.host not in ('', self._pipeline_state.host)
            told = (
                self._text.translated(f'silent for {now - node.heard:.0f} s')
                if silent
                else node.message
            )
            message.set_text(f'{told} ({node.host})' if elsewhere else told)
            message.classes(
                replace='message' if node.level is Level.OK and not silent else 'message loud'
            )
            rate.set_text('' if node.rate is None or silent else f'{node.rate:.1f} Hz')
            latency.set_text(
                '' if node.latency is None or silent else f'{node.latency * 1000:.0f} ms'
            )
            skipped.set_text(
                f'{node.skipped:.1f}/s {self._text("skipped")}'
                if node.skipped and not silent
                else ''
            )

    def _add_event(self, numbered: NumberedEvent) -> None:
        self._last_event = numbered.number
        self._no_events.set_visibility(False)
        event = numbered.event
        with self._event_list, ui.element('li') as row:
            ui.label(time.strftime('%H:%M:%S', time.localtime(numbered.time))).classes('time')
            dot = ui.element('i').classes('dot')
            if isinstance(event, ExpressionEvent):
                dot.style(f'background: {web_colour(event.label, self._class_names)}')
            ui.label(f'{self._text("person")} {numbered.person}').classes('who')
            ui.label(event_text(numbered, self._text))
            ui.label(event.face_id).classes('id')
        row.move(target_index=0)
        while len(self._event_list.default_slot.children) > LISTED:
            self._event_list.remove(-1)


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


def largest(faces: Iterable[FaceEmotion]) -> list[FaceEmotion]:
    """Return the largest faces, in the order from left to right."""
    return left_to_right(sorted(faces, key=lambda face: -face.box.area)[:MOST_CARDS])


def face_card(face: FaceEmotion, emotions: EmotionSet, person: int) -> dict[str, Any]:
    """Return the values that a card shows for a face."""
    names = emotions.class_names
    return {
        'id': face.face_id,
        'person': person,
        'label': face.label_text,
        'confidence': round(face.confidence, 2),
        'looks': face.looks,
        'colour': web_colour(face.label_now, names),
        'bars': [
            {'name': name, 'value': round(float(value), 2), 'colour': web_colour(name, names)}
            for name, value in zip(names, face.probabilities, strict=True)
        ],
        'attributes': [
            {'name': name, 'value': round(score, 2)} for name, score in face.attributes.items()
        ],
    }


def _node_row() -> list[Any]:
    with ui.element('div').classes('node'):
        return [
            ui.element('i').classes('dot'),
            ui.label().classes('name'),
            ui.label().classes('message'),
            ui.label().classes('number'),
            ui.label().classes('number'),
            ui.label().classes('number'),
        ]
