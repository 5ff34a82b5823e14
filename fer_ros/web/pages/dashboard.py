"""The dashboard: live image, current expressions, time lines, events and node states."""

from __future__ import annotations

from nicegui import ui

from fer_ros.web.pages.elements import LookBack, PipelineControls
from fer_ros.web.pages.events_card import EventsCard
from fer_ros.web.pages.faces_card import FacesCard
from fer_ros.web.pages.header import header
from fer_ros.web.pages.nodes_card import NodesCard
from fer_ros.web.pages.picture_card import PictureCard
from fer_ros.web.pages.theme import Theme, add_styles, add_words
from fer_ros.web.state.health import Situation
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream
from fer_ros.web.texts import Texts

#: Seconds between two updates of the page.
FACES_PERIOD = 0.2
REST_PERIOD = 1.0


class Dashboard:
    """One open page in one browser."""

    def __init__(
        self, pipeline_state: PipelineState, stream: PictureStream, theme: str, texts: Texts
    ) -> None:
        self._text = texts
        self._pipeline_state = pipeline_state
        self._class_names: tuple[str, ...] = ()
        add_styles('theme.css', 'dashboard.css')
        add_words(texts)
        header('/', texts, Theme(theme), self._create_state)
        # NiceGUI adds its own main element around a page.
        with ui.element('div').classes('grid'):
            with ui.element('div').classes('side'):
                self._picture = PictureCard(texts, stream)
                LookBack().classes('live')
                self._nodes = NodesCard(texts)
            with ui.element('div').classes('side'):
                self._faces = FacesCard(texts, pipeline_state.people)
                PipelineControls().classes('live')
                self._events = EventsCard(texts)
        self._refresh_faces()
        self._refresh_rest()
        ui.timer(FACES_PERIOD, self._refresh_faces)
        ui.timer(REST_PERIOD, self._refresh_rest)

    def _create_state(self) -> None:
        with ui.element('div').classes('state live').props('role=status') as self._state:
            ui.element('i').classes('dot')
            self._state_text = ui.label()
            self._state_detail = ui.label().classes('quiet')

    def _refresh_faces(self) -> None:
        situation, emotions = self._pipeline_state.situation(), self._pipeline_state.emotions()
        self._show_state(situation)
        self._picture.show_situation(situation)
        self._faces.show(situation, emotions)
        if emotions is not None:
            self._class_names = emotions.class_names
        for event in self._pipeline_state.events(self._events.last):
            self._events.add(event, self._class_names)

    def _show_state(self, situation: Situation) -> None:
        self._state.classes(replace=f'state live {situation.phase.value.replace(" ", "-")}')
        self._state_text.set_text(self._text.translated(situation.text))
        self._state_detail.set_text(self._text.translated(situation.detail))

    def _refresh_rest(self) -> None:
        state = self._pipeline_state
        self._picture.show_figures(state.figures() if state.situation().is_running else None)
        self._nodes.show(state.nodes(), state.clock(), state.host)
