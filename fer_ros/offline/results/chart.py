"""Charts of apparent expressions as SVG, which is sharp at any size and works in every browser.

They are drawn here, because a plotting library would be the largest dependency of the package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fer_ros.core.counting import count_text
from fer_ros.offline.results.svg_chart import CURVE, ROW, VISIBLE, Chart, seconds_text

#: Number of faces, and of inputs, with their own row. The others are counted in one line of text.
MOST_ROWS = 24

#: Number of faces with a curve of probabilities over time: those that were seen longest.
MOST_CURVES = 8


def sequence_chart(summary: Mapping[str, Any], class_names: Sequence[str]) -> str:
    """Return the time line of an input: a row for each face, with a colour for each expression.

    The stacked probabilities of all expressions over time are below it. Their sum is 1.

    Args:
        summary: As in summary.json. A single picture has only a bar of counts.
    """
    faces = sorted(summary['faces'], key=lambda face: -face['frames'])[:MOST_ROWS]
    with_curve = {face['face_id'] for face in faces[:MOST_CURVES]}
    faces.sort(key=lambda face: (face['first'], face['face_id']))
    chart = Chart(
        summary['input'],
        f'{count_text(summary["frames"], "frame")}, {seconds_text(summary["duration"])}, '
        f'{count_text(len(summary["faces"]), "face")}, apparent expressions and their '
        'probabilities over time',
        class_names,
        {**_drawn([{**face, 'class_names': class_names} for face in faces]), **summary['labels']},
    )
    if summary['frames'] > 1:
        chart.time_axis(summary['duration'], len(faces) * ROW + len(with_curve) * CURVE)
        for face in faces:
            chart.name(face['face_id'], f'{count_text(face["frames"], "frame")}')
            for start, end, label in face['spans']:
                chart.bar(
                    start / summary['duration'],
                    end / summary['duration'],
                    label,
                    f'{face["face_id"]}: {label}, {start:.2f} to {end:.2f} s',
                )
            chart.next_row()
            if face['face_id'] in with_curve:
                chart.curve(face['probabilities'], summary['duration'], class_names)
        chart.rest(len(summary['faces']) - len(faces), 'face')
        chart.gap()
    chart.shares('all faces, all frames', summary['labels'])
    return chart.text()


def overview_chart(rows: Sequence[Mapping[str, Any]], class_names: Sequence[str]) -> str:
    """Return a bar of counts for each input and for all inputs, and probabilities over time.

    Args:
        rows: Name, frames, faces (the number of different faces) and labels (frames of faces by
            label) of each input. For videos also duration, class_names and probabilities, as in
            summary.json.
    """
    total: dict[str, int] = {}
    for row in rows:
        for label, count in row['labels'].items():
            total[label] = total.get(label, 0) + count
    frames = sum(row['frames'] for row in rows)
    chart = Chart(
        'all inputs',
        f'{count_text(frames, "frame")}; how often each apparent expression occurred',
        class_names,
        {**_drawn(rows), **total},
    )
    chart.shares('together', total)
    if len(rows) > 1:
        chart.gap()
        shown = sorted(rows, key=lambda row: -sum(row['labels'].values()))[:MOST_ROWS]
        for row in sorted(shown, key=lambda row: str(row['name'])):
            chart.shares(row['name'], row['labels'])
            if 'probabilities' in row:
                chart.curve(row['probabilities'], row['duration'], row['class_names'])
                chart.ends(row['duration'])
        chart.rest(len(rows) - len(shown), 'input')
    return chart.text()


def _drawn(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the classes with a visible area in the curves of the rows."""
    return {
        name: 1
        for row in rows
        if 'probabilities' in row
        for number, name in enumerate(row['class_names'], 1)
        if any(step[number] >= VISIBLE for step in row['probabilities']['steps'])
    }
