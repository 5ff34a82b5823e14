"""Light and dark themes, and settings that the browser keeps."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from fer_ros.web.colours import palette
from fer_ros.web.texts import Texts

#: Theme to its value in NiceGUI, and its icon.
THEMES: dict[str, tuple[bool | None, str]] = {
    'auto': (None, 'brightness_auto'),
    'light': (False, 'light_mode'),
    'dark': (True, 'dark_mode'),
}

_KEPT = 'fer_ros.theme'

#: Removes the theme from the addresses of the page and of its links, when a person selects one.
_FORGET_THEME = """
    const without = (address) => {
        const url = new URL(address);
        url.searchParams.delete('theme');
        return url;
    };
    history.replaceState(history.state, '', without(location));
    document.querySelectorAll('a[href*="theme="]').forEach((a) => { a.href = without(a.href); });
"""


def add_styles(*names: str) -> None:
    """Let a page use style sheets of static/."""
    for name in names:
        ui.add_head_html(f'<link rel="stylesheet" href="/static/{name}">')


def add_words(texts: Texts) -> None:
    """Give the elements in the browser the texts of a language."""
    words, colours = _script(texts.table), _script(palette())
    ui.add_head_html(
        f'<script>window.ferLanguage = "{texts.language}"; {{ const words = {words}; '
        'window.ferWord = (text) => words[text] ?? text; } '
        f'window.ferColours = {colours};</script>'
    )


def _script(value: Any) -> str:
    """Return a value as JavaScript for a script in a page."""
    return json.dumps(value).replace('<', '\\u003c')


async def recall(name: str) -> dict[str, Any]:
    """Return the object that this browser keeps under a name, or {} if there is none."""
    await ui.context.client.connected()
    text = await ui.run_javascript(f'return localStorage.getItem({json.dumps(name)})', timeout=5)
    try:
        kept = json.loads(text or '{}')
    except (TypeError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def keep(name: str, values: dict[str, Any]) -> None:
    """Store values under a name in this browser."""
    text = json.dumps(json.dumps(values))
    ui.run_javascript(f'localStorage.setItem({json.dumps(name)}, {text})')


def address_of(path: str) -> str:
    """Return the address of another page, with the theme and language of this page's address."""
    given = ui.context.client.request.query_params
    query = urlencode({name: given[name] for name in ('theme', 'lang') if given.get(name)})
    return f'{path}?{query}' if query else path


class Theme:
    """The theme of the page: system, light or dark. By default, the browser's choice."""

    def __init__(self, theme: str) -> None:
        self.name = theme if theme in THEMES else 'auto'
        self._dark = ui.dark_mode(THEMES[self.name][0])
        self._button: ui.button | None = None
        if not theme:
            ui.timer(0.0, self._recall, once=True)

    def button(self) -> None:
        """Create the button that changes the theme."""
        self._button = ui.button(on_click=self._next, color=None).props('flat round dense size=md')
        self._set(self.name)

    def _set(self, name: str) -> None:
        self.name = name
        self._dark.value, icon = THEMES[name]
        if self._button is not None:
            self._button.props(f'icon={icon} aria-label="theme: {name}"')

    def _next(self) -> None:
        names = list(THEMES)
        self._set(names[(names.index(self.name) + 1) % len(names)])
        keep(_KEPT, {'theme': self.name})
        ui.run_javascript(_FORGET_THEME)

    async def _recall(self) -> None:
        kept = str((await recall(_KEPT)).get('theme', ''))
        if kept in THEMES:
            self._set(kept)
