"""A server for this process alone: on a free port of 127.0.0.1, in a thread of its own."""

import asyncio
import threading
from abc import ABC, abstractmethod
from typing import Self


class Loopback(ABC):
    """Use as a context manager; `port` is known inside."""

    def __init__(self, name: str) -> None:
        self.port = 0
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name=name, daemon=True)

    @abstractmethod
    def session(self) -> asyncio.BaseProtocol:
        """What talks to the next who connects."""

    @abstractmethod
    async def hang_up(self) -> None:
        """End the conversations; nobody new can connect."""

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self.loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self.loop.create_server(self.session, "127.0.0.1", 0)

    async def _stop(self) -> None:
        self._server.close()
        await self.hang_up()
        await asyncio.sleep(0)  # transports close
