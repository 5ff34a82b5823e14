"""People are counted in the order in which they appear, from left to right within a frame."""

from __future__ import annotations

from support.nodes import emotion_set, face_emotion

from fer_ros.core.types import Box, EventType, ExpressionEvent
from fer_ros.web.state.people import KEPT, People
from fer_ros.web.state.pipeline_state import PipelineState


def at(x: float, face_id: str):
    return face_emotion(face_id, box=Box(x, 100, 80, 100))


def test_new_people_in_a_frame_are_numbered_from_left_to_right():
    pipeline_state = PipelineState('here')
    pipeline_state.take_emotions(emotion_set(1, at(300, 'right'), at(50, 'left')))
    pipeline_state.take_emotions(emotion_set(2, at(50, 'late'), at(10, 'right'), at(400, 'left')))
    numbers = [pipeline_state.people.number(name) for name in ('left', 'right', 'late')]
    assert numbers == [1, 2, 3], 'a number stays with its face wherever that goes'


def test_an_event_has_the_number_of_its_person():
    pipeline_state = PipelineState('here')
    pipeline_state.take_emotions(emotion_set(1, at(0, 'one'), at(200, 'two')))
    pipeline_state.take_event(
        ExpressionEvent(
            EventType.APPEARED, 1, 'eye', 'two', 'happy', '', 0.8, 0.0, Box(1, 2, 3, 4)
        )
    )
    assert [event.person for event in pipeline_state.events()] == [2]


def test_only_the_latest_people_are_kept_and_numbers_are_unique():
    people = People()
    for number in range(KEPT + 10):
        assert people.number(f'f{number}') == number + 1
    assert people.number('f0') == KEPT + 11
