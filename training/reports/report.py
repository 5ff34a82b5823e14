"""Reports as Markdown or HTML, with tables, and pictures in a folder next to them."""

from __future__ import annotations

import html
import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from matplotlib import font_manager, rcParams
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from training.base.files import write_bytes, writing
from training.errors import TrainingError

#: Name of the font of matplotlib that shows a box for each character.
PLACEHOLDER = 'Last Resort'
STYLE = (
    'body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}'
    'table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:.2em .6em}'
    'td{text-align:right}td:first-child{text-align:left}img{max-width:100%}'
)


def check_report(path: Path) -> None:
    """Raise TrainingError if a path is not that of a report, or another one has its pictures."""
    if path.suffix not in ('.md', '.html'):
        raise TrainingError(f'{path} is not a report file: use a name that ends in .md or .html')
    other = path.with_suffix({'.md': '.html', '.html': '.md'}[path.suffix])
    if other.exists():
        raise TrainingError(
            f'{path} and {other} would have the same folder of pictures: name another file'
        )


class Report:
    """Collects parts and writes them. The suffix .md or .html of the path defines the format."""

    def __init__(self, path: Path, title: str) -> None:
        check_report(path)
        self._path = path
        self._html = path.suffix == '.html'
        self._pictures = path.with_name(path.stem + '_pictures')
        self._title = title
        self._parts = [f'<h1>{html.escape(title)}</h1>' if self._html else f'# {title}']

    def heading(self, text: str) -> None:
        """Add a heading."""
        self._parts.append(f'<h2>{html.escape(text)}</h2>' if self._html else f'## {text}')

    def text(self, text: str) -> None:
        """Add a paragraph."""
        self._parts.append(f'<p>{html.escape(text)}</p>' if self._html else text)

    def items(self, lines: Sequence[str]) -> None:
        """Add a list."""
        if self._html:
            rows = ''.join(f'<li>{html.escape(line)}</li>' for line in lines)
            self._parts.append(f'<ul>{rows}</ul>')
        else:
            self._parts.append('\n'.join(f'- {line}' for line in lines))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add a table. Numbers with a fraction have four digits."""
        cells = [[_cell(value) for value in row] for row in rows]
        if self._html:
            lines = [_html_row(header, 'th'), *(_html_row(row, 'td') for row in cells)]
            self._parts.append('<table>' + ''.join(lines) + '</table>')
        else:
            rule = '|' + '|'.join(['---', *['---:'] * (len(header) - 1)]) + '|'
            lines = [f'| {" | ".join(row)} |' for row in [list(header), *cells]]
            self._parts.append('\n'.join([lines[0], rule, *lines[1:]]))

    def figure(self, name: str, figure: Figure, text: str) -> None:
        """Save a figure next to the report and show it. `text` describes it."""
        save_figure(figure, self._pictures / f'{name}.png')
        source = f'{self._pictures.name}/{name}.png'
        if self._html:
            self._parts.append(f'<p><img src="{source}" alt="{html.escape(text)}"></p>')
        else:
            self._parts.append(f'![{text}]({source})')

    def write(self) -> None:
        """Write the report."""
        body = '\n\n'.join(self._parts) + '\n'
        if self._html:
            head = f'<meta charset="utf-8"><title>{html.escape(self._title)}</title>'
            head = f'<head>{head}<style>{STYLE}</style></head>'
            body = f'<!doctype html>\n<html>{head}\n<body>\n{body}</body></html>\n'
        write_bytes(self._path, body.encode(errors='backslashreplace'))
        print(f'report: {self._path}')


def save_figure(figure: Figure, path: Path, dpi: int = 80) -> None:
    """Write a figure with fonts for all of its texts. Raises TrainingError if that fails."""
    _use_fonts_of_all_languages(figure)
    with writing(path), warnings.catch_warnings():
        warnings.filterwarnings('ignore', 'Glyph .* missing')
        figure.savefig(path, dpi=dpi)


def _use_fonts_of_all_languages(figure: Figure) -> None:
    """Add installed fonts for the texts."""
    texts = figure.findobj(Text)
    usual = _characters_of(font_manager.findfont(font_manager.FontProperties()))
    characters = {c for text in texts for c in text.get_text() if c.isprintable()}
    families = _fonts_with(''.join(sorted(characters - usual)))
    for text in texts:
        text.set_fontfamily(families)


@cache
def _fonts_with(characters: str) -> list[str]:
    """Return the usual fonts, and installed ones with other characters.

    The characters that no font has are printed.
    """
    families, missing = list(rcParams['font.family']), set(characters)
    for font in font_manager.fontManager.ttflist if missing else ():
        if not font.name.startswith(PLACEHOLDER) and missing & _characters_of(font.fname):
            families.append(font.name)
            missing -= _characters_of(font.fname)
    if missing:
        print(
            f'warning: no installed font has {"".join(sorted(missing))}, so the pictures show '
            'boxes: install a font with these characters'
        )
    return families


@cache
def _characters_of(font: str) -> set[str]:
    return {chr(code) for code in FT2Font(font).get_charmap()}


def _cell(value: object) -> str:
    return f'{value:.4f}' if isinstance(value, float) else str(value)


def _html_row(cells: Sequence[str], tag: str) -> str:
    return '<tr>' + ''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells) + '</tr>'
