"""A chart as SVG: rows of bars and curves below a title and a legend."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fer_ros.core.counting import count_text
from fer_ros.core.display.palette import colour_of, readable_on
from fer_ros.offline.results.tally import LONGEST_GAP

#: Sizes in pixels.
_WIDTH, _LEFT, _RIGHT, ROW, _BAR = 960, 240, 120, 30, 18

#: Height of the curve of probabilities over time.
CURVE = 54

#: Smallest probability that is visible at that height.
VISIBLE = 0.01

_SPAN = _WIDTH - _LEFT - _RIGHT

_STYLE = (
    'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;'
    'fill:#222}.title{font-size:18px;font-weight:600}.quiet{fill:#666}.end{text-anchor:end}'
    '.middle{text-anchor:middle}.grid{stroke:#ddd}.ground{fill:#fff}.track{fill:#f0f0f0}'
    '@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.quiet{fill:#a0a0a0}'
    '.grid{stroke:#3a3a3a}.ground{fill:#181a1b}.track{fill:#26292b}}'
)


class Chart:
    """Rows from top to bottom below a title and a legend."""

    def __init__(
        self,
        title: str,
        subtitle: str,
        class_names: Sequence[str],
        labels: Mapping[str, int],
    ) -> None:
        self._class_names = class_names
        self._labels = [
            *(name for name in class_names if labels.get(name)),
            *(name for name in labels if name not in class_names),
        ]
        self._parts: list[str] = []
        self._top = 84.0
        self._text(24, 32, _shortened(title, 90), 'title')
        self._text(24, 54, subtitle, 'quiet')
        x = 24.0
        for label in self._labels:
            self._rect(x, 66, 12, 12, self._colour(label), '')
            self._text(x + 18, 77, label)
            x += 34 + 7.2 * len(label)
        self._top += 16

    def time_axis(self, duration: float, height: float) -> None:
        """Draw vertical lines at whole times through the next rows, labelled in seconds."""
        step = _nice_step(duration / 8)
        bottom = self._top + 20 + height
        for index in range(int(duration / step + 1e-9) + 1):
            x = _LEFT + _SPAN * index * step / duration
            self._parts.append(
                f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{self._top + 14:.1f}" '
                f'y2="{bottom:.1f}"/>'
            )
            self._text(x, self._top + 8, _clock(index * step, step), 'quiet middle')
        self._top += 20

    def name(self, text: str, remark: str) -> None:
        """Write texts at both ends of this row."""
        baseline = self._top + ROW / 2 + 5
        self._text(_LEFT - 12, baseline, _shortened(text, 30), 'end')
        self._text(_LEFT + _SPAN + 12, baseline, remark, 'quiet')

    def bar(self, start: float, end: float, label: str, tip: str) -> None:
        """Draw a bar in this row from start to end, as fractions of its length."""
        start, end = max(start, 0.0), min(end, 1.0)
        self._rect(
            _LEFT + _SPAN * start,
            self._top + (ROW - _BAR) / 2,
            max(_SPAN * (end - start), 0.5),
            _BAR,
            self._colour(label),
            tip,
        )

    def curve(
        self,
        probabilities: Mapping[str, Any],
        duration: float,
        class_names: Sequence[str],
    ) -> None:
        """Draw stacked probabilities over time. Times without a face stay empty.

        Args:
            probabilities: From Curve.as_json().
        """
        width = _SPAN * probabilities['period'] / duration
        height = CURVE - 8
        for run in _runs(probabilities['steps'], LONGEST_GAP / probabilities['period']):
            left = _LEFT + run[0][0] * width
            # A step is drawn at its middle. At both ends, the values of the first and the last
            # step continue.
            xs = [
                left,
                *(_LEFT + (step[0] + 0.5) * width for step in run),
                min(_LEFT + (run[-1][0] + 1) * width, _LEFT + _SPAN),
            ]
            rows = [run[0], *run, run[-1]]
            lower = [0.0] * len(rows)
            for number, name in enumerate(class_names, 1):
                upper = [below + row[number] for below, row in zip(lower, rows, strict=True)]
                edge = [*zip(xs, upper, strict=True), *reversed(list(zip(xs, lower, strict=True)))]
                points = ' '.join(
                    f'{x:.1f},{self._top + height * (1 - min(y, 1.0)):.1f}' for x, y in edge
                )
                if any(row[number] >= VISIBLE for row in rows):
                    self._parts.append(
                        f'<polygon points="{points}" fill="{self._colour(name)}">'
                        f'<title>{escape(name)}</title></polygon>'
                    )
                lower = upper
        self._text(_LEFT - 12, self._top + 10, '100 %', 'quiet end')
        self._text(_LEFT - 12, self._top + height, '0 %', 'quiet end')
        self._top += CURVE

    def ends(self, duration: float) -> None:
        """Write the start and end time of the curve above."""
        self._text(_LEFT, self._top + 6, '0 s', 'quiet')
        self._text(_LEFT + _SPAN, self._top + 6, seconds_text(duration), 'quiet end')
        self._top += 20

    def next_row(self) -> None:
        """End this row."""
        self._top += ROW

    def gap(self) -> None:
        """Add vertical space."""
        self._top += 12

    def shares(self, name: str, labels: Mapping[str, int]) -> None:
        """Draw a row with the share of each label."""
        count = sum(labels.values())
        self.name(name, count_text(count, 'time') if count else 'no face')
        if not count:
            self._parts.append(
                f'<rect class="track" x="{_LEFT}" y="{self._top + (ROW - _BAR) / 2:.1f}" '
                f'width="{_SPAN}" height="{_BAR}"/>'
            )
        start = 0.0
        for label in self._labels:
            share = labels.get(label, 0) / count if count else 0.0
            if share:
                self.bar(start, start + share, label, f'{label}: {labels[label]} ({share:.1%})')
                if share * _SPAN > 44:
                    self._text(
                        _LEFT + _SPAN * (start + share / 2),
                        self._top + ROW / 2 + 5,
                        f'{share:.0%}',
                        'middle',
                        fill=_ink(self._rgb(label)),
                    )
                start += share
        self.next_row()

    def rest(self, count: int, what: str) -> None:
        """Write the number of entries without a row, if there are any."""
        if count > 0:
            self._text(_LEFT, self._top + 18, f'and {count_text(count, f"more {what}")}', 'quiet')
            self.next_row()

    def text(self) -> str:
        """Return the whole file."""
        height = math.ceil(self._top + 16)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
            f'width="{_WIDTH}" height="{height}" role="img">\n<style>{_STYLE}</style>\n'
            f'<rect class="ground" width="{_WIDTH}" height="{height}"/>\n'
            + '\n'.join(self._parts)
            + '\n</svg>\n'
        )

    def _rgb(self, label: str) -> tuple[int, int, int]:
        blue, green, red = colour_of(label, self._class_names)
        return red, green, blue

    def _colour(self, label: str) -> str:
        return '#{:02x}{:02x}{:02x}'.format(*self._rgb(label))

    def _rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        colour: str,
        tip: str,
    ) -> None:
        title = f'<title>{escape(tip)}</title>' if tip else ''
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{colour}">{title}</rect>'
        )

    def _text(self, x: float, y: float, text: str, kind: str = '', fill: str = '') -> None:
        style = (f' class="{kind}"' if kind else '') + (f' style="fill:{fill}"' if fill else '')
        self._parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{style}>{escape(text)}</text>')


def _runs(steps: Sequence[Sequence[float]], gap: float) -> list[list[Sequence[float]]]:
    """Return groups of steps. Within a group, at most `gap` steps are missing."""
    runs: list[list[Sequence[float]]] = []
    for step in steps:
        if not runs or step[0] - runs[-1][-1][0] > max(1.0, gap):
            runs.append([])
        runs[-1].append(step)
    return runs


def _ink(colour: tuple[int, int, int]) -> str:
    red, green, blue = colour
    ink_blue, ink_green, ink_red = readable_on((blue, green, red))
    return f'#{ink_red:02x}{ink_green:02x}{ink_blue:02x}'


def _nice_step(least: float) -> float:
    """Return the first of 1, 2, 5, 10, 15, 30, 60 and so on seconds above `least`."""
    for step in (
        0.01,
        0.02,
        0.05,
        0.1,
        0.2,
        0.5,
        1,
        2,
        5,
        10,
        15,
        30,
        60,
        120,
        300,
        600,
        900,
        1800,
        3600,
        7200,
        14400,
        43200,
    ):
        if step >= least:
            return step
    return float(math.ceil(least / 86400) * 86400)


def _clock(seconds: float, step: float) -> str:
    if step < 1:
        return f'{seconds:.{2 if step < 0.1 else 1}f} s'
    if step < 60 and seconds < 120:
        return f'{seconds:.0f} s'
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f'{hours}:{minutes:02}:{rest:02}' if hours else f'{minutes}:{rest:02}'


def _shortened(text: str, length: int) -> str:
    """Return the end of a text that is too long, because names differ at the end."""
    return text if len(text) <= length else '…' + text[1 - length :]


def seconds_text(seconds: float) -> str:
    """Return a duration in seconds or minutes."""
    return f'{seconds:.1f} s' if seconds < 120 else f'{seconds / 60:.1f} min'
