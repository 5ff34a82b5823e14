"""The pipeline state: situation, figures, time lines, events."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from support.nodes import appeared, emotion_set, face_emotion

from fer_ros.web.state.health import NODE_SILENCE, Level, NodeHealth, Phase
from fer_ros.web.state.pipeline_state import KEPT_EVENTS, PipelineState
from fer_ros.web.state.time_line import MOST_FACES, MOST_SEGMENTS, SPAN


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pipeline_state(clock):
    return PipelineState('robot', clock)


def health(name: str, clock, host: str = 'robot', level=Level.OK, **values) -> NodeHealth:
    return NodeHealth(name, host, level, values.pop('message', 'fine'), clock.now, **values)


def test_the_first_state_is_waiting_for_the_pipeline(pipeline_state, clock):
    assert pipeline_state.situation().phase is Phase.STARTING
    pipeline_state.take_health(
        health('camera_node', clock, level=Level.ERROR, message='no camera')
    )
    assert pipeline_state.situation().detail == 'camera_node: no camera'


def test_the_wall_clock_follows_a_clock_that_is_set_later(clock, monkeypatch):
    """A Raspberry Pi without a clock starts in the past, until it reaches a time server."""
    wall = 5000.0
    monkeypatch.setattr(time, 'time', lambda: wall)
    pipeline_state = PipelineState('robot', clock)
    assert pipeline_state.wall == 4000.0
    wall += 0.4
    assert pipeline_state.wall == 4000.0, 'the times of earlier answers stay the same'
    wall = 900_000.0
    assert pipeline_state.wall == 899_000.0


def test_an_empty_result_means_searching_and_a_face_means_watching(pipeline_state):
    pipeline_state.take_emotions(emotion_set(1))
    assert pipeline_state.situation().phase is Phase.SEARCHING
    assert pipeline_state.situation().text == 'searching for a face'
    pipeline_state.take_emotions(emotion_set(2, face_emotion('f1'), face_emotion('f2')))
    assert pipeline_state.situation().phase is Phase.WATCHING
    assert pipeline_state.situation().text == '2 faces in view'


def test_a_stopped_pipeline_is_reported_with_its_reason_and_without_old_faces(
    pipeline_state, clock
):
    pipeline_state.take_emotions(emotion_set(1, face_emotion()))
    clock.now += 1.5
    pipeline_state.take_health(
        health('face_detector_node', clock, level=Level.WARN, message='no image comes')
    )
    assert pipeline_state.situation().phase is Phase.STOPPED
    assert pipeline_state.situation().detail == 'face_detector_node: no image comes'
    assert pipeline_state.emotions() is None


def test_results_older_than_two_seconds_are_not_current(pipeline_state, clock):
    pipeline_state.take_emotions(emotion_set(1, face_emotion()), latency=1.9)
    assert pipeline_state.situation().phase is Phase.WATCHING
    pipeline_state.take_emotions(emotion_set(2, face_emotion()), latency=2.1)
    assert pipeline_state.situation().phase is Phase.STOPPED
    assert pipeline_state.situation().detail == '2.1 s after the frame'
    assert pipeline_state.emotions() is None
    pipeline_state.take_emotions(emotion_set(3, face_emotion()), latency=1.5)
    clock.now += 0.6
    assert pipeline_state.emotions() is None, 'it has become old since it came'


def test_a_local_node_without_messages_is_named(pipeline_state, clock):
    pipeline_state.take_health(health('camera_node', clock))
    pipeline_state.take_emotions(emotion_set(1))
    clock.now += NODE_SILENCE + 1
    assert pipeline_state.situation().phase is Phase.STOPPED
    assert pipeline_state.situation().detail == 'no report from camera_node'


def test_the_link_is_lost_when_no_message_of_another_host_arrives(pipeline_state, clock):
    pipeline_state.take_health(health('emotion_classifier_node', clock, host='desk'))
    pipeline_state.take_emotions(emotion_set(1, face_emotion()))
    clock.now += NODE_SILENCE + 1
    pipeline_state.take_health(health('camera_node', clock))
    situation = pipeline_state.situation()
    assert situation.phase is Phase.LINK_LOST
    assert situation.text == 'link to desk lost'
    pipeline_state.take_health(health('emotion_classifier_node', clock, host='desk'))
    assert pipeline_state.situation().phase is Phase.STOPPED, (
        'it is heard again, results do not come yet'
    )
    pipeline_state.take_emotions(emotion_set(2))
    assert pipeline_state.situation().is_running


def test_one_silent_node_is_not_a_lost_link(pipeline_state, clock):
    pipeline_state.take_health(health('marker_node', clock, host='desk'))
    pipeline_state.take_emotions(emotion_set(1))
    clock.now += NODE_SILENCE + 1
    pipeline_state.take_health(health('emotion_classifier_node', clock, host='desk'))
    assert pipeline_state.situation().phase is Phase.STOPPED


def test_figures_cover_the_last_seconds(pipeline_state, clock):
    for _ in range(61):
        pipeline_state.take_emotions(emotion_set(1), latency=0.02)
        clock.now += 0.1
    pipeline_state.take_health(health('camera_node', clock, dropped=3))
    pipeline_state.take_health(health('face_detector_node', clock, dropped=4))
    figures = pipeline_state.figures()
    assert figures.rate == pytest.approx(10, rel=0.1)
    assert figures.latency == 0.02
    assert figures.results == 61
    assert figures.skipped == 0, 'nothing is known of how fast it comes'
    clock.now += 2
    pipeline_state.take_health(health('camera_node', clock, dropped=3))
    pipeline_state.take_health(health('face_detector_node', clock, dropped=14))
    assert pipeline_state.figures().skipped == 5
    pipeline_state.take_health(health('face_detector_node', clock, dropped=0))
    assert pipeline_state.figures().skipped == 0, 'it was started anew'
    clock.now += 10
    assert pipeline_state.figures().rate == 0
    assert pipeline_state.figures().latency is None


def test_a_time_line_has_a_segment_for_each_label_and_gaps_for_absences(pipeline_state, clock):
    """An uncertain moment is a separate segment."""
    for label, seconds in (('happy', 2), ('sad', 1), (None, 3), ('sad', 1), ('sad?', 1)):
        for _ in range(seconds * 10):
            pipeline_state.take_emotions(
                emotion_set(1, face_emotion('f1', label.strip('?'), uncertain='?' in label))
                if label
                else emotion_set(1)
            )
            clock.now += 0.1
    (line,) = pipeline_state.time_lines().faces.values()
    assert [segment.label for segment in line.segments] == ['happy', 'sad', 'sad', 'uncertain']
    happy, sad, again, _ = line.segments
    assert happy.end - happy.start == pytest.approx(2, abs=0.15)
    assert sad.start == pytest.approx(happy.end, abs=0.15)
    assert again.start - sad.end > 2.5


def test_time_lines_drop_old_segments_and_the_oldest_faces(pipeline_state, clock):
    pipeline_state.take_emotions(emotion_set(1, face_emotion('old')))
    clock.now += SPAN + 1
    assert not pipeline_state.time_lines().faces
    for number in range(MOST_FACES + 3):
        pipeline_state.take_emotions(emotion_set(1, face_emotion(f'f{number}')))
        clock.now += 0.1
    assert len(pipeline_state.time_lines().faces) == MOST_FACES
    assert 'f0' not in pipeline_state.time_lines().faces


def test_probabilities_are_kept_once_a_second_and_for_one_model(pipeline_state, clock):
    for _ in range(30):
        pipeline_state.take_emotions(emotion_set(1, face_emotion('f1', 'happy')))
        clock.now += 0.1
    lines = pipeline_state.time_lines()
    (line,) = lines.faces.values()
    assert len(line.samples) == 3
    assert line.samples[0].percent[lines.class_names.index('happy')] == 80
    other = replace(emotion_set(1, face_emotion('f1', 'happy')), class_names=tuple('abcdefg'))
    pipeline_state.take_emotions(other)
    (line,) = pipeline_state.time_lines().faces.values()
    assert len(line.samples) == 1, 'those of other classes would be misread'


def test_the_duration_of_each_label_includes_everybody_and_no_gap(pipeline_state, clock):
    for label, seconds in (('happy', 4), (None, 10), ('sad', 2)):
        for _ in range(seconds * 10):
            faces = [face_emotion('f1', label), face_emotion('f2', 'happy')] if label else []
            pipeline_state.take_emotions(emotion_set(1, *faces))
            clock.now += 0.1
    seen = pipeline_state.time_lines().seen()
    assert list(seen) == ['happy', 'sad']
    assert seen['happy'] == pytest.approx(4 + 4 + 2, abs=0.5)
    assert seen['sad'] == pytest.approx(2, abs=0.3)


def test_a_label_that_flickers_without_end_uses_bounded_memory(pipeline_state, clock):
    for number in range(2 * MOST_SEGMENTS):
        label = ('happy', 'sad')[number % 2]
        pipeline_state.take_emotions(emotion_set(1, face_emotion('f1', label)))
        clock.now += 0.04
    (line,) = pipeline_state.time_lines().faces.values()
    assert len(line.segments) <= MOST_SEGMENTS


def test_events_are_numbered_bounded_and_passed_to_listeners(pipeline_state):
    heard = []
    end = pipeline_state.listen(heard.append)
    for _ in range(KEPT_EVENTS + 5):
        pipeline_state.take_event(appeared())
    end()
    pipeline_state.take_event(appeared('sad'))
    assert [numbered.number for numbered in heard] == list(range(1, KEPT_EVENTS + 6))
    assert len(pipeline_state.events()) == KEPT_EVENTS
    assert [e.event.label for e in pipeline_state.events(after=KEPT_EVENTS + 5)] == ['sad']


def test_missing_nodes_are_forgotten_while_results_arrive(pipeline_state, clock):
    pipeline_state.take_health(health('camera_node', clock))
    clock.now += 60
    assert [node.name for node in pipeline_state.nodes()] == ['camera_node'], (
        'it may be the reason'
    )
    pipeline_state.take_emotions(emotion_set(1))
    assert pipeline_state.nodes() == []
