"""The WebSockets: events for programs, images for the dashboard, frames of browsers' cameras."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from fer_ros.core.errors import FerError
from fer_ros.web.event_stream import EventQueue
from fer_ros.web.files.browser_camera import CameraBusyError, CameraService
from fer_ros.web.json_objects import event_schema, faces_schema
from fer_ros.web.routes.dependencies import ServicesDependency
from fer_ros.web.state.people import People
from fer_ros.web.state.pipeline_state import PipelineState
from fer_ros.web.stream import PictureStream

router = APIRouter()

#: Images on the way to a client: one that it draws and one in transit.
UNDER_WAY = 2

# Close codes of RFC 6455, 7.4.1.
_CANNOT_ACCEPT = 1003
_NOT_ALLOWED = 1008
_FAILED = 1011
_TRY_AGAIN_LATER = 1013

NO_CAMERAS = 'this server runs in privacy mode: no image leaves the device that took it'


@router.websocket('/events')
async def events(socket: WebSocket, services: ServicesDependency) -> None:
    """Send each event from now on."""
    await _serve(socket, _EventClient(services.pipeline_state, socket))


@router.websocket('/pictures')
async def pictures(socket: WebSocket, services: ServicesDependency) -> None:
    """Send the images of the pipeline."""
    await _serve(socket, _PictureClient(services.stream, socket))


@router.websocket('/frames')
async def frames(socket: WebSocket, services: ServicesDependency) -> None:
    """Receive the frames of a browser's camera, and send their results."""
    await socket.accept()
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(await _process_frames(socket, services.cameras))


async def _process_frames(socket: WebSocket, cameras: CameraService | None) -> int:
    """Answer each frame of a browser's camera with its results. Return the close code.

    If no camera can be accepted, one message gives the reason.
    """
    if cameras is None:
        await socket.send_json({'problem': NO_CAMERAS})
        return _NOT_ALLOWED
    try:
        camera = await cameras.open()
    except CameraBusyError as error:
        await socket.send_json({'problem': str(error)})
        return _TRY_AGAIN_LATER
    except FerError as error:
        await socket.send_json({'problem': str(error)})
        return _FAILED
    people = People()
    try:
        while True:
            message = await socket.receive()
            if message['type'] == 'websocket.disconnect':
                raise WebSocketDisconnect(message.get('code', 1000))
            data = message.get('bytes')
            emotions = await camera.process(data) if data else None
            if emotions is None:
                return _CANNOT_ACCEPT
            people.see(emotions.faces)
            await socket.send_text(faces_schema(emotions, people).model_dump_json())
    finally:
        camera.close()


class _Client:
    """The data that is sent to a client and that a client can send."""

    async def send(self) -> int:
        """Send until the client must be disconnected. Return the close code."""
        raise NotImplementedError

    def receive(self, text: str | None) -> bool:
        """Handle a message (None if it is not text). Return False to disconnect the client."""
        return False

    def open(self) -> None:
        """Begin."""

    def close(self) -> None:
        """End."""


async def _serve(socket: WebSocket, client: _Client) -> None:
    """Serve a client until it leaves or is disconnected."""
    await socket.accept()
    client.open()
    tasks = [asyncio.ensure_future(client.send()), asyncio.ensure_future(_listen(socket, client))]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        client.close()
        for task in tasks:
            task.cancel()
    with suppress(WebSocketDisconnect, RuntimeError):
        await socket.close(done.pop().result())


async def _listen(socket: WebSocket, client: _Client) -> int:
    """Receive messages until one is not acceptable. Return the close code."""
    while True:
        message = await socket.receive()
        if message['type'] == 'websocket.disconnect':
            raise WebSocketDisconnect(message.get('code', 1000))
        if not client.receive(message.get('text')):
            return _CANNOT_ACCEPT


class _EventClient(_Client):
    """Sends each event from now on, in order."""

    def __init__(self, pipeline_state: PipelineState, socket: WebSocket) -> None:
        self._socket = socket
        self._queue = EventQueue(pipeline_state)

    def open(self) -> None:
        self._queue.__enter__()

    def close(self) -> None:
        self._queue.__exit__()

    async def send(self) -> int:
        while (event := await self._queue.next()) is not None:
            await self._socket.send_text(event_schema(event).model_dump_json())
        return _TRY_AGAIN_LATER


class _PictureClient(_Client):
    """Sends the newest image when the client has confirmed an earlier one: {"drawn": number}."""

    def __init__(self, stream: PictureStream, socket: WebSocket) -> None:
        self._stream = stream
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._newest: bytes | None = None
        self._under_way = 0
        self._changed = asyncio.Event()

    def open(self) -> None:
        self._stream.add(self)

    def close(self) -> None:
        # On a thread, because the stream waits for the current image.
        self._loop.run_in_executor(None, self._stream.remove, self)

    def offer(self, message: bytes) -> None:
        """Store the newest message. Called on the stream's thread."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._take, message)

    def _take(self, message: bytes) -> None:
        self._newest = message
        self._changed.set()

    def receive(self, text: str | None) -> bool:
        try:
            is_known = text is not None and set(json.loads(text)) == {'drawn'}
        except (ValueError, TypeError, RecursionError):
            return False
        if is_known:
            self._under_way = max(self._under_way - 1, 0)
            self._changed.set()
        return is_known

    async def send(self) -> int:
        while True:
            await self._changed.wait()
            self._changed.clear()
            message = self._newest
            if message is not None and self._under_way < UNDER_WAY:
                self._newest = None
                self._under_way += 1
                await self._socket.send_bytes(message)
