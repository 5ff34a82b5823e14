"""The headset view: the apparent expression of one person as one large word."""

from __future__ import annotations

from typing import Any
from unicodedata import east_asian_width

from nicegui import ui

from fer_ros.core.display.palette import COLOURS
from fer_ros.core.types import UNCERTAIN, EmotionSet
from fer_ros.web.pages.elements import Heartbeat
from fer_ros.web.pages.theme import Theme, add_styles, add_words, address_of, keep, recall
from fer_ros.web.state.health import Situation
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.texts import Texts

#: Seconds between two updates, and for which a new word must last before it is shown.
PERIOD = 0.2
CALM = 0.6

#: Height of the word, in percent of the smaller side of the view.
SMALLEST, USUAL, LARGEST = 6, 18, 40

#: Size of the font with which one letter fills a line, in percent of the width of the view.
LINE_OF_ONE = 150.0

LABELS = tuple(label for label in COLOURS if label != UNCERTAIN)

_KEPT = 'fer_ros.headset'

_SWITCH_FULL_SCREEN = """() => document.fullscreenElement
    ? document.exitFullscreen() : document.documentElement.requestFullscreen()"""


class Headset:
    """One view in one browser.

    Args:
        size: From the address. '' uses the size that the browser keeps.
        labels: From the address. '' uses the labels that the browser keeps.
    """

    def __init__(
        self, pipeline_state: PipelineState, size: str, labels: str, theme: str, texts: Texts
    ) -> None:
        self._text = texts
        self._pipeline_state = pipeline_state
        self._size = size_of(size) or USUAL
        self._labels = labels_in(labels) or LABELS
        self._word = CalmWord(pipeline_state.clock)
        self._theme = Theme(theme)
        add_styles('theme.css', 'headset.css')
        add_words(texts)
        # NiceGUI adds its own main element around a page.
        with ui.element('div').classes('view'):
            ui.html('<h1>fer_ros</h1>', sanitize=False).classes('unseen')
            self._shown = ui.label().classes('word live').props('role=status aria-live=polite')
            self._told = ui.label().classes('told live')
            Heartbeat()
            button = ui.button(icon='tune', color=None).props(
                f'flat round aria-label="{texts("settings")}"'
            )
            with button.classes('settings-button'):
                menu = (
                    ui.menu()
                    .classes('settings')
                    .props(f'role=dialog aria-label="{texts("settings")}"')
                )
            menu.on('keydown.esc', menu.close)
            with menu:
                self._settings()
        self._apply()
        self._refresh()
        ui.timer(PERIOD, self._refresh)
        if not (size or labels):
            ui.timer(0.0, self._recall, once=True)

    def _settings(self) -> None:
        ui.label(self._text('Size of the word')).classes('title')
        self._slider = ui.slider(
            min=SMALLEST,
            max=LARGEST,
            value=self._size,
            on_change=lambda event: self._change(size=event.value),
        ).props(f'aria-label="{self._text("Size of the word")}"')
        ui.label(self._text('Words')).classes('title')
        with ui.element('div').classes('words'):
            self._boxes = {
                label: ui.checkbox(
                    self._text(label),
                    value=label in self._labels,
                    on_change=lambda: self._change(),
                ).props('dense')
                for label in LABELS
            }
        with ui.element('div').classes('row'):
            ui.link(self._text('Dashboard'), address_of('/'))
            # In JavaScript, because a browser allows full screen only in a click handler.
            ui.button(self._text('Full screen'), color=None).props('flat no-caps dense').classes(
                'full-screen'
            ).on('click', js_handler=_SWITCH_FULL_SCREEN)
            self._theme.button()

    def _change(self, size: Any = None) -> None:
        if size is not None:
            self._size = size_of(str(size)) or USUAL
        self._labels = tuple(label for label, box in self._boxes.items() if box.value)
        self._apply()
        keep(_KEPT, {'size': self._size, 'labels': ','.join(self._labels)})

    def _apply(self) -> None:
        self._shown.style(f'font-size: {font_size(self._size, self._shown.text)}')

    async def _recall(self) -> None:
        kept = await recall(_KEPT)
        if 'labels' in kept:
            chosen = labels_in(str(kept['labels']))
            for label, box in self._boxes.items():
                box.set_value(label in chosen)
        if size := size_of(str(kept.get('size', ''))):
            self._slider.set_value(size)

    def _refresh(self) -> None:
        situation = self._pipeline_state.situation()
        word = word_of(self._pipeline_state.emotions(), self._labels)
        # A word that is no longer current disappears without delay.
        word = self._word.update(word) if situation.is_running else self._word.forget()
        shown = self._text(word)
        if shown != self._shown.text:
            self._shown.set_text(shown)
            self._apply()
        self._shown.classes(add='here' if word else '', remove='' if word else 'here')
        self._told.set_text('' if word else self._text.translated(text_of(situation)))
        self._told.classes(
            add='' if situation.is_running else 'loud',
            remove='loud' if situation.is_running else '',
        )


class CalmWord:
    """A word that changes only after the new word has lasted for some time.

    Args:
        clock: Returns seconds.
    """

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._word = ''
        self._next = ''
        self._since = 0.0

    def forget(self) -> str:
        """Clear the word."""
        self._word = self._next = ''
        return ''

    def update(self, word: str) -> str:
        """Take the current word and return the word to show."""
        now = float(self._clock())
        if word != self._next:
            self._next, self._since = word, now
        if now - self._since >= CALM:
            self._word = word
        return self._word


def word_of(emotions: EmotionSet | None, labels: tuple[str, ...]) -> str:
    """Return the label of the largest face if it is selected, otherwise ''."""
    if emotions is None or not emotions.faces:
        return ''
    label = max(emotions.faces, key=lambda face: face.box.area).label_now
    is_own = label not in COLOURS
    return label if label in labels or is_own else ''


def text_of(situation: Situation) -> str:
    """Return the text that is shown if there is no word."""
    return '' if situation.phase.value == 'watching' else situation.text


def size_of(text: str) -> int | None:
    """Return a size from text, or None if it is missing or out of range."""
    # int() refuses more than 4300 digits.
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST))
    return int(text) if is_number and SMALLEST <= int(text) <= LARGEST else None


def font_size(size: int, word: str) -> str:
    """Return the size of the font in CSS. A long word is smaller, so that it is not divided.

    Args:
        size: Size of a short word, in percent of the smaller side of the view.
    """
    # Letters of Chinese and Japanese are twice as wide as others.
    widths = [sum(1 + (east_asian_width(one) in 'FW') for one in part) for part in word.split()]
    return f'min({size}vmin, {LINE_OF_ONE / max(widths, default=1):.1f}vw)'


def labels_in(text: str) -> tuple[str, ...]:
    """Return the labels in a text, which are separated by commas."""
    wanted = {name.strip() for name in text.split(',')}
    return tuple(label for label in LABELS if label in wanted)
