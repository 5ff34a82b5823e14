"""Charts show what the summaries say."""

from __future__ import annotations

from xml.etree import ElementTree

from fer_ros.offline.chart import MOST_ROWS, overview_chart, sequence_chart

CLASSES = ('happy', 'sad', 'neutral')
SVG = '{http://www.w3.org/2000/svg}'


def face(name: str, *spans: tuple[float, float, str]) -> dict:
    labels = {}
    for start, end, label in spans:
        labels[label] = labels.get(label, 0) + round((end - start) * 10)
    return {'face_id': name, 'first': spans[0][0], 'last': spans[-1][1],
            'frames': sum(labels.values()), 'labels': labels, 'spans': [list(s) for s in spans]}


def summary(*faces: dict, frames: int = 100) -> dict:
    labels = {}
    for one in faces:
        for label, count in one['labels'].items():
            labels[label] = labels.get(label, 0) + count
    return {'input': 'a <b> & c.mp4', 'frames': frames, 'duration': 10.0, 'labels': labels,
            'faces': list(faces)}


def drawn(svg: str) -> tuple[list[str], list[ElementTree.Element]]:
    """Return all texts, and the coloured bars with a tip."""
    root = ElementTree.fromstring(svg)
    return ([text.text or '' for text in root.iter(f'{SVG}text')],
            [bar for bar in root.iter(f'{SVG}rect') if bar.find(f'{SVG}title') is not None])


def test_each_span_of_each_face_has_a_bar_of_its_length_and_colour():
    chart = sequence_chart(
        summary(face('face1', (0, 5, 'happy'), (5, 10, 'sad')), face('face2', (2, 4, 'happy'))),
        CLASSES)
    texts, bars = drawn(chart)
    assert {'face1', 'face2', 'happy', 'sad'} <= set(texts)
    assert 'neutral' not in texts, 'the legend has only what is there'
    by_tip = {bar.find(f'{SVG}title').text: bar for bar in bars}
    happy, sad = by_tip['face1: happy, 0.00 to 5.00 s'], by_tip['face1: sad, 5.00 to 10.00 s']
    short = by_tip['face2: happy, 2.00 to 4.00 s']
    assert float(happy.get('width')) == float(sad.get('width'))
    assert float(short.get('width')) * 2.5 == float(happy.get('width'))
    assert happy.get('fill') == short.get('fill') != sad.get('fill')


def test_names_from_outside_are_text_and_nothing_else():
    assert 'a <b> & c.mp4' in drawn(sequence_chart(summary(face('f', (0, 1, 'sad'))), CLASSES))[0]


def test_a_crowd_is_counted_where_it_has_no_row():
    crowd = [face(f'face{number}', (0, 1 + number / 10, 'happy')) for number in range(40)]
    texts, _ = drawn(sequence_chart(summary(*crowd), CLASSES))
    assert f'and {40 - MOST_ROWS} more faces' in texts
    assert 'face39' in texts
    assert 'face0' not in texts, 'those seen longest have the rows'


def test_nobody_at_all_is_said():
    assert 'no face' in drawn(sequence_chart(summary(), CLASSES))[0]


def test_the_overview_has_a_row_for_each_input_and_one_for_all():
    rows = [{'name': 'one.mp4', 'frames': 10, 'labels': {'happy': 9, 'sad': 1}},
            {'name': 'two.mp4', 'frames': 5, 'labels': {}}]
    texts, bars = drawn(overview_chart(rows, CLASSES))
    assert {'one.mp4', 'two.mp4', 'together', 'no face', '10 times'} <= set(texts)
    assert [bar.find(f'{SVG}title').text for bar in bars].count('happy: 9 (90.0%)') == 2
