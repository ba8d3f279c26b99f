"""A connection that aiosmtplib has opened in, commands and content as they are and replies in order out.

From here on nothing is between us and the socket: several commands may go out before the first answer is read, which
aiosmtplib does not do (RFC 2920).
"""

import asyncio
import os
import socket
from contextlib import suppress

from digest.transport.replies import Replies, Reply

LOOK = 1.0  #: seconds between looks at how long an answer takes
READ = 4096  #: bytes that are read at once, at most


class Channel(asyncio.BufferedProtocol):
    """Takes a transport over.  For one task at a time.

    It reads into a buffer of its own, as asyncio would set 256 KB aside for each answer of a few bytes.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._replies = Replies()
        self._buffer = memoryview(bytearray(READ))
        self._waiter: asyncio.Future[None] | None = None
        self._lost: Exception | None = None
        self._deadline = 0.0
        self._look: asyncio.TimerHandle | None = None
        self._quick = _duplicate(transport)
        self._answered = False  #: in part, since the last word of ours
        transport.set_protocol(self)

    @property
    def usable(self) -> bool:
        return self._lost is None and not self._transport.is_closing()

    @property
    def unread(self) -> int:
        """Replies that have come and were not read."""
        return len(self._replies)

    def write(self, *parts: bytes) -> None:
        """Raises:
        ConnectionError: it is closed.
        """
        if not self.usable:
            raise self._lost or ConnectionError("not connected")
        self._answered = False
        self._transport.writelines(parts)

    def said(self, *codes: int) -> bool:
        """Whether exactly these replies have come; then they are read."""
        return self._replies.take(codes)

    async def reply(self, seconds: float) -> Reply:
        """The next reply, within so much time.

        Raises:
            ConnectionError, TimeoutError: there is none.
        """
        if not self._replies:
            if self._lost:
                raise self._lost
            if self._answered:
                self._acknowledge_at_once()
            self._deadline = self._loop.time() + seconds
            self._watch(min(seconds, LOOK))
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._replies.pop()

    def abort(self) -> None:
        """Close without a word.  A polite end of TLS waits for the other side, which may be gone."""
        self._transport.abort()
        self._end(ConnectionAbortedError("closed by us"))

    # --- what the loop calls -----------------------------------------------------------------------------------------

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's hint is the size of its own buffer
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self._answered = True
        self._replies.feed(bytes(self._buffer[:nbytes]))
        if self._replies:
            self._wake()

    def eof_received(self) -> bool:
        self._end(ConnectionResetError("the mail server closed the connection"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(exc or ConnectionResetError("connection lost"))

    def _end(self, why: Exception) -> None:
        if self._lost is None:
            self._lost = why if isinstance(why, OSError) else ConnectionError(str(why))
        if self._look:
            self._look.cancel()
            self._look = None
        if self._quick:
            self._quick.close()
            self._quick = None
        self._wake()

    def _wake(self) -> None:
        if self._waiter is None or self._waiter.done():
            return
        if self._replies:
            self._waiter.set_result(None)
        elif self._lost:
            self._waiter.set_exception(self._lost)

    # --- time --------------------------------------------------------------------------------------------------------

    def _watch(self, seconds: float) -> None:
        """One timer for all answers: one for each would cost more than reading it."""
        if self._look is None:
            self._look = self._loop.call_later(seconds, self._looked)

    def _looked(self) -> None:
        self._look = None
        if self._waiter is None:
            return
        left = self._deadline - self._loop.time()
        if left <= 0 and not self._waiter.done():
            self._waiter.set_exception(TimeoutError("no answer in time"))
        elif left > 0:
            self._watch(min(left, LOOK))

    def _acknowledge_at_once(self) -> None:
        """A server that answers a group of commands one by one waits for our acknowledgement before the second, and
        Linux would delay that by 40 ms (Nagle's algorithm meets delayed ACK).  Where all answers come together, as they
        nearly always do, our next word carries it.
        """
        if self._quick:
            with suppress(OSError):
                self._quick.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _duplicate(transport: asyncio.Transport) -> socket.socket | None:
    """A handle of our own for options of the socket, where the system has the one that is wanted."""
    inner = transport.get_extra_info("socket")
    if inner is None or not hasattr(socket, "TCP_QUICKACK"):
        return None
    return socket.socket(fileno=os.dup(inner.fileno()))
