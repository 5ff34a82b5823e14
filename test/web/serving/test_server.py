"""The addresses on which a server can listen."""

from __future__ import annotations

import socket
import weakref

import pytest

pytest.importorskip('uvicorn', reason='no uvicorn: pip install -r requirements/web.txt')

from fer_ros.web.errors import WebError
from fer_ros.web.serving.server import WebServer
from fer_ros.web.serving.settings import WebSettings


async def nothing(scope, receive, send):
    """An application without addresses."""


@pytest.mark.parametrize('address', ['a' * 70 + '.test', '999.1.1.1', '', '192.0.2.1'])
def test_an_address_that_this_machine_does_not_have_is_refused_with_the_remedy(address):
    server = WebServer(nothing, WebSettings(address, 0, 'a-token-of-this-test'))
    with pytest.raises(WebError, match=f"'{address}' .*: use an address of this machine"):
        server.start()


def test_a_server_that_cannot_start_listens_no_longer(monkeypatch):
    def refuse(*_, **__):
        raise ValueError('no server')

    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setattr('uvicorn.Config', refuse)
    with pytest.raises(ValueError, match='no server') as kept:  # It keeps the socket alive.
        WebServer(nothing, WebSettings(port=port)).start()
    assert kept.traceback
    with socket.create_server(('127.0.0.1', port)):
        pass


def test_a_port_in_use_is_refused_with_the_remedy():
    with socket.create_server(('127.0.0.1', 0)) as taken:
        server = WebServer(nothing, WebSettings(port=taken.getsockname()[1]))
        with pytest.raises(WebError, match='choose another port'):
            server.start()


def test_a_server_that_ended_is_freed_when_another_starts():
    """An application refers to itself, as those of frameworks do."""

    class Application:
        def __init__(self) -> None:
            self.itself = self

        async def __call__(self, scope, receive, send):
            """Have no addresses."""

    application = Application()
    kept = weakref.ref(application)
    with WebServer(application, WebSettings(port=0)):
        del application
    with WebServer(nothing, WebSettings(port=0)):
        assert kept() is None
