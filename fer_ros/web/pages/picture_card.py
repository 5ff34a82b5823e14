"""The card of the dashboard with the live image and the figures of the pipeline."""

from __future__ import annotations

from nicegui import ui

from fer_ros.web.pages.card import Card
from fer_ros.web.pages.elements import LivePicture
from fer_ros.web.state.health import Situation
from fer_ros.web.state.pipeline_state import Figures
from fer_ros.web.stream import PictureStream
from fer_ros.web.texts import Texts

#: Shown if there is no current figure.
NO_FIGURE = '-'


class PictureCard(Card):
    """The live image, why there is none, and rate, latency and skipped frames."""

    def __init__(self, texts: Texts, stream: PictureStream) -> None:
        super().__init__(texts)
        self._stream = stream
        with ui.element('section').classes('card picture-card'):
            LivePicture()
            self._no_picture = ui.label().classes('no-picture live')
            ui.label(texts('no connection')).classes('no-picture when-lost')
            with ui.element('div').classes('figures'):
                self._rate = self._figure(
                    'frames per second',
                    'Number of frames per second that were searched for faces.',
                )
                self._latency = self._figure(
                    'ms from capture to result',
                    'Median time from the capture of a frame to its result.',
                )
                self._skipped = self._figure(
                    'frames per second skipped for newer ones',
                    'If a newer frame arrives, a waiting frame is dropped, so that you always see '
                    'the newest one. This is normal.',
                )

    def _figure(self, unit: str, meaning: str) -> ui.label:
        with ui.element('div').classes('figure'):
            value = ui.label().classes('value')
            with ui.element('details').classes('meaning'):
                with ui.element('summary'):
                    ui.label(self._text(unit))
                ui.label(self._text(meaning))
        return value

    def show_situation(self, situation: Situation) -> None:
        """Show why there is no image. Without results, there are no figures either."""
        notice = situation.text
        if situation.is_running:
            notice = '' if self._stream.images_arrive else 'no images arrive: expressions only'
        else:
            self.show_figures(None)
        self._no_picture.set_text(self._text.translated(notice))
        self._no_picture.set_visibility(bool(notice))

    def show_figures(self, figures: Figures | None) -> None:
        """Show new figures."""
        latency = None if figures is None else figures.latency
        self._rate.set_text(NO_FIGURE if figures is None else f'{figures.rate:.1f}')
        self._latency.set_text(NO_FIGURE if latency is None else f'{latency * 1000:.0f}')
        self._skipped.set_text(NO_FIGURE if figures is None else f'{figures.skipped:.1f}')
