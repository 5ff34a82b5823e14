"""Frames of a browser's camera over a WebSocket: answered in turn, limited, off with privacy."""

from __future__ import annotations

import json
from contextlib import ExitStack, suppress

import cv2
import numpy as np
import pytest
from support.people import Person, compose
from support.site import TOKEN, tiny_pipeline
from support.sockets import BINARY, announce, closed_code
from support.waiting import PATIENCE, wait_for
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fer_ros.core.errors import ModelError
from fer_ros.web.files.browser_camera import MOST_CAMERAS, CameraService


@pytest.fixture(scope='module')
def site(serve):
    return serve(cameras=CameraService(tiny_pipeline))


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


def test_each_frame_is_answered_and_faces_keep_their_ids(site, frame):
    with site.socket('/frames') as socket:
        told = [ask(socket, frame)]
        first = told[0]
        assert (first['image_width'], first['image_height']) == (480, 320)
        assert sorted(face['person'] for face in first['faces']) == [1, 2]

        def ids_stay() -> bool:
            # A frame that comes late shows somebody new.
            told.append(ask(socket, frame))
            return ids(told[-2]) == ids(told[-1])

        wait_for(ids_stay, 'frame with the faces of the one before')
    assert site.pipeline_state.emotions() is None, 'nobody else sees what a visitor shows'
    assert site.pipeline_state.events() == []


@pytest.mark.parametrize(
    'message', ['text', b'', b'no picture', b'\xff\xd8\xff\xe0 cut short'], ids=repr
)
def test_other_data_ends_the_connection(site, message):
    with site.socket('/frames') as socket:
        socket.send(message)
        assert closed_code(socket) == 1003
    assert site.lives()


def test_frames_with_too_many_bytes_or_pixels_end_the_connection(site):
    with site.socket('/frames') as socket:
        announce(socket, 1_100_000, BINARY)
        assert closed_code(socket) == 1009
    large = cv2.imencode('.jpg', np.zeros((2000, 2000, 3), np.uint8))[1].tobytes()
    with site.socket('/frames') as socket:
        socket.send(large)
        assert closed_code(socket) == 1003


def test_the_number_of_cameras_is_limited_and_a_place_becomes_free(site, frame):
    with ExitStack() as stack:
        for _ in range(MOST_CAMERAS):
            ask(stack.enter_context(site.socket('/frames')), frame)
        with site.socket('/frames') as late:
            assert 'in use' in json.loads(late.recv(timeout=PATIENCE))['problem']
            assert closed_code(late) == 1013

    def is_taken() -> bool:
        with site.socket('/frames') as again:
            # The server may have closed it already.
            with suppress(ConnectionClosed):
                again.send(frame)
            return 'faces' in json.loads(again.recv(timeout=PATIENCE))

    wait_for(is_taken, 'place for another camera')


def test_in_privacy_mode_no_frame_is_accepted(serve):
    with serve().socket('/frames') as socket:
        assert 'privacy' in json.loads(socket.recv(timeout=PATIENCE))['problem']
        assert closed_code(socket) == 1008


def test_a_missing_model_is_reported(serve):
    def fail():
        raise ModelError('no model here')

    with serve(cameras=CameraService(fail)).socket('/frames') as socket:
        assert json.loads(socket.recv(timeout=PATIENCE)) == {'problem': 'no model here'}
        assert closed_code(socket) == 1011


def test_the_token_and_a_page_of_this_server_are_required(serve, site):
    locked = serve(token=TOKEN, cameras=CameraService(tiny_pipeline))
    with pytest.raises(InvalidStatus) as refused, locked.socket('/frames'):
        pass
    assert refused.value.response.status_code == 401
    with (
        pytest.raises(InvalidStatus) as refused,
        site.socket('/frames', origin='http://elsewhere.test'),
    ):
        pass
    assert refused.value.response.status_code == 403
