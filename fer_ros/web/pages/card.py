"""The common parts of the cards of the dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from fer_ros.web.texts import Texts


class Card:
    """A card of the dashboard. Its texts are in the language of the page."""

    def __init__(self, texts: Texts) -> None:
        self._text = texts

    def _title(self, text: str) -> None:
        ui.label(self._text(text)).classes('title').props('role=heading aria-level=2')

    def _lost(self) -> None:
        """Create the text that is shown instead of the content if the server is lost."""
        ui.label(self._text('No connection.')).classes('quiet nothing when-lost')

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
