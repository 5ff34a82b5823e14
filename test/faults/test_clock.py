"""The system clock is set, as by NTP on a robot without a clock battery."""

from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.clock import set_clock, shifted_clock

from fer_msgs.msg import ExpressionEvent, FaceEmotionArray
from fer_ros.ros.messages import stamp_from_time

NODES = ('camera_node', 'face_detector_node', 'emotion_classifier_node')
HOUR = 3600


def test_results_continue_when_the_clock_jumps_back_or_forward(bring_up_once, face_clip, tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in shifted_clock(tmp_path).items():
            patch.setenv(name, value)
        robot = bring_up_once(source=str(face_clip))
    emotions = robot.listen(FaceEmotionArray, 'face_emotions')
    events = robot.listen(ExpressionEvent, 'expression_events')

    def kinds(face_id: str) -> list[int]:
        return [
            event.type
            for event in events
            if event.face_id == face_id and event.type != ExpressionEvent.CHANGED
        ]

    def results_at(offset: float) -> None:
        """Wait for five results in a row after the clock was set."""

        def come() -> bool:
            now = robot.node.get_clock().now().nanoseconds
            newest = [stamp_from_time(m.header.stamp) - now for m in emotions[-5:]]
            return (
                len(newest) == 5
                and all(abs(stamp * 1e-9 - offset) < 60 for stamp in newest)
                and all(m.faces for m in emotions[-5:])
            )

        robot.wait_for(come, f'results at {offset:+g} s')

    results_at(0)
    ids = [emotions[-1].faces[0].face_id]
    # The last jump is forward. While the clock of the test is behind, Fast DDS can lose messages
    # on a machine that has run for hours, and the nodes report that.
    for offset in (-HOUR, +HOUR, -2, +HOUR):
        set_clock(tmp_path, offset)
        results_at(offset)
        ids.append(emotions[-1].faces[0].face_id)
        robot.wait_for(lambda: kinds(ids[-1]) == [ExpressionEvent.APPEARED], 'APPEARED')
    for node in NODES:
        robot.wait_for_status(node, lambda s: s.level == b'\0', 'OK')
        assert robot.state(node) == 'active'
        assert 'Traceback' not in robot.log(node)
    # Set back, or an hour later, it is another face; none stays behind as a ghost.
    assert len(set(ids)) == len(ids)
    for gone in ids[1:-1]:
        assert kinds(gone) == [ExpressionEvent.APPEARED, ExpressionEvent.LEFT]
    assert robot.log('face_detector_node').count('time jumped back by') == 2
