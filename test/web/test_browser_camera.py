"""Frames of a browser's camera over a WebSocket: answered one by one, bounded, off in privacy."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack

import cv2
import numpy as np
import pytest
from support.people import Person, compose
from support.site import TOKEN
from support.waiting import PATIENCE
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fer_ros.core.classification import ClassifierConfig
from fer_ros.core.detection.base import DetectorConfig
from fer_ros.core.errors import ModelError
from fer_ros.core.pipeline_builder import PipelineBuilder
from fer_ros.core.pipeline_config import PipelineConfig
from fer_ros.web.browser_camera import MOST_CAMERAS, CameraService


def make_pipeline():
    config = PipelineConfig(DetectorConfig('haar'), classifier=ClassifierConfig('tiny'))
    return PipelineBuilder(config).pipeline()


@pytest.fixture(scope='module')
def site(serve):
    return serve(cameras=CameraService(make_pipeline))


@pytest.fixture(scope='module')
def frame(portraits) -> bytes:
    wall = np.full((320, 480, 3), (150, 165, 170), np.uint8)
    people = [
        Person(portraits[0], 130, 140, 120),
        Person(portraits[0], 350, 140, 120, mirrored=True),
    ]
    return cv2.imencode('.jpg', compose(wall, people).image)[1].tobytes()


def ids(told) -> set[str]:
    return {face['face_id'] for face in told['faces']}


def ask(socket, frame: bytes | str):
    socket.send(frame)
    return json.loads(socket.recv(timeout=PATIENCE))


def closed_code(socket) -> int:
    try:
        while True:
            socket.recv(timeout=PATIENCE)
    except ConnectionClosed as closed:
        return closed.rcvd.code


def test_each_frame_is_answered_and_faces_keep_their_ids(site, frame):
    with site.socket('/frames') as socket:
        first = second = ask(socket, frame)
        assert (first['image_width'], first['image_height']) == (480, 320)
        assert sorted(face['person'] for face in first['faces']) == [1, 2]
        deadline = time.monotonic() + PATIENCE
        while True:
            # A frame that comes late shows somebody new.
            first, second = second, ask(socket, frame)
            if ids(first) == ids(second):
                break
            assert time.monotonic() < deadline
    assert site.board.emotions() is None, 'nobody else sees what a visitor shows'
    assert site.board.events() == []


@pytest.mark.parametrize(
    'message', ['text', b'', b'no picture', b'\xff\xd8\xff\xe0 cut short'], ids=repr
)
def test_what_is_no_frame_ends_the_connection(site, message):
    with site.socket('/frames') as socket:
        socket.send(message)
        assert closed_code(socket) == 1003
    assert site.lives()


def test_frames_of_too_many_bytes_or_pixels_end_the_connection(site):
    with site.socket('/frames') as socket:
        socket.send(b'\xff' * 1_100_000)
        assert closed_code(socket) == 1009
    large = cv2.imencode('.jpg', np.zeros((2000, 2000, 3), np.uint8))[1].tobytes()
    with site.socket('/frames') as socket:
        socket.send(large)
        assert closed_code(socket) == 1003


def test_so_many_cameras_at_once_and_the_next_when_one_has_gone(site, frame):
    with ExitStack() as stack:
        for _ in range(MOST_CAMERAS):
            ask(stack.enter_context(site.socket('/frames')), frame)
        with site.socket('/frames') as late:
            assert 'in use' in json.loads(late.recv(timeout=PATIENCE))['problem']
            assert closed_code(late) == 1013
    deadline = time.monotonic() + PATIENCE
    while True:
        with site.socket('/frames') as again:
            again.send(frame)
            if 'faces' in json.loads(again.recv(timeout=PATIENCE)):
                break
        assert time.monotonic() < deadline, 'a place is never given back'
        time.sleep(0.05)


def test_in_privacy_mode_no_frame_is_taken(serve):
    with serve().socket('/frames') as socket:
        assert 'privacy' in json.loads(socket.recv(timeout=PATIENCE))['problem']
        assert closed_code(socket) == 1008


def test_a_model_that_is_missing_is_told(serve):
    def fail():
        raise ModelError('no model here')

    with serve(cameras=CameraService(fail)).socket('/frames') as socket:
        assert json.loads(socket.recv(timeout=PATIENCE)) == {'problem': 'no model here'}
        assert closed_code(socket) == 1011


def test_it_needs_the_token_and_a_page_of_this_server(serve, site):
    locked = serve(token=TOKEN, cameras=CameraService(make_pipeline))
    with pytest.raises(InvalidStatus) as refused, locked.socket('/frames'):
        pass
    assert refused.value.response.status_code == 401
    with (
        pytest.raises(InvalidStatus) as refused,
        site.socket('/frames', origin='http://elsewhere.test'),
    ):
        pass
    assert refused.value.response.status_code == 403
