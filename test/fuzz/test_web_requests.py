"""Arbitrary requests and messages: the web server answers or refuses them and continues."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack, closing, suppress

import cv2
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.fuzzing import damaged, fuzzed

pytest.importorskip('nicegui', reason='no nicegui: pip install -r requirements/web.txt')

from support.site import TOKEN, start_site
from support.waiting import PATIENCE
from websockets.exceptions import ConnectionClosed

from fer_ros.web.serving import guard

#: 1011 says that the server broke.
CLOSE_CODES = {1000, 1002, 1003, 1007, 1008, 1009}


def picture(suffix: str) -> bytes:
    return cv2.imencode(suffix, np.full((40, 60, 3), (90, 120, 150), np.uint8))[1].tobytes()


def form(data: bytes) -> bytes:
    return (
        b'--b\r\ncontent-disposition: form-data; name="image"; filename="a.jpg"\r\n'
        b'content-type: image/jpeg\r\n\r\n' + data + b'\r\n--b--\r\n'
    )


BODIES = [picture('.jpg'), picture('.png'), form(picture('.jpg')), b'token=' + TOKEN.encode()]
HEADERS = {
    b'accept': [b'image/png', b'text/html', b'*/*'],
    b'authorization': [b'Bearer ' + TOKEN.encode(), b'Basic YTpi', b'Bearer'],
    b'content-encoding': [b'gzip', b'identity'],
    b'content-type': [
        b'image/jpeg',
        b'multipart/form-data; boundary=b',
        b'multipart/form-data',
        b'application/x-www-form-urlencoded',
        b'text/plain; charset=utf-7',
    ],
    b'cookie': [b'fer_ros=1', b'fer_ros="', b'a; b; ;='],
    b'expect': [b'100-continue'],
    b'if-modified-since': [b'Thu, 01 Jan 1970 00:00:00 GMT', b'yesterday'],
    b'if-none-match': [b'*', b'"a", W/"b"'],
    b'origin': [b'http://127.0.0.1', b'null', b'http://[', b'x:y:z'],
    b'range': [b'bytes=0-0', b'bytes=-5', b'bytes=9-1', b'bytes=' + b'0-1,' * 50],
    b'sec-websocket-key': [b'dGhlIHNhbXBsZSBub25jZQ=='],
    b'sec-websocket-version': [b'13', b'99'],
    b'transfer-encoding': [b'chunked', b'gzip'],
    b'upgrade': [b'websocket', b'h2c'],
}
PATHS = [
    b'/classify',
    b'/classify?format=png',
    b'/classify?format=',
    b'/faces',
    b'/events',
    b'/events?after=1',
    b'/events?after=' + b'9' * 30,
    b'/pictures',
    b'/healthz',
    b'/metrics',
    b'/docs',
    b'/login',
    b'/login?next=%2f%2f',
    b'/openapi.json',
    b'/static/theme.css',
    b'/static/%2e%2e/',
    b'/swagger/',
    b'*',
]

#: Bytes of a header line.
line = st.binary(max_size=12).map(lambda data: data.replace(b'\r', b'').replace(b'\n', b''))


@pytest.fixture(scope='module')
def site():
    """A server without a rate limit that waits for no request for long."""
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.setattr(guard, 'REQUESTS', (1e9, 10**9))
        yield start_site(stack, max_upload=100_000, header_time=0.5, body_time=0.5, write_time=0.5)


@st.composite
def requests(draw: st.DrawFn, port: int) -> bytes:
    """A request in which any part can be invalid."""
    method = draw(st.sampled_from([b'GET', b'POST', b'HEAD', b'OPTIONS', b'PUT']) | line)
    path = draw(st.sampled_from(PATHS)) + draw(st.just(b'') | line)
    body = draw(st.just(b'') | damaged(BODIES))
    names = draw(st.lists(st.sampled_from(sorted(HEADERS)), unique=True, max_size=4))
    headers = [(name, draw(st.sampled_from(HEADERS[name]) | line)) for name in names]
    length = draw(st.just(b'%d' % len(body)) | st.integers(-1, 10**12).map(lambda n: b'%d' % n))
    return b'\r\n'.join(
        [
            method + b' ' + path + b' HTTP/1.1',
            b'host: 127.0.0.1:%d' % port,
            b'connection: close',
            b'content-length: ' + length,
            *(name + b': ' + value for name, value in headers),
            b'',
            body,
        ]
    )


def answer_to(port: int, data: bytes) -> bytes:
    """Return the complete answer to some bytes."""
    received = b''
    with (
        closing(socket.create_connection(('127.0.0.1', port), timeout=PATIENCE)) as connection,
        suppress(ConnectionError),
    ):
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65536):
            received += chunk
    return received


def test_any_request_is_answered_or_refused(site):
    statuses = set()
    host = b' HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: close\r\n' % site.port

    # Chance alone does not always reach more than three.
    @fuzzed
    @example(b'GET /healthz' + host + b'\r\n')
    @example(b'GET /nothing' + host + b'\r\n')
    @example(b'PUT /classify' + host + b'\r\n')
    @example(b'POST /classify' + host + b'content-length: 4\r\n\r\nnone')
    @given(requests(site.port))
    def run(data: bytes) -> None:
        received = answer_to(site.port, data)
        if received:
            version, status = received.split(maxsplit=2)[:2]
            assert version == b'HTTP/1.1'
            assert status != b'500', data
            statuses.add(status)

    run()
    assert len(statuses) > 3, 'odd requests reach several ends'
    assert site.lives()


def test_any_bytes_are_answered_or_refused(site):
    good = (
        b'POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: %d\r\n\r\n'
        % len(BODIES[0])
        + BODIES[0]
    )

    @fuzzed
    @given(damaged([good, b'GET /faces HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n']))
    def run(data: bytes) -> None:
        received = answer_to(site.port, data)
        assert not received or received.startswith(b'HTTP/1.1 ')
        assert not received.startswith(b'HTTP/1.1 500'), data

    run()
    assert site.lives()


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(['drawn', 'x']) | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize('path', ['/events', '/pictures'])
def test_any_message_is_accepted_or_ends_the_connection(site, path):
    messages = st.text(max_size=30) | st.binary(max_size=30) | json_like.map(json.dumps)

    @fuzzed
    @given(st.lists(messages, min_size=1, max_size=3))
    def run(sent: list[str | bytes]) -> None:
        with site.socket(path) as connection:
            with suppress(ConnectionClosed):
                for message in [*sent, 'the end']:
                    connection.send(message)
            with pytest.raises(ConnectionClosed) as closed:
                connection.recv(timeout=PATIENCE)
            assert closed.value.rcvd.code in CLOSE_CODES

    run()
    assert site.lives()


def test_any_frames_end_the_connection_at_most(site):
    """The data after the handshake is not always a WebSocket frame."""
    handshake = (
        b'GET /events HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nupgrade: websocket\r\n'
        b'connection: upgrade\r\nsec-websocket-version: 13\r\n'
        b'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n' % site.port
    )
    frames = [
        b'\x81\x85\0\0\0\0hello',
        b'\x88\x82\0\0\0\0\x03\xe8',
        b'\x89\x80\0\0\0\0',
        b'\x02\xff' + b'\x7f' * 8 + b'\0\0\0\0',
    ]

    @fuzzed
    @given(damaged(frames))
    def run(data: bytes) -> None:
        received = answer_to(site.port, handshake + data)
        assert not received or received.startswith(b'HTTP/1.1 101')

    run()
    assert site.lives()
