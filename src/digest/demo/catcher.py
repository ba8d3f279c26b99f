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
from typing import Any

from aiosmtpd.smtp import SMTP

from digest.transport.loopback import Loopback


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


class Catcher(Loopback):
    """Keeps what it takes in `messages`."""

    def __init__(self) -> None:
        super().__init__("catcher")
        self._caught: list[Caught] = []
        self._lock = threading.Lock()

    def session(self) -> asyncio.BaseProtocol:
        protocol: asyncio.BaseProtocol = SMTP(self, loop=self.loop)
        return protocol

    async def hang_up(self) -> None:
        sessions = asyncio.all_tasks() - {asyncio.current_task()}
        for one in sessions:
            one.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

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
