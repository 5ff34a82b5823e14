"""The header of the pages: their name, links, language and theme."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from fer_ros.web.pages.elements import Heartbeat, ModelDialog
from fer_ros.web.pages.theme import Theme, address_of
from fer_ros.web.texts import LANGUAGE_COOKIE, LANGUAGES, Texts

#: Pages in the order of the links, with the texts of the links.
_PAGES = {'/': 'Live', '/try': 'Try a picture', '/headset': 'Headset view'}

_KEEP_LANGUAGE = f"""(event) => {{
    document.cookie = `{LANGUAGE_COOKIE}=${{event.target.value}}; path=/; max-age=31536000; ` +
        'samesite=lax';
    const here = new URL(location);
    here.searchParams.delete('lang');
    location.replace(here);
}}"""


def header(here: str, texts: Texts, theme: Theme, state: Callable[[], None]) -> None:
    """Create the header of a page.

    Args:
        here: Path of the page.
        state: Creates the element that shows the state of the pipeline.
    """
    with ui.element('header').classes('top'):
        ui.html('<h1>fer_ros</h1>', sanitize=False)
        state()
        Heartbeat()
        with ui.element('nav').props(f'aria-label="{texts("pages")}"'):
            for path, name in _PAGES.items():
                link = ui.link(texts(name), address_of(path))
                if path == here:
                    link.props('aria-current=page')
            ModelDialog()
            ui.link('API', '/docs')
            _language(texts)
            theme.button()


def _language(texts: Texts) -> None:
    """Create the language selector. The page reloads in the new language."""
    with (
        ui.element('select')
        .classes('language')
        .props(f'aria-label="{texts("language")}"')
        .on('change', js_handler=_KEEP_LANGUAGE)
    ):
        for code, name in LANGUAGES.items():
            selected = 'selected' if code == texts.language else ''
            with ui.element('option').props(f'value={code} lang={code} {selected}'):
                ui.html(name, sanitize=False, tag='span')
