"""The documents: their programs, commands, links and names, for tests.

What a page takes from the code is not filled in here, except by filled_in().
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: Folders whose Markdown is not ours to read: made by builds, or of other packages.
_NOT_OURS = {'.venv', 'build', 'install', 'log', 'runs', 'my_models', '.cache', 'node_modules'}

_FENCE = re.compile(
    r'^(?P<indent> *)(?P<fence>```+|:::+)(?P<info>[^\n`]*)\n(?P<body>.*?)^ *(?P=fence) *$',
    re.MULTILINE | re.DOTALL,
)
_INDENTED = re.compile(r'(?:(?<=\n\n)|\A)(?:(?:    [^\n]*)\n)+', re.MULTILINE)
_CODE = re.compile(r'(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)')
_LINK = re.compile(r'!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)\)')
_HEADING = re.compile(r'^#{1,6} +(.+?) *#*$', re.MULTILINE)
#: What a shell puts between two commands.
_BETWEEN = {'&&', '||', ';', '|', '&'}


def documents() -> list[Path]:
    """Return every Markdown file of the checkout."""
    return sorted(
        file
        for file in ROOT.rglob('*.md')
        if not _NOT_OURS & set(file.relative_to(ROOT).parts)
        and not any(part.startswith('.') for part in file.relative_to(ROOT).parts)
    )


def name_of(file: Path) -> str:
    """Return how a test names a document."""
    return file.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A block of code: its language as the page says, its text without indentation."""

    language: str
    text: str


def blocks(text: str) -> list[Block]:
    """Return the blocks of code of a page, fenced and indented."""
    found = []
    for match in _FENCE.finditer(text):
        indent = len(match['indent'])
        body = '\n'.join(line[indent:] for line in match['body'].splitlines())
        found.append(Block(match['info'].strip(), body))
    rest = _FENCE.sub('', text)
    found += [
        Block('', re.sub(r'^    ', '', match[0], flags=re.MULTILINE))
        for match in _INDENTED.finditer(rest)
    ]
    return found


def code_spans(text: str) -> list[str]:
    """Return the code spans in the text of a page."""
    return [' '.join(span.split()) for span in _CODE.findall(_FENCE.sub('', text))]


def links(text: str) -> list[str]:
    """Return the targets of a page's links and pictures."""
    return [match['target'] for match in _LINK.finditer(_FENCE.sub('', text))]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as forges and the built pages make them."""
    found = set()
    for heading in _HEADING.findall(_FENCE.sub('', text)):
        words = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading).replace('`', '').lower()
        found.add(re.sub(r'[^\w\- ]', '', words).replace(' ', '-'))
    return found


def documented_program(beginning: str) -> str:
    """Return the one Python program of all documents that has a line with this beginning."""
    (found,) = (
        block.text
        for file in documents()
        for block in blocks(file.read_text(encoding='utf-8'))
        if block.language == 'python'
        and any(line.startswith(beginning) for line in block.text.splitlines())
    )
    return found


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands that a page shows, as words: those of its blocks and of its spans."""
    for block in blocks(text):
        if block.language in ('', 'bash', 'sh', 'console'):
            joined = block.text.replace('\\\n', ' ')
            for line in joined.splitlines():
                yield from _split(line)
    for span in code_spans(text):
        yield from _split(span)


def _split(line: str) -> Iterator[list[str]]:
    """Yield the commands of a line without what precedes the program itself."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # no shell: an apostrophe in prose or output
        return
    command: list[str] = []
    for word in [*words, ';']:
        if word in _BETWEEN:
            if command:
                yield _without_prefix(command)
            command = []
        else:
            command.append(word)


def _without_prefix(command: Sequence[str]) -> list[str]:
    words = list(command)
    while len(words) > 1 and (
        words[0] in ('sudo', 'exec', '...') or re.match(r'[A-Z_]+=', words[0])
    ):
        words.pop(0)
    return words


def filled_in(file: Path) -> str:
    """Return a page with what it takes from the code; skips where that needs ROS, by name."""
    text = file.read_text(encoding='utf-8')
    if '<!-- ' not in text or file.parent != ROOT / 'docs':
        return text
    sys.path.insert(0, str(ROOT / 'docs' / '_ext'))
    try:
        from fer_docs.generated import fill_in

        return str(fill_in(text))
    except ImportError as error:
        pytest.skip(f'{name_of(file)} takes text from programs that need ROS: {error}')
    finally:
        sys.path.remove(str(ROOT / 'docs' / '_ext'))
