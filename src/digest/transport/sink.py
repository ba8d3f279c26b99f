"""Messages in, counted and forgotten: a mail server in this process, to rehearse a send against.

It takes what a good relay takes (PIPELINING, CHUNKING) and refuses what it is told to, by chance with a fixed seed.
"""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from digest.transport.loopback import Loopback

EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 CHUNKING\r\n"
_END = b"\r\n.\r\n"
_FAULT = re.compile(r"(mail|rcpt|data|dot):([45]\d\d|drop):(0?\.\d+|1(?:\.0+)?)")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """At a stage, for a share of the messages: a reply, or the end of the connection."""

    stage: str  #: mail, rcpt, data, dot
    code: int | None  #: None: closes without a word
    share: float  #: 0 to 1


def fault(text: str) -> Fault:
    """Read ``STAGE:CODE:SHARE``, as in ``rcpt:451:0.02`` or ``dot:drop:0.001``.

    Raises:
        ValueError: it is not so written.
    """
    found = _FAULT.fullmatch(text)
    if found is None:
        raise ValueError("a fault is STAGE:CODE:SHARE, as in rcpt:451:0.02 or dot:drop:0.001")
    code = None if found[2] == "drop" else int(found[2])
    return Fault(stage=found[1], code=code, share=float(found[3]))


@dataclass
class Caught:
    """What has come."""

    messages: int = 0
    bytes: int = 0  #: of contents
    refused: int = 0


class Sink(Loopback):
    """Counts what it takes in `caught`."""

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int = 1) -> None:
        super().__init__("sink")
        self.caught = Caught()
        self._faults = faults
        self._dice = random.Random(seed)  # noqa: S311 - chooses who is refused
        self._sessions: set[asyncio.Transport] = set()

    def session(self) -> asyncio.Protocol:
        return _Session(self)

    async def hang_up(self) -> None:
        for transport in list(self._sessions):
            transport.abort()

    def met(self, transport: asyncio.Transport) -> None:
        self._sessions.add(transport)

    def left(self, transport: asyncio.Transport) -> None:
        self._sessions.discard(transport)

    def trouble(self, stage: str) -> Fault | None:
        """What goes wrong this time, if anything does."""
        return next((one for one in self._faults if one.stage == stage and self._dice.random() < one.share), None)


class _Session(asyncio.Protocol):
    """One connection.  Its buffer holds what is not a whole command, or the whole content, yet."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._content = False  #: after 354
        self._chunk = 0  #: bytes of a chunk that are still to come
        self._reader = False  #: somebody is named

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._sink.met(transport)
        transport.write(b"220 sink\r\n")

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - called with it
        self._sink.left(self._transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answers = []
        while (answer := self._next()) is not None:
            answers.append(answer)
        if not self._transport.is_closing() and answers:
            self._transport.write(b"".join(answers))

    def _next(self) -> bytes | None:
        """The answer to what lies foremost in the buffer; None: it is not all there."""
        if self._transport.is_closing():
            return None
        if self._content:
            end = self._buffer.find(_END)
            return None if end < 0 else self._took(end + len(_END))
        if self._chunk:
            return None if len(self._buffer) < self._chunk else self._took(self._chunk)
        end = self._buffer.find(b"\n")
        if end < 0:
            return None
        line = bytes(self._buffer[: end + 1]).strip()
        del self._buffer[: end + 1]
        return self._answer(line)

    def _took(self, size: int) -> bytes:
        del self._buffer[:size]
        self._content, self._chunk = False, 0
        if not self._reader:
            return b"503 nobody was named\r\n"
        self._reader = False
        refusal = self._trouble("dot")
        if refusal is None:
            self._sink.caught.messages += 1
            self._sink.caught.bytes += size
        return refusal or b"250 2.0.0 taken\r\n"

    def _answer(self, line: bytes) -> bytes:
        verb = line[:4].upper()
        if verb == b"EHLO":
            return EHLO
        if verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
            return b""
        if verb == b"BDAT":
            self._chunk = int(line.split()[1])
            return b""
        if verb in (b"MAIL", b"RSET"):
            self._reader = False
        refusal = self._trouble(verb.decode("latin-1").lower())
        if refusal is not None:
            return refusal
        if verb == b"RCPT":
            self._reader = True
        if verb == b"DATA":
            self._content = self._reader
            return b"354 go on\r\n" if self._reader else b"503 nobody was named\r\n"
        return b"250 2.0.0 ok\r\n"

    def _trouble(self, stage: str) -> bytes | None:
        found = self._sink.trouble(stage)
        if found is None:
            return None
        self._sink.caught.refused += 1
        if found.code is None:
            self._transport.abort()
            return b""
        return f"{found.code} {found.code // 100}.0.0 as it was told to\r\n".encode()
