"""An ASGI application in, pages on a port out, inside an event loop that belongs to someone else."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from digest.errors import DigestError

HEAD_SECONDS = 10.0  #: that the head of a request may take: who never ends one holds no place for ever
STOP_SECONDS = 3  #: what requests under way get when the server stops


class _Quiet(uvicorn.Server):
    """Leaves signals to the program: a stop has to wait for the mail under way too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """Serves `app` from `serve()` until `stop()`.

    The port is bound at once, so `port` is the real one even where 0 was asked for.

    Raises:
        DigestError: nothing can listen there.
    """

    def __init__(
        self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0, head_seconds: float = HEAD_SECONDS
    ) -> None:
        self.host = host
        self._head_seconds = head_seconds
        self._socket = _bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._ended = asyncio.Event()
        self._serving = False
        self._server = _Quiet(
            uvicorn.Config(
                app,
                interface="asgi3",
                lifespan="off",
                ws="none",
                http="h11",  # whose connections `_sweep` knows
                log_config=None,  # logging is the program's
                access_log=False,  # addresses of pages carry tokens
                server_header=False,
                proxy_headers=True,  # from 127.0.0.1, or as FORWARDED_ALLOW_IPS says
                timeout_graceful_shutdown=STOP_SECONDS,
            )
        )

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - compared with, not bound to
        host = everywhere.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    async def serve(self) -> None:
        """Returns after `stop`, when the requests under way have been answered."""
        self._serving = True
        sweeping = asyncio.create_task(self._sweep())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            sweeping.cancel()
            self._socket.close()
            self._ended.set()

    async def _sweep(self) -> None:
        """Close connections on which no request has come whole for too long; uvicorn closes those that are silent."""
        waiting: dict[Any, tuple[Any, float]] = {}
        while True:
            await asyncio.sleep(self._head_seconds / 4)
            now, before = monotonic(), waiting
            waiting = {}
            connections: set[Any] = self._server.server_state.connections
            for one in list(connections):
                cycle = one.cycle  # of the last request
                if cycle is not None and not cycle.response_complete:
                    continue
                same, since = before.get(one, (cycle, now))
                waiting[one] = (cycle, since if same is cycle else now)
                if now - waiting[one][1] > self._head_seconds:
                    one.transport.close()

    async def stop(self) -> None:
        """Takes no more requests, and waits for `serve` to return; at once where it never ran."""
        self._server.should_exit = True
        if self._serving:
            await self._ended.wait()
        self._socket.close()


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        why = str(error.strerror or error).partition(" (while ")[0]  # which only says host and port once more
        raise DigestError(f"web: cannot listen on {host} port {port}: {why}; see [web] in the configuration") from None
    # What is accepted inherits it.  asyncio does it only for sockets that name their protocol, and without it the body
    # of an answer on a kept connection waits 40 ms until its head is acknowledged.
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return bound
