"""A folder of photographs in the whole pipeline: faces are not carried to the next picture."""

from __future__ import annotations

from itertools import groupby, pairwise

import cv2
import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clips import face_at

from fer_msgs.msg import ExpressionEvent, FaceEmotionArray


@pytest.fixture(scope='module')
def folder(photographs, tmp_path_factory) -> str:
    """Two pictures of a face in the same place, which one video would show as one person."""
    folder = tmp_path_factory.mktemp('photographs')
    for number, still in enumerate(face_at(photographs, [(320, 240)] * 2)):
        assert cv2.imwrite(str(folder / f'{number}.png'), still.image)
    return str(folder)


@pytest.mark.parametrize('single_process', [False, True], ids=['processes', 'one process'])
def test_each_picture_has_its_own_faces_that_appear_and_leave(bring_up, folder, single_process):
    robot = bring_up(source=folder, single_process=str(single_process).lower())
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    events = robot.listen(ExpressionEvent, 'expression_events')
    robot.wait_for(
        lambda: sum(event.type == ExpressionEvent.LEFT for event in events) >= 2,
        'two faces that left',
    )
    shown = [
        (frame_id, {face.face_id for message in messages for face in message.faces})
        for frame_id, messages in groupby(emotions, lambda message: message.header.frame_id)
    ]
    assert {frame_id for frame_id, _ in shown} == {
        'camera_optical_frame/1',
        'camera_optical_frame/2',
    }
    assert all(len(face_ids) <= 1 for _, face_ids in shown)
    assert all(not before & after for (_, before), (_, after) in pairwise(shown))
    left = [event.face_id for event in events if event.type == ExpressionEvent.LEFT]
    assert len(left) == len(set(left))
