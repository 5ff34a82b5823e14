"""One table contains every text of the pages in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fer_ros.core.display.palette import COLOURS
from fer_ros.web import pages
from fer_ros.web.pages.faces_card import FACE_NUMBERS
from fer_ros.web.pages.nodes_card import NODE_NUMBERS
from fer_ros.web.text_table import TABLE
from fer_ros.web.texts import LANGUAGES, Texts, language_of

FOLDER = Path(pages.__file__).parent
SCRIPTS = [*FOLDER.glob('*.js'), *(FOLDER.parent / 'static').glob('*.js')]

#: Units that every language writes alike.
SAME_EVERYWHERE = {'Hz', 'ms'}


def used_in_scripts() -> set[str]:
    """Return the texts that scripts look up: those in quotes within word() and told()."""
    found = set()
    for script in SCRIPTS:
        code = script.read_text(encoding='utf-8')
        for call in re.findall(r'\bword\(((?:[^()\'"]|\'[^\']*\')*)\)', code):
            if call.startswith('kind ==='):
                call = call.partition('?')[2]
            found.update(re.findall(r"'([^']*)'", call))
        found.update(re.findall(r"text: '([^']*)'", code))
        for call in re.findall(r"\btold\('([^']*)' \+ [^']* \+ '([^']*)'", code):
            found.add('#'.join(call))
    return found


def used_in_pages() -> set[str]:
    """Return the texts that the Python code of the pages looks up literally."""
    found = set()
    for file in FOLDER.glob('*.py'):
        code = file.read_text(encoding='utf-8')
        for call in re.findall(
            r'(?:\b_?texts?|_title|_figure)\(\s*((?:\'[^\']*\'\s*,?\s*)+)\)', code
        ):
            texts = re.findall(r"'([^']*)'", call)
            found.add(texts[0])
            # A text that continues on the next line is one text.
            if len(texts) > 1:
                found.add(''.join(texts[1:]))
        for text in re.findall(r"translated\(\s*f'([^']*)'", code):
            found.add(re.sub(r'\{[^}]*\}', '#', text))
    return found


def test_every_text_of_the_pages_is_in_the_table():
    explained = {text for row in (*FACE_NUMBERS, *NODE_NUMBERS) for text in row}
    used = used_in_scripts() | used_in_pages() | explained | set(COLOURS)
    assert len(used) > 90, 'the search finds them'
    assert {'left after # s', 'silent for # s'} <= used
    assert used - SAME_EVERYWHERE <= set(TABLE)


def test_no_text_of_the_table_is_empty_or_loses_its_placeholders():
    for english, others in TABLE.items():
        assert len(others) == len(LANGUAGES) - 1
        for text in others:
            assert text.strip() == text != ''
            assert text.count('#') == english.count('#')


@pytest.mark.parametrize(
    ('wanted', 'kept', 'accepted', 'language'),
    [
        ('', '', '', 'en'),
        ('', '', 'de-AT,de;q=0.9,en;q=0.8', 'de'),
        ('', '', 'nl,fr-CA;q=0.9', 'fr'),
        ('', 'ja', 'de', 'ja'),
        ('es', 'ja', 'de', 'es'),
        ('xx', '<script>', 'tlh', 'en'),
    ],
)
def test_the_language_follows_the_address_the_choice_or_the_browser(
    wanted, kept, accepted, language
):
    assert language_of(wanted, kept, accepted) == language


def test_placeholders_keep_their_place_in_a_text():
    assert Texts('de').translated('2 faces in view') == '2 Gesichter im Bild'
    assert Texts('ja').translated('results 1.5 s late') == '結果が 1.5 秒遅れ'
    assert Texts('de').translated('camera_node: no camera 0') == 'camera_node: no camera 0'
    assert Texts().translated('2 faces in view') == '2 faces in view'
