"""The dashboard: the live picture, expressions now, time lines, events, and how the nodes are."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from fer_ros.core.types import EmotionSet, EventType, FaceEmotion
from fer_ros.web.board import Board, Figures, NumberedEvent
from fer_ros.web.colours import web_colour, web_ink
from fer_ros.web.health import Level, Situation
from fer_ros.web.pages.elements import FaceCards, Heartbeat, LivePicture, TimeLineChart
from fer_ros.web.pages.theme import Theme, add_styles
from fer_ros.web.stream import PictureStream
from fer_ros.web.time_line import SPAN, TimeLines

#: Seconds between two looks at the board.
FACES_PERIOD = 0.2
REST_PERIOD = 1.0

#: Events that are listed.
LISTED = 50

#: Stands where there is no figure of now.
NO_FIGURE = '-'

#: Faces with a card of their own, the largest ones.
MOST_CARDS = 6


class Dashboard:
    """One page in one browser."""

    def __init__(self, board: Board, stream: PictureStream, theme: str) -> None:
        self._board = board
        self._stream = stream
        self._last_event = 0
        self._class_names: tuple[str, ...] = ()
        self._nodes: dict[str, list[ui.label]] = {}
        self._theme = Theme(theme)
        add_styles('theme.css', 'dashboard.css')
        self._header()
        # NiceGUI puts a page into a main element of its own.
        with ui.element('div').classes('grid'):
            with ui.element('div').classes('side'):
                self._picture()
                self._lines()
                self._pipeline()
            with ui.element('div').classes('side'):
                self._faces()
                self._events()
        self._refresh_faces()
        self._refresh_rest()
        ui.timer(FACES_PERIOD, self._refresh_faces)
        ui.timer(REST_PERIOD, self._refresh_rest)

    # What is there.

    def _header(self) -> None:
        with ui.element('header').classes('top'):
            ui.html('<h1>fer_ros</h1>', sanitize=False)
            with ui.element('div').classes('state live').props('role=status') as self._state:
                ui.element('i').classes('dot')
                self._state_text = ui.label()
                self._state_detail = ui.label().classes('quiet')
            Heartbeat()
            with ui.element('nav'):
                ui.link('Headset view', '/headset')
                ui.link('API', '/docs')
                self._theme.button()

    def _picture(self) -> None:
        with ui.element('section').classes('card picture-card'):
            LivePicture()
            self._no_picture = ui.label().classes('no-picture live')
            ui.label('no connection').classes('no-picture when-lost')
            with ui.element('div').classes('figures'):
                self._rate = _figure('frames a second')
                self._latency = _figure('ms from capture to result')
                self._skipped = _figure('frames a second skipped for newer ones')

    def _faces(self) -> None:
        with ui.element('section').classes('card now'):
            _title('In view')
            self._cards = FaceCards().classes('live')
            self._nobody = ui.label().classes('quiet nothing live')
            _lost()
            ui.label(
                'Apparent expressions: what a face looks like, not what a person feels.'
            ).classes('quiet remark')

    def _lines(self) -> None:
        with ui.element('section').classes('card lines-card'):
            _title('Last minute')
            self._chart = TimeLineChart().classes('live')
            self._no_lines = ui.label('Nobody was in view.').classes('quiet nothing live')
            _lost()

    def _events(self) -> None:
        with ui.element('section').classes('card events-card'):
            _title('Events')
            self._no_events = ui.label('None yet.').classes('quiet nothing')
            self._event_list = (
                ui.element('ol').classes('events').props('tabindex=0 aria-label="latest events"')
            )

    def _pipeline(self) -> None:
        with ui.element('section').classes('card pipeline'):
            _title('Pipeline')
            self._no_nodes = ui.label('No node was heard yet.').classes('quiet nothing live')
            self._node_table = ui.element('div').classes('nodes live')
            _lost()

    # What changes.

    def _refresh_faces(self) -> None:
        situation, emotions = self._board.situation(), self._board.emotions()
        if emotions is not None:
            self._class_names = emotions.class_names
        self._show_situation(situation)
        faces = [] if emotions is None else left_to_right(emotions.faces)
        self._cards.show(
            faces=[] if emotions is None else [face_card(face, emotions) for face in faces]
        )
        self._nobody.set_visibility(not faces)
        lines = self._board.time_lines()
        self._chart.show(rows=time_line_rows(lines, self._class_names), span=SPAN)
        self._no_lines.set_visibility(not lines.faces)
        for event in self._board.events(self._last_event):
            self._add_event(event)

    def _show_situation(self, situation: Situation) -> None:
        self._state.classes(replace=f'state live {situation.phase.value.replace(" ", "-")}')
        self._state_text.set_text(situation.text)
        self._state_detail.set_text(situation.detail)
        self._nobody.set_text(
            'Searching for a face.' if situation.is_running else 'No results come.'
        )
        if situation.is_running:
            notice = '' if self._stream.pictures_come else 'no pictures come: expressions only'
        else:
            notice = situation.text
        self._no_picture.set_text(notice)
        self._no_picture.set_visibility(bool(notice))
        if not situation.is_running:
            self._show_figures(None)

    def _refresh_rest(self) -> None:
        is_running = self._board.situation().is_running
        self._show_figures(self._board.figures() if is_running else None)
        self._show_nodes()

    def _show_figures(self, figures: Figures | None) -> None:
        latency = None if figures is None else figures.latency
        self._rate.set_text(NO_FIGURE if figures is None else f'{figures.rate:.1f}')
        self._latency.set_text(NO_FIGURE if latency is None else f'{latency * 1000:.0f}')
        self._skipped.set_text(NO_FIGURE if figures is None else f'{figures.skipped:.1f}')

    def _show_nodes(self) -> None:
        nodes = self._board.nodes()
        now = self._board.clock()
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
            elsewhere = node.host not in ('', self._board.host)
            told = f'silent for {now - node.heard:.0f} s' if silent else node.message
            message.set_text(f'{told} (on {node.host})' if elsewhere else told)
            message.classes(
                replace='message' if node.level is Level.OK and not silent else 'message loud'
            )
            rate.set_text('' if node.rate is None or silent else f'{node.rate:.1f} Hz')
            latency.set_text(
                '' if node.latency is None or silent else f'{node.latency * 1000:.0f} ms'
            )
            skipped.set_text(
                f'{node.skipped:.1f}/s skipped' if node.skipped and not silent else ''
            )

    def _add_event(self, numbered: NumberedEvent) -> None:
        self._last_event = numbered.number
        self._no_events.set_visibility(False)
        event = numbered.event
        with self._event_list, ui.element('li') as row:
            ui.label(time.strftime('%H:%M:%S', time.localtime(numbered.time))).classes('time')
            colour = web_colour(event.label, self._class_names)
            ui.element('i').classes('dot').style(f'background: {colour}')
            ui.label(event_text(numbered))
            ui.label(event.face_id).classes('id')
        row.move(target_index=0)
        while len(self._event_list.default_slot.children) > LISTED:
            self._event_list.remove(-1)


def event_text(numbered: NumberedEvent) -> str:
    """Return an event in words."""
    event = numbered.event
    if event.type is EventType.APPEARED:
        return f'appeared, looks {event.label}'
    if event.type is EventType.CHANGED:
        return f'{event.previous_label} → {event.label}'
    return f'left after {event.duration:.0f} s'


def left_to_right(faces: Sequence[FaceEmotion]) -> list[FaceEmotion]:
    """Return the largest faces as they stand in the picture."""
    largest = sorted(faces, key=lambda face: -face.box.area)[:MOST_CARDS]
    return sorted(largest, key=lambda face: face.box.x + face.box.width / 2)


def face_card(face: FaceEmotion, emotions: EmotionSet) -> dict[str, Any]:
    """Return what a card shows of a face."""
    names = emotions.class_names
    return {
        'id': face.face_id,
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


def time_line_rows(lines: TimeLines, class_names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the rows of the chart: times in seconds before now."""
    rows = []
    for line in lines.faces.values():
        segments = []
        for segment in line.segments:
            start, end = max(segment.start, lines.now - SPAN), segment.end
            segments.append(
                {
                    'key': round(segment.start, 2),
                    'label': segment.label,
                    'colour': segment.colour,
                    'ink': web_ink(segment.label, class_names),
                    'ago': round(lines.now - end, 1),
                    'length': round(end - start, 1),
                }
            )
        rows.append({'id': line.face_id, 'here': lines.now - line.end < 1.0, 'segments': segments})
    return rows


def _lost() -> None:
    ui.label('No connection.').classes('quiet nothing when-lost')


def _title(text: str) -> None:
    ui.label(text).classes('title').props('role=heading aria-level=2')


def _figure(unit: str) -> ui.label:
    with ui.element('div').classes('figure'):
        value = ui.label().classes('value')
        ui.label(unit).classes('quiet')
    return value


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
