"""Mails to one person each, of no edition: claimed a batch at a time, offered one after the other, and recorded.

What sends them differs only in which are due, what each says, and what becomes of its row.  Nothing leaves a copy of
another database, and what leaves is counted by the rate in all and by the warm-up of its relay.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection

from digest.config import Route, Settings, bounce_mailbox
from digest.model import Outcome, Stage
from digest.outbox.headers import AddressError, recipient_address
from digest.store import paces
from digest.store.backup import unreleased
from digest.store.database import Database
from digest.transport.envelope import Envelope
from digest.transport.smtp import Relay, first_open
from digest.worker.letters import Letters
from digest.worker.quota import note
from digest.worker.turns import charge

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=30)  #: for a batch; afterwards another worker may try
RETRY = timedelta(minutes=5)

Due = TypeVar("Due")
Claimed_co = TypeVar("Claimed_co", covariant=True)


class Claiming(Protocol[Claimed_co]):
    """Takes up to `limit` of what is due; nobody else gets it before the lease is over."""

    def __call__(self, db: Connection, *, now: datetime, limit: int, lease: timedelta) -> Sequence[Claimed_co]: ...


class AnyDue(Protocol):
    """Whether claiming may be worth a transaction that writes."""

    def __call__(self, db: Connection, *, now: datetime) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail to one person."""

    newsletter: str  #: whose sender writes
    address: str
    compose: Callable[[], bytes]  #: may raise AddressError


@dataclass(frozen=True, kw_only=True)
class Post(Generic[Due]):
    """A kind of mail."""

    name: str  #: for the log, in the plural
    any_due: AnyDue
    claim: Claiming[Due]
    mail: Callable[[Settings, Due, datetime], Mail]
    record: Callable[[Database, Due, Outcome], None]


async def send_due(post: Post[Due], settings: Settings, database: Database, *, stop: asyncio.Event) -> int:
    """Send what is due, a batch at most.  How many the mail server took."""
    due = await asyncio.to_thread(_claim, post, settings, database)
    if not due:
        return 0
    letters, sent = Letters(settings, database), 0
    route, relay, _ = await first_open(await asyncio.to_thread(_routes, settings, database))
    try:
        for one in due:
            if stop.is_set():
                break
            outcome = await _offer(settings, letters, relay, post.mail(settings, one, datetime.now(UTC)))
            await asyncio.to_thread(post.record, database, one, outcome)
            sent += taken(outcome)
    finally:
        await relay.close()
        await asyncio.to_thread(_count, database, route, sent)
    log.info("%d of %d %s sent", sent, len(due), post.name)
    return sent


def taken(outcome: Outcome) -> bool:
    """No answer to the dot counts as taken: who hears nothing can ask again, and nobody is asked twice by mistake."""
    return outcome.stage is Stage.DOT and (outcome.code is None or outcome.code // 100 == 2)


def for_good(outcome: Outcome) -> bool:
    """The mail server will never take it."""
    return outcome.stage in (Stage.RCPT, Stage.DATA, Stage.DOT) and (outcome.code or 0) // 100 == 5


def _routes(settings: Settings, database: Database) -> Sequence[Route]:
    """The relays that take mail; all where none does."""
    with database.read() as db:
        shut = paces.shut_relays(db, [one.name for one in settings.smtp.relays], now=datetime.now(UTC))
    return [one for one in settings.smtp.routes if one.name not in shut] or settings.smtp.routes


def _claim(post: Post[Due], settings: Settings, database: Database) -> Sequence[Due]:
    now = datetime.now(UTC)
    with database.read() as db:  # most looks find nothing, and need not wait for a writer
        if unreleased(db) or not post.any_due(db, now=now):
            return []
    with database.begin() as db:
        due = post.claim(db, now=now, limit=BATCH, lease=LEASE)
        charge(db, settings.smtp, len(due))
    return due


def _count(database: Database, route: Route, sent: int) -> None:
    """A relay that warms up has so many places less for editions; nobody here waits for one."""
    if not sent or route.smtp.warm_up is None:
        return
    with database.begin() as db:
        note(db, route, sent, now=datetime.now(UTC))


async def _offer(settings: Settings, letters: Letters, relay: Relay, mail: Mail) -> Outcome:
    known = settings.newsletters.get(mail.newsletter)
    if known is None:
        return Outcome(stage=Stage.RCPT, code=550, text="the newsletter is not in the configuration any more")
    if not relay.usable and (outcome := await relay.open()) is not None:
        return outcome
    try:
        message = letters.sign(mail.compose())
    except AddressError:
        return Outcome(stage=Stage.RCPT, code=553, text="the address cannot be written in a message")
    mailbox = bounce_mailbox(settings.smtp, known.sender_domain)
    return await relay.deliver(Envelope(sender=mailbox, recipient=recipient_address(mail.address)), message)
