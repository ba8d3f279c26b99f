"""A number that changes, in; a stream that tells each browser of it at once, out (server-sent events)."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

LOOK = 0.15  #: seconds between two looks at the database and the templates, while somebody watches
PULSE = 15.0  #: seconds after which a silent stream says that it is alive, and so notices who has gone


class Live:
    """Tells all who listen.  What this process changes itself is told at once, what others change by looking."""

    def __init__(self, version: Callable[[], str]) -> None:
        self._version = version
        self._seen, self._at = "", 0.0
        self._ended = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()

    def nudge(self) -> None:
        """Something has changed; from any thread."""
        self._at = 0.0
        if self._loop:
            self._loop.call_soon_threadsafe(self._rouse)

    def end(self) -> None:
        """The streams end, so that the server can."""
        self._ended = True
        self.nudge()

    async def stream(self) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
        return StreamingResponse(self._told(), media_type="text/event-stream", headers=headers)

    async def _told(self) -> AsyncIterator[str]:
        self._loop = asyncio.get_running_loop()
        told, last = "", 0.0
        while not self._ended:
            version, now = await self._current(), time.monotonic()
            if version != told:
                told, last = version, now
                yield f"event: version\ndata: {version}\n\n"
            elif now - last > PULSE:
                last = now
                yield ": still here\n\n"
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK)

    async def _current(self) -> str:
        """Looked up once for all who listen."""
        if time.monotonic() - self._at >= LOOK:
            self._at = time.monotonic()
            self._seen = await run_in_threadpool(self._version)
        return self._seen

    def _rouse(self) -> None:
        self._wake.set()
        self._wake = asyncio.Event()
