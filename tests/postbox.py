"""A real SMTP server that records what it takes, and refuses on request.

    with Mailbox() as mailbox:
        mailbox.refuse["gone@example.org"] = "550 5.1.1 no such user"   # an address
        mailbox.refuse["example.org"] = "421 4.7.0 too many"            # all of a domain
    mailbox.refuse["dot"] = "451 4.3.0 later"                       # or a stage: connect ehlo mail rcpt data dot
        mailbox.hooks["data"] = lambda envelope: None                   # runs at the stage; may return a reply
        ...
        assert mailbox.messages[0].recipient == "reader@example.org"

aiosmtpd in a thread of its own, on loopback, at any free port.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import cached_property
from ssl import SSLContext
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope

Hook = Callable[[Envelope], str | None]


@dataclass(frozen=True, kw_only=True)
class Caught:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def recipient(self) -> str:
        (only,) = self.recipients
        return only

    @cached_property
    def parsed(self) -> EmailMessage:
        return BytesParser(policy=default).parsebytes(self.raw)


class _Server(SMTP):
    """aiosmtpd, with the stages it has no hook for."""

    mailbox: "Mailbox"

    async def push(self, status: Any) -> None:
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 ") and self.session.host_name is None and not self.session.ssl:
            text = self.mailbox.answer("connect", self.envelope) or text
        await super().push(text)
        if text.startswith("421"):
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - the name is aiosmtpd's
        if self.envelope.rcpt_tos and (refusal := self.mailbox.answer("data", self.envelope)):
            await self.push(refusal)
        else:
            await super().smtp_DATA(arg)


class Mailbox:
    """Use as a context manager; options go to aiosmtpd's SMTP (`tls_context`, `require_starttls`, `authenticator`)."""

    def __init__(self, *, ssl: SSLContext | None = None, **options: Any) -> None:
        self._ssl = ssl  # TLS from the first byte
        self.messages: list[Caught] = []
        self.named: list[tuple[float, str]] = []  #: at how many seconds (monotonic) who was named, taken or not
        self.refuse: dict[str, str] = {}  #: by stage, address or its domain, the reply
        self.hooks: dict[str, Hook] = {}  #: by stage
        self.connections = 0
        self._options = {"hostname": "mailbox.example", "ident": "test", **options}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="mailbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def addresses(self) -> list[str]:
        """Who got mail, in order."""
        return [message.recipient for message in self.messages]

    def answer(self, stage: str, envelope: Envelope, *, address: str = "") -> str | None:
        """What to say instead of yes."""
        hook = self.hooks.get(stage)
        refused = self.refuse.get(address) or self.refuse.get(address.rpartition("@")[2]) or self.refuse.get(stage)
        return (hook(envelope) if hook else None) or refused

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(self._session, "127.0.0.1", 0, ssl=self._ssl)

    def _session(self) -> _Server:
        self.connections += 1
        server = _Server(self, loop=self._loop, **self._options)
        server.mailbox = self
        return server

    async def _stop(self) -> None:
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # transports close

    # aiosmtpd's hooks

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, name: str, replies: Any) -> Any:  # noqa: N802
        session.host_name = name
        refusal = self.answer("ehlo", envelope)
        return [refusal] if refusal else replies

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        refusal = self.answer("mail", envelope)
        if not refusal:
            envelope.mail_from = address
        return refusal or "250 2.1.0 ok"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        self.named.append((time.monotonic(), address))
        refusal = self.answer("rcpt", envelope, address=address)
        if not refusal:
            envelope.rcpt_tos.append(address)
        return refusal or "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        refusal = self.answer("dot", envelope)
        if not refusal:
            sender = envelope.mail_from.strip("<>")  # the null sender comes as <>
            caught = Caught(sender=sender, recipients=tuple(envelope.rcpt_tos), raw=envelope.original_content)
            self.messages.append(caught)
        return refusal or "250 2.0.0 kept"
