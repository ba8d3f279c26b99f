"""Messages in, outcomes out: one connection to the mail server.

aiosmtplib opens, secures and authenticates it (`opening.py`); then it is taken over (`channel.py`), and envelopes and
contents go out in as few round trips as the relay can do (`reach.py`).

The stages are told apart, which aiosmtplib's own `sendmail` and `data` do not: before the content has left, an error is
safe to try again; after the final dot without an answer, nobody knows whether the message was taken (RFC 1047).  What
the server says, also "no", is a value; only misuse and cancellation raise.
"""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from enum import StrEnum
from typing import NewType, cast

from digest.config import Route, Smtp
from digest.model import Outcome, Stage
from digest.transport.channel import Channel
from digest.transport.dialling import LookUp, system_names
from digest.transport.envelope import Envelope
from digest.transport.opening import TROUBLE, opened, tls_context, trouble
from digest.transport.reach import Step, known
from digest.transport.replies import one_line

DOT_TIMEOUT = 600.0  #: seconds to wait for the answer to the final dot (RFC 5321 4.5.3.2.6)
OTHER_TIMEOUT = 300.0  #: seconds for any other answer, at most (4.5.3.2)
QUIT_TIMEOUT = 5.0  #: seconds: nothing depends on this answer

NO_UTF8 = Outcome(stage=Stage.RCPT, code=553, text="5.1.3 the mail server does not take addresses beyond ASCII")

Permit = Callable[[], Awaitable[bool]]

#: A message as it goes over the wire, in pieces: `content_of`, or of a skeleton, which has no line that begins with a
#: dot.
Content = NewType("Content", list[bytes])


class Naming(StrEnum):
    """What came of naming a reader, where it is no refusal."""

    ACCEPTED = "accepted"  #: Content may follow, and nothing else.
    DENIED = "denied"  #: The permit was not given.
    UNASKED = "unasked"  #: The server did not consider it: to be named again.


async def always() -> bool:
    """The permit of what may go at any time."""
    return True


class Relay:
    """One connection to the configured server, used for one message after the other.

    `open`; then for each message `name` and, if that returned `Naming.ACCEPTED`, `content`: `deliver` is both.  Where
    `overlaps` is true, `content_and_name` does the content of one and the naming of the next at once.  Where `streams`
    is true, `launch` and `landed` take their place: several messages may be launched before the first has landed.  Not
    for concurrent use.
    """

    def __init__(
        self,
        settings: Smtp,
        *,
        ssl_context: ssl.SSLContext | None = None,
        dot_timeout: float = DOT_TIMEOUT,
        look_up: LookUp = system_names,
    ) -> None:
        self._settings = settings
        self._look_up = look_up
        self._dot_timeout = dot_timeout
        self._context = ssl_context
        self._timeout = min(settings.timeout, OTHER_TIMEOUT)
        self._reach = known(settings.host, settings.port)
        self._channel: Channel | None = None
        self._offers: frozenset[str] = frozenset()
        self._step = Step.SINGLE
        self._half = False  #: an envelope was begun and nothing came of it

    @property
    def usable(self) -> bool:
        """Whether the next message can go over this connection."""
        return self._channel is not None and self._channel.usable

    @property
    def overlaps(self) -> bool:
        return self._step is Step.FULL

    @property
    def streams(self) -> bool:
        return self._step is Step.CHUNKED

    def refuses(self, envelope: Envelope) -> Outcome | None:
        """What this server cannot do for an envelope; None: it may be named."""
        return NO_UTF8 if envelope.needs_utf8 and "smtputf8" not in self._offers else None

    async def open(self) -> Outcome | None:
        """Connect, and secure and authenticate the connection as configured.  None: ready."""
        self._drop()
        if self._settings.security != "none" and self._context is None:
            self._context = await asyncio.to_thread(tls_context)
        try:
            smtp = await opened(self._settings, self._context, seconds=self._timeout, look_up=self._look_up)
        except TROUBLE as error:
            return trouble(error, self._settings)
        self._channel = Channel(cast(asyncio.Transport, smtp.transport))  # those of other loops are no subclass of it
        self._offers = frozenset(smtp.esmtp_extensions)
        self._step = self._reach.step(self._offers, window=self._settings.window, bdat=self._settings.bdat)
        self._half = False
        return None

    async def name(self, envelope: Envelope, permit: Permit = always) -> Outcome | Naming:
        """Name sender and recipient, and ask for the content.  An outcome is a refusal.

        `permit` is asked as late as can be: when the server has accepted the recipient.  Where it has accepted the
        content as well by then, a no costs the connection.
        """
        if self._step is Step.SINGLE:
            return await self._name_step_by_step(envelope, permit)
        half = self._half
        if not self._write(*self._group(envelope)):
            return _closed(Stage.MAIL)
        if half and not await self._forgotten():
            return Naming.UNASKED
        named = await self._named()
        if named is Naming.ACCEPTED and not await permit():
            self.give_up()
            return Naming.DENIED
        return named

    async def deliver(self, envelope: Envelope, message: Content) -> Outcome:
        """One message, from its envelope to its end."""
        named = self.refuses(envelope) or await self.name(envelope)
        if isinstance(named, Outcome):
            return named
        return await self.content(message) if named is Naming.ACCEPTED else self._out_of_step()

    async def content(self, message: Content) -> Outcome:
        """The content of the message that was named last.  At `Stage.DATA` nothing of it has left."""
        if self._unready():
            return self._out_of_step()
        self._write(*message, b".\r\n")
        return await self._answer(Stage.DOT, 2)

    async def content_and_name(self, message: Content, following: Envelope) -> tuple[Outcome, Outcome | Naming]:
        """The content of the message that was named last, and the naming of the next, with no permit asked."""
        if self._unready():
            return self._out_of_step(), Naming.UNASKED
        self._write(*message, b".\r\n", *self._group(following))
        outcome = await self._answer(Stage.DOT, 2)
        if not self.usable:
            if outcome.code is None:
                self._reach.broke(Step.FULL)
            return outcome, Naming.UNASKED
        return outcome, await self._named(overlapping=True)

    def launch(self, envelope: Envelope, message: Content) -> bool:
        """Envelope and content, and no wait for answers.  False: nothing of it has left."""
        head = (b"RSET\r\n", envelope.mail(self._offers), envelope.rcpt(self._offers))
        return self._write(*head, f"BDAT {sum(map(len, message))} LAST\r\n".encode(), *message)

    async def landed(self) -> Outcome:
        """What became of the message that was launched first of those on their way."""
        refused = None
        for stage in (Stage.MAIL, Stage.MAIL, Stage.RCPT, Stage.DOT):
            outcome = await self._answer(stage, 2)
            if outcome.code is None:
                # Its content has left already, whatever the answer is to.
                return Outcome(stage=Stage.DOT, code=None, text=outcome.text)
            if refused is None and outcome.code // 100 != 2:
                refused = outcome
            if not self.usable:
                break
        return refused or outcome

    def give_up(self) -> None:
        """A content that was asked for is not to be sent: there is no other way to say so (RFC 5321 4.1.1.4)."""
        self._drop()

    async def close(self) -> None:
        """Say goodbye.  Whatever the server makes of that changes no outcome."""
        if self._channel is not None and self._channel.usable:
            with suppress(OSError):
                self._channel.write(b"QUIT\r\n")
                await self._channel.reply(min(self._timeout, QUIT_TIMEOUT))
        self._drop()

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.abort()
            self._channel = None

    # --- naming ------------------------------------------------------------------------------------------------------

    async def _name_step_by_step(self, envelope: Envelope, permit: Permit) -> Outcome | Naming:
        if self._half and not (self._write(b"RSET\r\n") and await self._forgotten()):
            return Naming.UNASKED
        for stage, command in ((Stage.MAIL, envelope.mail), (Stage.RCPT, envelope.rcpt)):
            outcome = await self._ask(stage, command(self._offers))
            if outcome.code is None or outcome.code // 100 != 2:
                return outcome
            self._half = True
        if not await permit():
            return Naming.DENIED
        outcome = await self._ask(Stage.DATA, b"DATA\r\n", yes=3)
        if outcome.code is None or outcome.code // 100 != 3:
            return outcome
        self._half = False
        return Naming.ACCEPTED

    def _group(self, envelope: Envelope) -> list[bytes]:
        """The commands that are said at once; a half-made envelope is forgotten first."""
        reset, self._half = [b"RSET\r\n"] if self._half else [], False
        return [*reset, envelope.mail(self._offers), envelope.rcpt(self._offers), b"DATA\r\n"]

    async def _named(self, *, overlapping: bool = False) -> Outcome | Naming:
        """The answers to a group.  Where it went out with a content, its troubles are those of the connection."""
        step = self._step if overlapping else Step.GROUPED  # what this answers for: a group alone proves no more
        if self._accepted_at_hand():
            self._reach.worked(step)
            return Naming.ACCEPTED
        answers: list[Outcome] = []
        for stage, yes in ((Stage.MAIL, 2), (Stage.RCPT, 2), (Stage.DATA, 3)):
            answers.append(await self._answer(stage, yes))
            if not self.usable:
                break
        refused = next((one for one in answers if one.code is None or one.code // 100 in (4, 5)), None)
        if not self.usable:
            if answers[-1].code is None:
                self._reach.broke(step)
            return Naming.UNASKED if overlapping or refused is None else refused
        if refused is None:
            self._reach.worked(step)
            return Naming.ACCEPTED
        self._half = True
        if answers[-1].code is not None and answers[-1].code // 100 == 3:
            self._drop()  # a content is expected that nobody is to have
        if overlapping and answers[0].code == 503:
            self._reach.refused(self._step)
            self._step = Step.GROUPED
            return Naming.UNASKED
        return refused

    def _accepted_at_hand(self) -> bool:
        """Nearly always all three answers have come together, and are yes: then nothing is made of each."""
        return self._channel is not None and self._channel.said(250, 250, 354)

    async def _forgotten(self) -> bool:
        """The answer to RSET."""
        outcome = await self._answer(Stage.MAIL, 2)
        self._half = False
        if outcome.code is None or outcome.code // 100 != 2:
            self._drop()
        return self.usable

    # --- asking ------------------------------------------------------------------------------------------------------

    def _unready(self) -> bool:
        """Gone, or it has said more than it was asked: then the next answer would be taken for another one."""
        return self._channel is None or not self._channel.usable or self._channel.unread > 0

    def _out_of_step(self) -> Outcome:
        self._drop()
        return Outcome(stage=Stage.DATA, code=None, text="closed, or out of step, before the content")

    async def _ask(self, stage: Stage, command: bytes, *, yes: int = 2) -> Outcome:
        if not self._write(command):
            self._drop()
            return _closed(stage)
        return await self._answer(stage, yes)

    def _write(self, *parts: bytes) -> bool:
        if self._channel is None or not self._channel.usable:
            return False
        self._channel.write(*parts)
        return True

    async def _answer(self, stage: Stage, yes: int) -> Outcome:
        """The next answer.  One that is neither `yes`, 4xx nor 5xx is none, and ends the connection."""
        if self._channel is None:
            return _closed(stage)
        try:
            reply = await self._channel.reply(self._dot_timeout if stage is Stage.DOT else self._timeout)
        except (OSError, TimeoutError) as error:
            self._drop()
            return Outcome(stage=stage, code=None, text=one_line(str(error)) or type(error).__name__)
        except BaseException:
            self._drop()
            raise
        if reply.code is None or reply.code // 100 not in (yes, 4, 5):
            self._drop()
            said = f"not an answer here: {reply.code} {reply.text}" if reply.code else reply.text
            return Outcome(stage=stage, code=None, text=one_line(said))
        if reply.code == 421:
            self._drop()
        return Outcome(stage=stage, code=reply.code, text=reply.text)


async def first_open(routes: Iterable[Route]) -> tuple[Route, Relay, Outcome | None]:
    """A connection over the first that lets us in, those with most weight first; else the last, and why it does not."""
    for route in sorted(routes, key=lambda one: -one.weight):
        relay = Relay(route.smtp)
        refused = await relay.open()
        if refused is None:
            break
    return route, relay, refused


async def deliver_alone(settings: Smtp, envelope: Envelope, message: Content) -> Outcome:
    """One message, over a connection of its own."""
    _, relay, refused = await first_open(settings.routes)
    try:
        return refused or await relay.deliver(envelope, message)
    finally:
        await relay.close()


def content_of(message: bytes) -> Content:
    """The content: lines end in CRLF, and none of them is the final dot (RFC 5321 4.5.2)."""
    lines = message.count(b"\n")
    if not message.endswith(b"\r\n") or lines != message.count(b"\r\n") or lines != message.count(b"\r"):
        message = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
        message += b"" if message.endswith(b"\r\n") else b"\r\n"
    if message.startswith(b".") or b"\n." in message:
        message = re.sub(rb"(?m)^\.", b"..", message)
    return Content([message])


def _closed(stage: Stage) -> Outcome:
    return Outcome(stage=stage, code=None, text="the connection is closed")
