"""The page on which people try their own picture or video."""

from __future__ import annotations

from nicegui import ui

from fer_ros.core.imaging.formats import PICTURE_SUFFIXES, READABLE_NAMES
from fer_ros.core.sources.video import VIDEO_SUFFIXES
from fer_ros.web.pages.elements import BrowserCamera, TryPicture
from fer_ros.web.pages.header import header
from fer_ros.web.pages.theme import Theme, add_styles, add_words
from fer_ros.web.texts import Texts


def create_try_page(theme: str, texts: Texts, private: bool) -> None:
    """Create the page in one browser.

    Args:
        private: No image of a camera leaves its device.
    """
    chosen = Theme(theme)
    add_styles('theme.css', 'dashboard.css', 'try.css')
    add_words(texts)
    header('/try', texts, chosen, lambda: None)
    accept = ['image/*', 'video/*', *sorted(PICTURE_SUFFIXES | VIDEO_SUFFIXES)]
    # NiceGUI adds its own main element around a page.
    with ui.element('div').classes('try-page'):
        TryPicture().classes('live').show(
            accept=','.join(accept), formats=f'{READABLE_NAMES}; MP4, WebM, AVI, MOV, MKV'
        )
        BrowserCamera().classes('live').show(allowed=not private)
