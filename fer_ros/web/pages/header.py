"""The top of the pages: their name, what else there is, and how they look."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from fer_ros.web.pages.elements import Heartbeat, ModelDialog
from fer_ros.web.pages.theme import Theme
from fer_ros.web.texts import Texts

#: Pages in the order of the links, and what the links say.
_PAGES = {'/': 'Live', '/try': 'Try a picture', '/headset': 'Headset view'}


def header(here: str, texts: Texts, theme: Theme, state: Callable[[], None]) -> None:
    """Create the top of a page.

    here: path of the page. state: creates the element that shows the state of the pipeline.
    """
    with ui.element('header').classes('top'):
        ui.html('<h1>fer_ros</h1>', sanitize=False)
        state()
        Heartbeat()
        with ui.element('nav').props(f'aria-label="{texts("pages")}"'):
            for path, name in _PAGES.items():
                link = ui.link(texts(name), path)
                if path == here:
                    link.props('aria-current=page')
            ModelDialog()
            ui.link('API', '/docs')
            theme.button()
