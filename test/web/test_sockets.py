"""Events and images over WebSockets."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from support.nodes import appeared, emotion_set
from support.sockets import TEXT, announce, closed_code
from support.waiting import PATIENCE, wait_for
from websockets.exceptions import InvalidStatus

from fer_ros.core.types import Frame
from fer_ros.web.stream import LiveImage


@pytest.fixture(scope='module')
def site(serve):
    return serve()


def show(site, stamp: int) -> None:
    image = np.full((48, 64, 3), stamp % 200, np.uint8)
    site.stream.take_picture(LiveImage(stamp, lambda: Frame(image, 'bgr8', stamp), image.nbytes))
    site.stream.take_emotions(emotion_set(stamp))


def number_of(message: bytes) -> int:
    (length,) = struct.unpack('>I', message[:4])
    return json.loads(message[4 : 4 + length])['number']


def test_each_event_reaches_each_client_as_json(site):
    with site.socket('/events') as one, site.socket('/events') as other:
        wait_for(lambda: len(site.pipeline_state._sinks) == 2, 'two clients')
        for label in ('happy', 'sad'):
            site.pipeline_state.take_event(appeared(label))
        for socket in (one, other):
            labels = [json.loads(socket.recv(timeout=PATIENCE))['label'] for _ in range(2)]
            assert labels == ['happy', 'sad']
    wait_for(lambda: not site.pipeline_state._sinks, 'end of the clients')


def test_the_newest_image_is_sent_when_the_previous_one_was_drawn(site):
    with site.socket('/pictures') as socket:
        wait_for(lambda: site.stream.is_watched, 'a viewer')
        before = site.stream.encoded
        for stamp in range(1, 9):
            show(site, stamp)
            wait_for(lambda wanted=before + stamp: site.stream.encoded == wanted, 'encoding')
        first, second = (number_of(socket.recv(timeout=PATIENCE)) for _ in range(2))
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.1)
        socket.send(json.dumps({'drawn': first}))
        last = number_of(socket.recv(timeout=PATIENCE))
        assert first < second < last
        assert last == site.stream._number, 'those between were left out'
    wait_for(lambda: not site.stream.is_watched, 'end of the viewer')


@pytest.mark.parametrize(
    'message',
    [
        'no json',
        '[',
        '{}',
        '{"drawn": 1, "more": 2}',
        '7',
        'null',
        '"drawn"',
        '[' * 100_000,
        b'\x00\xff',
    ],
)
def test_invalid_messages_end_the_connection_with_a_reason(site, message):
    with site.socket('/pictures') as socket:
        socket.send(message)
        assert closed_code(socket) == 1003
    assert site.lives()


def test_the_event_socket_accepts_no_messages(site):
    with site.socket('/events') as socket:
        socket.send('hello')
        assert closed_code(socket) == 1003


def test_text_that_is_not_utf8_ends_the_connection(site):
    with site.socket('/pictures') as socket:
        socket.send(b'\xff\xfe', text=True)
        assert closed_code(socket) == 1007
    assert site.lives()


def test_a_too_long_message_ends_the_connection(site):
    with site.socket('/events') as socket:
        announce(socket, 2_000_000, TEXT)
        assert closed_code(socket) == 1009
    assert site.lives()


def test_foreign_pages_cannot_open_a_socket(site):
    for path in ('/events', '/pictures'):
        with (
            pytest.raises(InvalidStatus) as refused,
            site.socket(path, origin='http://evil.example'),
        ):
            pass
        assert refused.value.response.status_code == 403
    with site.socket('/events', origin=site.url):
        pass


def test_an_unknown_socket_is_refused(site):
    with pytest.raises(InvalidStatus) as refused, site.socket('/nowhere'):
        pass
    assert refused.value.response.status_code in (403, 404)
