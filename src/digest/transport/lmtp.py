"""A listener for LMTP (RFC 2033) on this machine: messages in, and to each the answer that its taker gives."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiosmtpd.lmtp import LMTP

HOST = "127.0.0.1"
MAX_MESSAGE = 20 * 1024 * 1024  #: bytes
MAX_RECIPIENTS = 50
LATER = "451 4.3.0 not now, try again"

Take = Callable[[bytes], Awaitable[str]]


class _Handler:
    def __init__(self, take: Take) -> None:
        self._take = take

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
        """One answer for each recipient, as LMTP wants it; the envelope is kept in the header."""
        answers = []
        for address in envelope.rcpt_tos:
            head = f"Return-Path: <{envelope.mail_from or ''}>\r\nDelivered-To: {address}\r\n"
            answers.append(await self._answer(head.encode("utf-8", "replace") + envelope.content))
        return "\r\n".join(answers)

    async def _answer(self, raw: bytes) -> str:
        try:
            return await self._take(raw)
        except Exception:  # noqa: BLE001 - the mail server keeps the message, and tries again
            return LATER


@contextlib.asynccontextmanager
async def listening(port: int, take: Take) -> AsyncIterator[int]:
    """Listen on a port of this machine (0: any free one); the port.  `take` gives a message its answer.

    Raises:
        OSError: the port is taken.
    """
    loop = asyncio.get_running_loop()
    sessions: set[LMTP] = set()

    def session() -> LMTP:
        one = LMTP(_Handler(take), data_size_limit=MAX_MESSAGE, loop=loop)
        sessions.add(one)
        return one

    server = await loop.create_server(session, HOST, port)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in sessions:
            if one.transport:
                one.transport.close()
        await asyncio.sleep(0)
