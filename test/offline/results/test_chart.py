"""Charts show the contents of the summaries."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from fer_ros.offline.results.chart import MOST_ROWS, overview_chart, sequence_chart
from fer_ros.offline.results.tally import MOST_STEPS, Curve

CLASSES = ('happy', 'sad', 'neutral')
SVG = '{http://www.w3.org/2000/svg}'


def face(name: str, *spans: tuple[float, float, str]) -> dict:
    labels = {}
    for start, end, label in spans:
        labels[label] = labels.get(label, 0) + round((end - start) * 10)
    steps = [
        [step, *(0.9 if label == name else 0.1 * (name == 'happy') for name in CLASSES)]
        for start, end, label in spans
        for step in range(round(start), round(end))
    ]
    return {
        'face_id': name,
        'first': spans[0][0],
        'last': spans[-1][1],
        'frames': sum(labels.values()),
        'labels': labels,
        'spans': [list(s) for s in spans],
        'probabilities': {'period': 1.0, 'steps': steps},
    }


def summary(*faces: dict, frames: int = 100) -> dict:
    labels = {}
    for one in faces:
        for label, count in one['labels'].items():
            labels[label] = labels.get(label, 0) + count
    return {
        'input': 'a <b> & c.mp4',
        'frames': frames,
        'duration': 10.0,
        'labels': labels,
        'faces': list(faces),
    }


def drawn(svg: str) -> tuple[list[str], list[ElementTree.Element]]:
    """Return all texts, and the coloured bars with a tooltip."""
    root = ElementTree.fromstring(svg)
    return (
        [text.text or '' for text in root.iter(f'{SVG}text')],
        [bar for bar in root.iter(f'{SVG}rect') if bar.find(f'{SVG}title') is not None],
    )


def test_each_span_of_each_face_has_a_bar_of_its_length_and_colour():
    chart = sequence_chart(
        summary(face('face1', (0, 5, 'happy'), (5, 10, 'sad')), face('face2', (2, 4, 'happy'))),
        CLASSES,
    )
    texts, bars = drawn(chart)
    assert {'face1', 'face2', 'happy', 'sad'} <= set(texts)
    assert 'neutral' not in texts, 'the legend has only what is there'
    by_tip = {bar.find(f'{SVG}title').text: bar for bar in bars}
    happy, sad = by_tip['face1: happy, 0.00 to 5.00 s'], by_tip['face1: sad, 5.00 to 10.00 s']
    short = by_tip['face2: happy, 2.00 to 4.00 s']
    assert float(happy.get('width')) == float(sad.get('width'))
    assert float(short.get('width')) * 2.5 == float(happy.get('width'))
    assert happy.get('fill') == short.get('fill') != sad.get('fill')


def test_external_names_are_shown_as_text_only():
    assert 'a <b> & c.mp4' in drawn(sequence_chart(summary(face('f', (0, 1, 'sad'))), CLASSES))[0]


def test_faces_without_a_row_are_counted():
    crowd = [face(f'face{number}', (0, 1 + number / 10, 'happy')) for number in range(40)]
    texts, _ = drawn(sequence_chart(summary(*crowd), CLASSES))
    assert f'and {40 - MOST_ROWS} more faces' in texts
    assert 'face39' in texts
    assert 'face0' not in texts, 'those seen longest have the rows'


def test_a_chart_without_faces_says_so():
    assert 'no face' in drawn(sequence_chart(summary(), CLASSES))[0]


def test_the_overview_has_a_row_for_each_input_and_one_for_all():
    rows = [
        {'name': 'one.mp4', 'frames': 10, 'labels': {'happy': 9, 'sad': 1}},
        {'name': 'two.mp4', 'frames': 5, 'labels': {}},
    ]
    texts, bars = drawn(overview_chart(rows, CLASSES))
    assert {'one.mp4', 'two.mp4', 'together', 'no face', '10 times'} <= set(texts)
    assert [bar.find(f'{SVG}title').text for bar in bars].count('happy: 9 (90.0%)') == 2


def areas(svg: str) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return name and corners of each area."""
    return [
        (
            area.find(f'{SVG}title').text,
            [tuple(map(float, point.split(','))) for point in area.get('points').split()],
        )
        for area in ElementTree.fromstring(svg).iter(f'{SVG}polygon')
    ]


def test_probabilities_are_stacked_and_end_where_no_face_is_seen():
    chart = sequence_chart(summary(face('face1', (0, 3, 'sad'), (6, 10, 'sad'))), CLASSES)
    found = areas(chart)
    assert [name for name, _ in found] == ['happy', 'sad'] * 2
    (_, happy), (_, sad) = found[:2]
    assert max(y for _, y in sad) == min(y for _, y in happy), 'sad begins where happy ends'
    heights = [max(y for _, y in corners) - min(y for _, y in corners) for corners in (happy, sad)]
    assert heights[1] == pytest.approx(9 * heights[0], rel=0.05)
    left, right = ([x for x, _ in corners] for _, corners in (found[1], found[3]))
    assert max(left) < min(right)
    assert (max(right) - min(right)) / (max(left) - min(left)) == pytest.approx(4 / 3, rel=0.01)


def test_the_overview_shows_probabilities_over_time_for_each_video():
    row = {
        'name': 'one.mp4',
        'frames': 10,
        'labels': {'sad': 10},
        'duration': 10.0,
        'class_names': CLASSES,
        'probabilities': face('f', (0, 10, 'sad'))['probabilities'],
    }
    picture = {'name': '3 pictures', 'frames': 3, 'labels': {'happy': 3}}
    chart = overview_chart([row, {**row, 'name': 'two.mp4'}, picture], CLASSES)
    assert [name for name, _ in areas(chart)] == ['happy', 'sad'] * 2
    assert drawn(chart)[0].count('10.0 s') == 2


def test_a_curve_has_means_whose_steps_grow_with_the_input():
    curve = Curve(0.04)
    for number in range(1000):
        curve.add(number * 0.04, np.array([1.0, 0.0] if number < 500 else [0.0, 1.0], np.float32))
    told = curve.as_json()
    assert told['period'] == 0.32
    assert len(told['steps']) == 125 <= MOST_STEPS
    assert told['steps'][0] == [0, 1.0, 0.0]
    assert told['steps'][62] == [62, 0.5, 0.5]
    assert told['steps'][-1] == [124, 0.0, 1.0]
