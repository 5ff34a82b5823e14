"""The texts follow docs/style.md, and the linter finds violations."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'scripts'))

import lint_text  # noqa: E402


@pytest.mark.parametrize(
    'text',
    [
        'The page tells the rest.',
        'Here silence means that nothing runs.',
        'A marker goes by itself when nothing comes.',
        'The load was 1.5 processes that wanted to run.',
        'The device that looks, another one thinks.',
        'The fault is mended.',
        'The file is missing: check the path: check the path.',
        'Meant are Python 3.10 and later.',
        'That is no error.',
        'A fault over the end of\na line is told.',
        'The detector cannot be had here.',
        'Pictures that were asked for come later.',
        'A camera, else the demo.',
        'No frame comes: nobody publishes.',
        'The work goes on with the item in hand.',
        'The file beside it holds no picture.',
        'Each node has a thread of its own.',
        'A file that was cut short.',
        'The photograph brings its own licence.',
        'Show what comes.',
        'The package is used where it is installed.',
        'The detector tells faces apart.',
        'Do not base a decision of consequence on it.',
        'stamp: Of the frame, nanoseconds.',
        'One sentence ' + 'goes on and on ' * 10 + 'to its end.',
    ],
)
def test_a_sentence_that_breaks_a_rule_is_found(text: str):
    assert list(lint_text.faults(text))


@pytest.mark.parametrize(
    'text',
    [
        'If no message arrives, the pipeline does not run.',
        'There is no camera.',
        'It is no longer than a second.',
        'The address of your server.',
        'The messages come from another host.',
        'Each node has its own thread and starts on its own.',
        'The table shows where it is, and what it comes with.',
        'Nothing else is stored, and besides that, everything else is the same.',
    ],
)
def test_a_plain_sentence_passes(text: str):
    assert not list(lint_text.faults(text))


def test_code_and_generated_sections_are_skipped_and_line_numbers_stay():
    code = '`it tells the rest`\n```\nby itself\n```\n'
    page = f'{code}<!-- a: begin -->\nanew\n<!-- a: end -->\nanew\n'
    assert [line for line, _ in lint_text.faults(lint_text.without_code(page))] == [8]


def test_strings_of_several_words_are_read_from_python():
    assert list(lint_text.strings("'''Tell it.'''\nx = 'one'\n\ny = f'{x} two words'\n")) == [
        (1, 'Tell it.'),
        (4, ' two words'),
    ]


def test_comments_are_read_from_python():
    assert list(lint_text.comments("x = '# no comment'  #: Shown anew.\n")) == [(1, 'Shown anew.')]


def test_names_and_docstrings_of_tests_are_read():
    source = 'def test_it_is_told():\n    """Shown anew."""\n    assert say("anew")\n'
    texts = list(lint_text.texts_of_tests(source))
    assert texts == [(1, 'it is told'), (1, 'Shown anew.')]
    assert all(list(lint_text.faults(text)) for _, text in texts)


def test_every_text_follows_the_rules():
    assert not lint_text.check_all()
