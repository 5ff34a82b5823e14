"""Bags in the layout of rosbag2, read back by rosbags with the definitions in the file."""

from __future__ import annotations

import pytest
import yaml

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')
pytest.importorskip('rosbags', reason='no rosbags: pip install rosbags')

from rclpy.serialization import serialize_message
from support.bags import read

from fer_msgs.msg import ExpressionEvent, FaceEmotion, FaceEmotionArray
from fer_ros.core.errors import BagError
from fer_ros.ros.messages import header
from fer_ros.ros.recording.bag import Bag, definition

TOPICS = [
    ('/face_emotions', 'fer_msgs/FaceEmotionArray'),
    ('/expression_events', 'fer_msgs/ExpressionEvent'),
]
SECOND = 1_000_000_000


def emotions(stamp: int) -> FaceEmotionArray:
    return FaceEmotionArray(
        header=header(stamp, 'eye'),
        class_names=['happy', 'sad'],
        faces=[FaceEmotion(face_id='a1', label='happy', probabilities=[0.75, 0.25])],
    )


@pytest.fixture
def bag(tmp_path):
    bag = Bag(tmp_path / 'deep' / 'bag', TOPICS)
    yield bag
    bag.close()


def test_messages_are_the_same_after_reading(bag):
    bag.write(0, 5 * SECOND, serialize_message(emotions(4 * SECOND)))
    bag.write(
        1,
        6 * SECOND,
        serialize_message(
            ExpressionEvent(
                type=ExpressionEvent.CHANGED, face_id='a1', label='happy', previous_label='sad'
            )
        ),
    )
    bag.close()
    found = read(bag.folder)
    (array,), (event,) = found['/face_emotions'], found['/expression_events']
    assert array.header.stamp.sec == 4
    assert array.faces[0].label == 'happy'
    assert array.faces[0].probabilities.tolist() == [0.75, 0.25]
    assert (event.type, event.label, event.previous_label) == (event.CHANGED, 'happy', 'sad')


def test_the_metadata_covers_everything_up_to_the_last_flush(bag):
    bag.write(0, 5 * SECOND, serialize_message(emotions(0)))
    bag.write(0, 7 * SECOND, serialize_message(emotions(0)))
    assert bag.messages == 0
    bag.flush()
    assert bag.messages == 2
    content = yaml.safe_load((bag.folder / 'metadata.yaml').read_text())
    information = content['rosbag2_bagfile_information']
    assert information['message_count'] == 2
    assert information['starting_time'] == {'nanoseconds_since_epoch': 5 * SECOND}
    assert information['duration'] == {'nanoseconds': 2 * SECOND}
    assert information['relative_file_paths'] == ['bag_0.mcap']
    assert {p.name for p in bag.folder.iterdir()} == {'bag_0.mcap', 'metadata.yaml'}
    assert len(read(bag.folder)['/face_emotions']) == 2


def test_an_empty_bag_can_be_read(bag):
    assert read(bag.folder) == {'/face_emotions': [], '/expression_events': []}


def test_an_existing_folder_is_not_changed(bag):
    with pytest.raises(BagError, match=r'bag already exists and is not changed: name another'):
        Bag(bag.folder, TOPICS)
    assert read(bag.folder)


def test_a_folder_that_cannot_be_created_is_named(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(BagError, match=r'cannot write .*file/bag: Not a directory'):
        Bag(tmp_path / 'file' / 'bag', TOPICS)


def test_a_definition_contains_each_dependency_once():
    text = definition('fer_msgs/FaceEmotionArray')
    parts = [part.splitlines()[0] for part in text.split('=' * 80 + '\n')[1:]]
    assert sorted(parts) == sorted(
        f'MSG: {name}'
        for name in (
            'std_msgs/Header',
            'fer_msgs/FaceEmotion',
            'builtin_interfaces/Time',
            'sensor_msgs/RegionOfInterest',
            'geometry_msgs/Point',
            'geometry_msgs/Pose',
            'geometry_msgs/PoseWithCovariance',
            'geometry_msgs/Quaternion',
        )
    )


def test_a_missing_message_type_is_named():
    with pytest.raises(BagError, match=r'no definition of no_msgs/Thing .*: install no_msgs'):
        definition('no_msgs/Thing')
