"""Messages in, outcomes out: one connection to the mail server.  The only module that knows aiosmtplib.

The stages are told apart, which aiosmtplib's own `sendmail` and `data` do not: before the content has left, an error is
safe to try again; after the final dot without an answer, nobody knows whether the message was taken (RFC 1047).  What
the server says, also "no", is a value; only misuse and cancellation raise.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable
from contextlib import suppress

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException
from aiosmtplib.protocol import normalize_message_line_endings

from digest.config import Smtp
from digest.model import Outcome, Stage

DOT_TIMEOUT = 600.0  #: seconds to wait for the answer to the final dot (RFC 5321 4.5.3.2.6)
OTHER_TIMEOUT = 300.0  #: seconds for any other answer, at most (4.5.3.2)
QUIT_TIMEOUT = 5.0  #: seconds: nothing depends on this answer
TEXT_LIMIT = 300  #: characters kept of an answer

#: One address on a command line: what could end it, or add a parameter, is not in it.
_PATH = re.compile(r"[!-;=?-~]+@[A-Za-z0-9.\[\]:-]+")
_SOMEBODY = re.compile(r"[^\s<>@,;:\"'()]+@(?=[^\s<>@,;\"'()]+)")


def tls_context() -> ssl.SSLContext:
    """Certificates verified against the system's store, or `SSL_CERT_FILE`; TLS 1.2 at least."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def one_line(text: str) -> str:
    """An answer as it may be kept and shown: one line, no local parts, at most `TEXT_LIMIT` characters."""
    visible = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(_SOMEBODY.sub("***@", visible).split())[:TEXT_LIMIT]


class Relay:
    """One connection to the configured server, used for one message after the other.

    `open`, then for each message `envelope` and, if that returned None, `content`.  When an outcome leaves `usable`
    true after a refused envelope, `reset` before the next.  Not for concurrent use.
    """

    def __init__(
        self, settings: Smtp, *, ssl_context: ssl.SSLContext | None = None, dot_timeout: float = DOT_TIMEOUT
    ) -> None:
        self._settings = settings
        self._dot_timeout = dot_timeout
        self._context = ssl_context
        self._timeout = min(settings.timeout, OTHER_TIMEOUT)
        self._smtp: SMTP | None = None

    @property
    def usable(self) -> bool:
        """Whether the next message can go over this connection."""
        return self._smtp is not None and self._smtp.is_connected

    async def open(self) -> Outcome | None:
        """Connect, and secure and authenticate the connection as configured.  None: ready."""
        self._drop()
        try:
            await self._connect()
        except (OSError, SMTPException, ValueError) as error:
            self._drop()
            return _connect_outcome(error)
        except BaseException:
            self._drop()
            raise
        return None

    async def envelope(self, sender: str, recipient: str) -> Outcome | None:
        """Name sender ("" for the null sender) and recipient.  None: both were accepted.

        Raises:
            ValueError: one of them is not an ASCII address; nothing was sent.
        """
        commands = ((Stage.MAIL, b"MAIL", _path("FROM", sender)), (Stage.RCPT, b"RCPT", _path("TO", recipient)))
        for stage, verb, path in commands:
            outcome = await self._ask(stage, 2, self._command(verb, path))
            if outcome.code is None or outcome.code // 100 != 2:
                return outcome
        return None

    async def content(self, message: bytes) -> Outcome:
        """Offer the content.  At `Stage.DATA` nothing of it has left; at `Stage.DOT` all of it may have."""
        wire = on_the_wire(message)
        outcome = await self._ask(Stage.DATA, 3, self._command(b"DATA"))
        if outcome.code is None or outcome.code // 100 != 3:
            return outcome
        if not self.usable:
            return Outcome(stage=Stage.DATA, code=None, text="closed before the content")
        return await self._ask(Stage.DOT, 2, self._write(wire))

    async def reset(self) -> None:
        """Forget a half-made envelope.  A server that will not is left: `usable` tells."""
        if self.usable:
            outcome = await self._ask(Stage.MAIL, 2, self._command(b"RSET"))
            if outcome.code is None or outcome.code // 100 != 2:
                self._drop()

    async def close(self) -> None:
        """Say goodbye.  Whatever the server makes of that changes no outcome."""
        if self._smtp is not None and self._smtp.is_connected:
            with suppress(OSError, SMTPException):
                await self._smtp.execute_command(b"QUIT", timeout=min(self._timeout, QUIT_TIMEOUT))
        self._drop()

    async def _connect(self) -> None:
        settings = self._settings
        secured = settings.security != "none"
        if secured and self._context is None:
            self._context = await asyncio.to_thread(tls_context)
        self._smtp = smtp = SMTP(
            hostname=settings.host,
            port=settings.port,
            timeout=self._timeout,
            use_tls=settings.security == "tls",
            start_tls=False,  # not on connect: below, where it is required and not tried
            tls_context=self._context if secured else None,
            local_hostname=settings.hostname or _own_name(),
        )
        await smtp.connect()
        await smtp.ehlo()
        if settings.security == "starttls":
            await smtp.starttls()  # raises where the server does not offer it, so that nothing goes out in clear
            await smtp.ehlo()
        if settings.username:
            await smtp.login(settings.username, settings.password.get_secret_value())

    async def _command(self, *words: bytes) -> SMTPResponse:
        if self._smtp is None:
            raise ConnectionError("not connected")
        return await self._smtp.execute_command(*words, timeout=self._timeout)

    async def _write(self, wire: bytes) -> SMTPResponse:
        protocol = self._smtp.protocol if self._smtp else None
        if protocol is None:
            raise ConnectionError("not connected")
        protocol.write(wire)
        return await protocol.read_response(timeout=self._dot_timeout)

    async def _ask(self, stage: Stage, yes: int, answer: Awaitable[SMTPResponse]) -> Outcome:
        """The outcome of a stage.  An answer that is neither `yes`, 4xx nor 5xx is none, and ends the connection."""
        try:
            response = await answer
        except (OSError, SMTPException) as error:
            self._drop()
            return Outcome(stage=stage, code=None, text=_text(error))
        except BaseException:
            self._drop()
            raise
        text = one_line(response.message)
        if response.code // 100 not in (yes, 4, 5):
            self._drop()
            return Outcome(stage=stage, code=None, text=one_line(f"not an answer here: {response.code} {text}"))
        if response.code == 421:
            self._drop()
        return Outcome(stage=stage, code=response.code, text=text)

    def _drop(self) -> None:
        if self._smtp is not None:
            # A polite end of TLS waits for the other side, which may be gone; all that matters has been answered.
            if isinstance(self._smtp.transport, asyncio.WriteTransport):
                self._smtp.transport.abort()
            self._smtp.close()
            self._smtp = None


def on_the_wire(message: bytes) -> bytes:
    """The content with its end: lines end in CRLF, and none of them is the final dot (RFC 5321 4.5.2)."""
    lines = message.count(b"\n")
    if not message.endswith(b"\r\n") or lines != message.count(b"\r\n") or lines != message.count(b"\r"):
        message = normalize_message_line_endings(message)
    if message.startswith(b".") or b"\n." in message:
        message = re.sub(rb"(?m)^\.", b"..", message)
    return message + b".\r\n"


def _path(keyword: str, address: str) -> bytes:
    if address and not _PATH.fullmatch(address):
        raise ValueError("an envelope address must be ASCII, without spaces or angle brackets")
    return f"{keyword}:<{address}>".encode("ascii")


def _connect_outcome(error: Exception) -> Outcome:
    """Certificates, missing STARTTLS, refused credentials: all of it before anybody was named."""
    code = error.code if isinstance(error, SMTPResponseException) and 400 <= error.code < 600 else None
    return Outcome(stage=Stage.CONNECT, code=code, text=_text(error))


def _text(error: Exception) -> str:
    said = error.message if isinstance(error, SMTPException) else str(error)
    return one_line(said) or type(error).__name__


def _own_name() -> str:
    """For EHLO: a name with a dot, else an address literal (RFC 5321 4.1.3).  Asks no DNS server, which may be slow."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", name) else "[127.0.0.1]"
