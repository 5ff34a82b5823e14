"""A relay to a server on this machine that can hang: connections stay open without data."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class TcpRelay:
    """Carries every connection to a port of this machine until hang(), and again after go_on().

    Data that arrives while it hangs is kept, as a network keeps it, and carried later.

    Attributes:
        url: Its address.
    """

    def __init__(self, url: str) -> None:
        self._target = int(url.rpartition(':')[2])
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name='tcp relay', daemon=True)

    def __enter__(self) -> TcpRelay:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *exception: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def hang(self) -> None:
        """Carry no data from now on."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def go_on(self) -> None:
        """Carry again."""
        self._loop.call_soon_threadsafe(self._flows.set)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._flows, self._end = asyncio.Event(), asyncio.Event()
        self._flows.set()
        server = await asyncio.start_server(self._connect, '127.0.0.1', 0)
        self.url = f'http://127.0.0.1:{server.sockets[0].getsockname()[1]}'
        self._ready.set()
        await self._end.wait()
        server.close()

    async def _connect(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection('127.0.0.1', self._target)
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
        writer.close()
