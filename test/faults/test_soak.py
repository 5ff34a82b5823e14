"""The pipeline for a minute or for half an hour: nothing grows, nothing is lost silently.

The tests of other workers run during the minute, which makes it harder.
"""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import pytest

pytest.importorskip('rclpy', reason='no rclpy: source a ROS 2, or run make build')
pytest.importorskip('fer_msgs.msg', reason='no fer_msgs: build the messages with make build')

from support.soak import CAMERA, DETECTOR, run, write_soak_clip
from support.soak_process import start_soak

NODES = ('camera_node', 'face_detector_node', 'emotion_classifier_node')

#: Frames lost after the last one that arrives, of two topics, have no number.
NOT_NUMBERED = 4


def check(file: Path, record, minutes: float) -> dict[str, float]:
    """Check the bounds that hold for a soak of any length, and return its figures."""
    figures = json.loads(file.read_text())['figures']
    for name, value in figures.items():
        record(f'soak_{minutes:g}_{name}', value)
    assert figures['frames'] > 0.5 * 60 * 30 * minutes
    assert figures['frames_unaccounted'] <= NOT_NUMBERED
    # Two faces in each 20 seconds; none appears that does not leave.
    assert figures['faces_appeared'] == figures['faces_left'] >= minutes * 60 / 20
    for node in NODES:
        assert figures[f'{node}_descriptors_gained'] <= 0
        assert figures[f'{node}_threads_gained'] <= 0
    return figures


def test_one_minute_loses_no_frame_thread_or_file_descriptor(
    photographs, tmp_path, record_testsuite_property
):
    process = start_soak(1, tmp_path / 'soak.json')
    assert process.wait(600) == 0
    figures = check(tmp_path / 'soak.json', record_testsuite_property, 1)
    for node in NODES:
        assert figures[f'{node}_memory_last_mb'] - figures[f'{node}_memory_first_mb'] < 16


def test_a_detector_that_starts_late_leaves_every_later_frame_accounted_for(
    bring_up, photographs, tmp_path, monkeypatch
):
    clip = write_soak_clip(tmp_path / 'soak.avi')
    robot = bring_up(parameters={CAMERA: {'autostart': False}}, source=str(clip))
    detector, transition = robot.process(DETECTOR), robot.transition
    starved = []

    def starve_at_first(node: str, name: str) -> bool:
        """Stop the detector for the first second of the camera."""
        if name == 'activate' and not starved:
            starved.append(node)
            detector.send_signal(signal.SIGSTOP)
            threading.Timer(1.0, detector.send_signal, [signal.SIGCONT]).start()
        return transition(node, name)

    monkeypatch.setattr(robot, 'transition', starve_at_first)
    soak = run(robot, 3)
    assert soak.counts[CAMERA]['processed'] > 10
    assert soak.unaccounted() <= NOT_NUMBERED


@pytest.mark.long
def test_half_an_hour_of_work_keeps_memory_and_latency_constant(
    photographs, tmp_path, record_testsuite_property
):
    process = start_soak(30, tmp_path / 'soak.json')
    assert process.wait(2400) == 0
    figures = check(tmp_path / 'soak.json', record_testsuite_property, 30)
    for node in NODES:
        assert figures[f'{node}_memory_mb_per_hour'] < 4
    assert figures['latency_last_ms'] < 1.5 * figures['latency_first_ms']
