"""SMTP in, an inbox in memory out: a real mail server on loopback that keeps what it is given."""

import asyncio
import email
import email.policy
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from typing import Any, Self

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Caught:
    """One message as it came over the wire."""

    number: int
    recipient: str
    at: datetime
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    def body(self, kind: str) -> str:
        """The part of this kind ("html" or "plain"), "" when there is none."""
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""

    @property
    def one_click(self) -> str:
        """The address a mailbox posts to when its own unsubscribe button is pressed (RFC 8058)."""
        found = re.search(r"<(https?://[^>]+)>", str(self.message["List-Unsubscribe"] or ""))
        return found[1] if found else ""


class Catcher:
    """Listens on a free port of 127.0.0.1 in a thread of its own.  Use as a context manager."""

    def __init__(self) -> None:
        self._caught: list[Caught] = []
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="catcher", daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(lambda: SMTP(self, loop=self._loop), "127.0.0.1", 0)

    async def _hang_up(self) -> None:
        self._server.close()
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)
        await asyncio.sleep(0)  # transports close

    @property
    def messages(self) -> Sequence[Caught]:
        with self._lock:
            return tuple(self._caught)

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        with self._lock:
            number = len(self._caught) + 1
            for recipient in envelope.rcpt_tos:
                self._caught.append(Caught(number, recipient, datetime.now(UTC), envelope.content))
        return "250 2.0.0 kept"
