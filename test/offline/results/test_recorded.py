"""Bags without images, as `record` writes them, give the same tables."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip('rosbags', reason='no rosbags; see requirements/runtime.txt')

from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from fer_ros.core.types import AttentionType, EventType
from fer_ros.offline.results.recorded import face_of
from fer_ros.offline.running.batch import Request, run
from fer_ros.offline.settings import Settings

MESSAGES = Path(__file__).resolve().parents[3] / 'fer_msgs' / 'msg'
EMOTIONS, EVENT = 'fer_msgs/msg/FaceEmotionArray', 'fer_msgs/msg/ExpressionEvent'
TURN = 'fer_msgs/msg/AttentionEvent'
CLASSES = ['calm', 'cheerful']
SECOND = 1_000_000_000


@pytest.fixture(scope='module')
def store() -> Any:
    store = get_typestore(Stores.ROS2_JAZZY)
    types = {}
    for name in ('FaceEmotion', 'FaceEmotionArray', 'ExpressionEvent', 'AttentionEvent'):
        types.update(
            get_types_from_msg((MESSAGES / f'{name}.msg').read_text(), f'fer_msgs/msg/{name}')
        )
    store.register(types)
    return store


class Maker:
    """Makes messages from their fields."""

    def __init__(self, store: Any) -> None:
        self.types = store.types

    def header(self, stamp: int) -> Any:
        return self.types['std_msgs/msg/Header'](
            self.types['builtin_interfaces/msg/Time'](*divmod(stamp, SECOND)), 'eye'
        )

    def place(self) -> tuple[Any, Any]:
        return (
            self.types['sensor_msgs/msg/RegionOfInterest'](
                x_offset=10, y_offset=20, height=40, width=30, do_rectify=False
            ),
            self.types['geometry_msgs/msg/Point'](0.0, 0.0, 1.0),
        )

    def head(self) -> Any:
        """Return a head that faces the camera at a distance of one metre."""
        pose = self.types['geometry_msgs/msg/Pose'](
            self.types['geometry_msgs/msg/Point'](0.0, 0.0, 1.0),
            self.types['geometry_msgs/msg/Quaternion'](0.5, 0.5, -0.5, 0.5),
        )
        return self.types['geometry_msgs/msg/PoseWithCovariance'](pose, np.zeros(36))

    def emotions(self, stamp: int, *ids: str) -> Any:
        roi, position = self.place()
        faces = [
            self.types['fer_msgs/msg/FaceEmotion'](
                face_id=name,
                roi=roi,
                position=position,
                position_stddev=0.1,
                head_pose=self.head(),
                attention=0.875,
                looks=True,
                label='cheerful',
                confidence=0.75,
                raw_label='calm',
                raw_confidence=0.5,
                probabilities=np.array([0.25, 0.75], np.float32),
                valence=float('nan'),
                arousal=float('nan'),
                attribute_names=['hat.on'],
                attribute_scores=np.array([0.125], np.float32),
                appeared=True,
                uncertain=True,
            )
            for name in ids
        ]
        return self.types[EMOTIONS](
            self.header(stamp), 640, 480, CLASSES, 'own_model', '0' * 64, faces
        )

    def event(self, stamp: int, kind: EventType, name: str, seconds: float = 0.0) -> Any:
        roi, position = self.place()
        return self.types[EVENT](
            header=self.header(stamp),
            type=kind.value,
            face_id=name,
            label='cheerful',
            previous_label='',
            confidence=0.75,
            duration=self.seconds(seconds),
            roi=roi,
            position=position,
        )

    def turn(self, stamp: int, kind: AttentionType, name: str, seconds: float = 0.0) -> Any:
        roi, position = self.place()
        return self.types[TURN](
            header=self.header(stamp),
            type=kind.value,
            face_id=name,
            probability=0.875,
            duration=self.seconds(seconds),
            roi=roi,
            position=position,
        )

    def seconds(self, seconds: float) -> Any:
        whole, rest = divmod(round(seconds * SECOND), SECOND)
        return self.types['builtin_interfaces/msg/Duration'](whole, rest)


@pytest.fixture(scope='module')
def bag(store, tmp_path_factory) -> Path:
    """A face that is seen for 0.3 s and has left 2 s later."""
    make = Maker(store)
    emotions = [
        make.emotions(100 * SECOND + number * SECOND // 10, *ids)
        for number, ids in enumerate([(), ('f1',), ('f1', 'f2'), ('f1',)])
    ]
    events = [
        make.event(100 * SECOND + 2 * SECOND // 10, EventType.APPEARED, 'f1'),
        make.event(103 * SECOND, EventType.LEFT, 'f1', 0.2),
    ]
    turns = [
        make.turn(100 * SECOND + 2 * SECOND // 10, AttentionType.LOOKS, 'f1'),
        make.turn(103 * SECOND, AttentionType.LOOKS_AWAY, 'f1', 2.8),
    ]
    path = tmp_path_factory.mktemp('bag') / 'monday'
    return write_bag(path, store, emotions, events, turns)


def write_bag(
    path: Path, store: Any, emotions: list[Any], events: list[Any], turns: list[Any]
) -> Path:
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as writer:
        for topic, kind, messages in (
            ('/robot1/face_emotions', EMOTIONS, emotions),
            ('/robot1/expression_events', EVENT, events),
            ('/robot1/attention_events', TURN, turns),
        ):
            connection = writer.add_connection(topic, kind, typestore=store)
            for message in messages:
                stamp = message.header.stamp.sec * SECOND + message.header.stamp.nanosec
                writer.write(connection, stamp, store.serialize_cdr(message, kind))
    return path


def test_recorded_results_are_the_same_after_reading(annotated, bag, tmp_path):
    ((name, outcome),) = annotated([bag], tmp_path).items()
    assert name == 'monday/robot1.face_emotions'
    assert (outcome.frames, outcome.failure) == (4, '')
    folder = tmp_path / 'inputs' / name
    lines = [json.loads(line) for line in (folder / 'frames.jsonl').read_text().splitlines()]
    assert [line['time'] for line in lines] == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert [len(line['faces']) for line in lines] == [0, 1, 2, 1]
    face = lines[1]['faces'][0]
    assert face['box'] == [10.0, 20.0, 30.0, 40.0]
    assert (face['label'], face['confidence'], face['raw_label']) == ('cheerful', 0.75, 'calm')
    assert face['uncertain'] is True
    assert face['probabilities'] == {'calm': 0.25, 'cheerful': 0.75}
    assert face['attributes'] == {'hat.on': 0.125}
    assert (face['yaw'], face['pitch'], face['roll']) == pytest.approx((0.0, 0.0, 0.0))
    assert (face['attention'], face['looks']) == (0.875, 1)
    assert face['position'] == [0.0, 0.0, 1.0]
    assert (face['score'], face['valence']) == (None, None), 'it was not recorded'
    events = [
        (line['frame'], event['type'], event['duration'])
        for line in lines
        for event in line['events']
    ]
    assert events == [
        (2, 'appeared', 0.0),
        (2, 'looks', 0.0),
        (3, 'looks_away', 2.8),
        (3, 'left', 0.2),
    ], 'the last two after all frames'
    summary = json.loads((folder / 'summary.json').read_text())
    assert (summary['model'], summary['class_names']) == ('own_model', CLASSES)
    assert not (tmp_path / 'annotated').exists()


def changed(message: Any, **values: Any) -> Any:
    """Change fields of a message, or of its first face if the message has no such field."""
    for name, value in values.items():
        setattr(message if hasattr(message, name) else message.faces[0], name, value)
    return message


def test_wrong_messages_are_skipped_and_counted_and_the_others_are_kept(
    annotated, store, tmp_path
):
    make = Maker(store)
    stamps = itertools.count(100 * SECOND, SECOND // 10)
    bad: list[dict[str, Any]] = [
        {'confidence': float('nan')},
        {'probabilities': np.array([0.5, float('inf')], np.float32)},
        {'probabilities': np.array([1.0], np.float32)},
        {'attribute_scores': np.array([7.0], np.float32)},
        {'class_names': ['one', 'two']},
    ]
    emotions = [
        make.emotions(next(stamps), 'f1'),
        *(changed(make.emotions(next(stamps), 'f1'), **values) for values in bad),
        make.emotions(next(stamps), 'f1'),
        make.emotions(100 * SECOND, 'f1'),
    ]
    events = [
        make.event(100 * SECOND, EventType.APPEARED, 'f1'),
        changed(make.event(100 * SECOND, EventType.LEFT, 'f1'), type=77),
    ]
    bag = write_bag(tmp_path / 'bag', store, emotions, events, [])
    ((name, outcome),) = annotated([bag], tmp_path / 'out').items()
    assert (outcome.failure, outcome.frames) == ('', 3)
    assert '5 of 8 messages were skipped; the reason for the first one: a confidence is nan' in (
        outcome.warning
    )
    assert '1 of 2 messages were skipped' in outcome.warning
    summary = json.loads((tmp_path / 'out/inputs' / name / 'summary.json').read_text())
    assert summary['duration'] == pytest.approx(0.6 + 0.6 / 7, abs=0.001), 'of the latest frame'


@pytest.mark.parametrize(('label', 'is_uncertain'), [('cheerful', False), ('uncertain', True)])
def test_in_older_recordings_the_label_marks_an_uncertain_face(label, is_uncertain):
    message = SimpleNamespace(
        face_id='f1',
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=9, height=9),
        label=label,
        confidence=0.3,
        raw_label='calm',
        raw_confidence=0.3,
        probabilities=[1.0],
        valence=0.0,
        arousal=0.0,
        attribute_names=[],
        attribute_scores=[],
    )
    face = face_of(message)
    assert (face.label, face.uncertain) == (label, is_uncertain)
    assert (face.head_pose, face.attention, face.looks) == (None, None, False)


def test_combined_tables_have_the_columns_of_each_input(bag, clip, tmp_path, capsys):
    assert run(Request([bag, clip], tmp_path / 'out', Settings(pictures=False))) == 0
    with (tmp_path / 'out/faces.csv').open(newline='') as file:
        rows = list(csv.DictReader(file))
    recorded = [row for row in rows if row['input'].endswith('face_emotions')]
    seen = [row for row in rows if row['input'].endswith('clip.avi')]
    assert len(recorded) == 5
    assert recorded[1]['probability.cheerful'] == '0.75'
    assert recorded[1]['probability.happy'] == ''
    assert recorded[1]['hat.on'] == '0.125'
    assert float(seen[0]['probability.happy']) > 0
    assert seen[0]['probability.cheerful'] == seen[0]['hat.on'] == ''
