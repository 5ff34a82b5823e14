"""Which inputs are found, their names, and which are refused."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import cv2
import pytest
from support.photographs import corners, encode

from fer_ros.core.errors import SourceError
from fer_ros.offline.inputs.bags import Topic, choose_topics
from fer_ros.offline.inputs.finding import find_inputs
from fer_ros.offline.running import progress

LEFT = Topic('/left/image_raw', 'sensor_msgs/msg/Image', 3)
RIGHT = Topic('/right/image_raw/compressed', 'sensor_msgs/msg/CompressedImage', 3)
TEXT = Topic('/chatter', 'std_msgs/msg/String', 9)


@pytest.fixture
def holiday(tmp_path) -> Path:
    for name in ('a.jpg', 'B.PNG', 'beach/c.mp4', 'notes.txt', '.hidden.jpg', '.git/d.jpg'):
        path = tmp_path / 'holiday' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'x')
    return tmp_path / 'holiday'


def test_a_folder_is_searched_recursively_without_hidden_and_written_files(holiday):
    out = holiday / 'out'
    out.mkdir()
    (out / 'annotated.jpg').write_bytes(b'x')
    found = find_inputs([holiday], [], out)
    assert {one.name: one.kind for one in found.inputs} == {
        'holiday/a.jpg': 'picture',
        'holiday/B.PNG': 'picture',
        'holiday/beach/c.mp4': 'video',
    }
    assert found.passed_over == [holiday / 'notes.txt']
    assert not found.refused


def test_a_linked_folder_is_searched_once(holiday, tmp_path):
    (tmp_path / 'disk' / 'album').mkdir(parents=True)
    (tmp_path / 'disk' / 'album' / 'e.jpg').write_bytes(b'x')
    for name, target in {
        '0': holiday / 'beach',
        'disk': tmp_path / 'disk',
        'disk/album/back': tmp_path / 'disk',
        'up': tmp_path,
        'out': tmp_path / 'results',
        'gone': tmp_path / 'nowhere',
    }.items():
        (holiday / name).symlink_to(target)
    (tmp_path / 'results').mkdir()
    (tmp_path / 'results' / 'annotated.jpg').write_bytes(b'x')
    found = find_inputs([holiday], [], tmp_path / 'results')
    assert sorted(one.name for one in found.inputs) == [
        'holiday/B.PNG',
        'holiday/a.jpg',
        'holiday/beach/c.mp4',
        'holiday/disk/album/e.jpg',
    ]
    assert [path.name for path in found.passed_over] == ['gone', 'notes.txt']


def test_a_folder_that_cannot_be_listed_is_refused(holiday, monkeypatch):
    listed = os.scandir

    def scandir(path):
        if Path(path) == holiday / 'beach':
            raise PermissionError(errno.EACCES, 'Permission denied', str(path))
        return listed(path)

    monkeypatch.setattr(os, 'scandir', scandir)
    found = find_inputs([holiday], [], holiday / 'out')
    assert [one.name for one in found.inputs] == ['holiday/B.PNG', 'holiday/a.jpg']
    (reason,) = found.refused.values()
    assert reason == ('this folder cannot be listed (Permission denied): check its permissions')
    found = find_inputs([holiday / 'beach'], [], holiday / 'out')
    assert found.refused == {str(holiday / 'beach'): reason}


def test_names_are_relative_to_the_common_folder_and_unique(tmp_path):
    for folder in ('monday', 'tuesday'):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / 'clip.mp4').write_bytes(b'x')
    paths = [tmp_path / folder / 'clip.mp4' for folder in ('tuesday', 'monday')]
    found = find_inputs([*paths, paths[0]], [], tmp_path / 'out')
    assert [one.name for one in found.inputs] == ['tuesday/clip.mp4', 'monday/clip.mp4']
    assert [one.name for one in find_inputs(paths[:1], [], tmp_path / 'out').inputs] == [
        'clip.mp4'
    ]


def test_pipes_are_skipped_and_reported(holiday, tmp_path):
    os.mkfifo(holiday / 'pipe.jpg')
    os.mkfifo(holiday / 'pipe.mcap')
    found = find_inputs([holiday], [], tmp_path / 'out')
    assert {one.path.name for one in found.inputs} == {'a.jpg', 'B.PNG', 'c.mp4'}
    assert {path.name for path in found.passed_over} == {'notes.txt', 'pipe.jpg', 'pipe.mcap'}
    assert not found.refused


def test_a_named_file_is_never_skipped_silently(holiday, tmp_path):
    (tmp_path / 'empty').mkdir()
    found = find_inputs(
        [tmp_path / 'nowhere.mp4', tmp_path / 'empty', holiday, holiday / 'notes.txt'],
        [],
        tmp_path / 'out',
    )
    assert set(found.refused) == {str(tmp_path / 'nowhere.mp4'), str(tmp_path / 'empty')}
    assert 'No such file' in found.refused[str(tmp_path / 'nowhere.mp4')]
    assert 'no picture, video or bag' in found.refused[str(tmp_path / 'empty')]
    assert 'holiday/notes.txt' in [one.name for one in found.inputs]
    assert not found.passed_over


def test_an_empty_bag_is_refused_as_such(tmp_path):
    (tmp_path / 'a.mcap').touch()
    refused = find_inputs([tmp_path / 'a.mcap'], [], tmp_path / 'out').refused
    (reason,) = refused.values()
    assert reason.endswith('a.mcap is empty (0 bytes): copy or record it again')


def test_skipped_files_are_reported_and_named_files_are_tried(tmp_path):
    folder = tmp_path / 'trip'
    folder.mkdir()
    for name in ('a.jxl', 'b.NEF', 'c.txt', 'd.heic', 'e.webp', 'no_suffix'):
        (folder / name).write_bytes(b'x')
    (folder / 'photograph').write_bytes(cv2.imencode('.jpg', corners())[1].tobytes())
    (folder / 'wave.gif').write_bytes(encode('.gif', corners(), 255 - corners()))
    found = find_inputs([folder], [], tmp_path / 'out')
    assert {one.name: one.kind for one in found.inputs} == {
        'trip/d.heic': 'picture',
        'trip/e.webp': 'picture',
        'trip/photograph': 'picture',
        'trip/wave.gif': 'video',
    }
    assert [path.name for path in found.passed_over] == ['a.jxl', 'b.NEF', 'c.txt', 'no_suffix']
    found = find_inputs([folder / 'a.jxl', folder / 'no_suffix'], [], tmp_path / 'out')
    assert {one.name: one.kind for one in found.inputs} == {
        'a.jxl': 'picture',
        'no_suffix': 'video',
    }


def test_a_changed_file_has_another_fingerprint(holiday):
    def fingerprint() -> dict[str, int]:
        return find_inputs([holiday / 'a.jpg'], [], holiday / 'out').inputs[0].fingerprint

    before = fingerprint()
    assert fingerprint() == before
    (holiday / 'a.jpg').write_bytes(b'xy')
    assert fingerprint() != before


def test_the_only_image_topic_of_a_bag_is_used():
    assert choose_topics([TEXT, LEFT], []) == [LEFT]


def test_of_several_image_topics_the_requested_ones_are_used():
    assert choose_topics([LEFT, TEXT, RIGHT], [RIGHT.name, LEFT.name]) == [RIGHT, LEFT]


@pytest.mark.parametrize(
    ('topics', 'wanted', 'message'),
    [
        (
            [LEFT, RIGHT],
            [],
            r'/left/image_raw, /right/image_raw/compressed: select one with --topic',
        ),
        ([LEFT], ['/up'], 'no images on topic /up; topics with images: /left/image_raw'),
        ([TEXT], [], r'contains no images, only /chatter \(std_msgs/msg/String\)'),
    ],
)
def test_a_bag_with_an_ambiguous_topic_is_refused_with_its_topics(topics, wanted, message):
    with pytest.raises(SourceError, match=message):
        choose_topics(topics, wanted)


def test_a_topic_without_a_bag_is_an_error(holiday, tmp_path):
    found = find_inputs([holiday], ['/image_raw'], tmp_path / 'out')
    assert found.inputs
    assert 'none of the inputs is a bag' in found.refused['--topic /image_raw']


def test_a_log_gets_lines_and_no_progress_bar(holiday, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(progress, '_LINE_PERIOD', 0.0)
    inputs = find_inputs([holiday / 'a.jpg'], [], tmp_path / 'out').inputs
    shown = progress.Progress(inputs)
    shown.report('a.jpg', 1, 1)
    shown.close()
    assert capsys.readouterr().err == '1 of about 1 frames\n'
