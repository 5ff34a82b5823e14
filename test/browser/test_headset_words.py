"""The headset view shows each word undivided, on every screen and in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from fer_ros import web
from fer_ros.web.pages.headset import LABELS, LARGEST, USUAL, font_size
from fer_ros.web.texts import LANGUAGES, Texts

STATIC = Path(web.__file__).parent / 'static'

DIVIDED = """
    return Array.from(document.querySelectorAll('.word'))
        .filter((word) => word.offsetHeight > 1.5 * parseFloat(getComputedStyle(word).fontSize)
            || word.offsetWidth > window.innerWidth)
        .map((word) => word.innerText);"""


@pytest.mark.parametrize('view', [(390, 844), (320, 568), (1000, 560)])
@pytest.mark.parametrize('size', [USUAL, LARGEST])
def test_a_word_is_not_divided(chromium, tmp_path, view, size):
    words = [Texts(language)(label) for language in LANGUAGES for label in LABELS]
    shown = '\n'.join(
        f'<p><b class="word" style="display: inline-block; font-size: {font_size(size, word)}">'
        f'{word}</b></p>'
        for word in words
    )
    style = ''.join((STATIC / name).read_text() for name in ('theme.css', 'headset.css'))
    page = tmp_path / 'words.html'
    page.write_text(
        '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<style>{style}</style>{shown}',
        encoding='utf-8',
    )
    chromium.resize(*view, mobile=view[0] < 400)
    chromium.open(page.as_uri())
    assert chromium.count('.word') == len(words)
    assert chromium.script(DIVIDED) == []


def test_a_short_word_has_the_chosen_size():
    assert font_size(18, '') == 'min(18vmin, 150.0vw)'
    assert font_size(18, 'sad') == 'min(18vmin, 50.0vw)'
    assert font_size(18, 'not sure') == font_size(18, 'sure'), 'a line can end between words'
    assert font_size(40, '\u9a5a\u304d') == font_size(40, 'fear')
