"""People who asked to join, in; the mail that asks them whether they meant it, out."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from digest.config import Settings, Smtp, bounce_mailbox
from digest.model import Outcome, Stage, Subscription
from digest.outbox.headers import AddressError, recipient_address
from digest.store import subscribers
from digest.store.backup import unreleased
from digest.store.database import Database
from digest.transport.envelope import Envelope
from digest.transport.smtp import Relay
from digest.worker.asking import compose
from digest.worker.budget import charge
from digest.worker.letters import Letters

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=30)  #: for a batch; afterwards another worker may try
RETRY = timedelta(minutes=5)


async def send_confirmations(settings: Settings, database: Database, *, stop: asyncio.Event) -> int:
    """Send the confirmation mails that are due.  How many were sent."""
    due = await asyncio.to_thread(_claim, settings.smtp, database)
    if not due:
        return 0
    letters = Letters(settings, database)
    relay = Relay(settings.smtp)
    sent = 0
    try:
        for one in due:
            if stop.is_set():
                break
            outcome = await _send(settings, letters, relay, one)
            await asyncio.to_thread(_record, database, one, outcome)
            sent += taken(outcome)
    finally:
        await relay.close()
    log.info("%d of %d confirmation mails sent", sent, len(due))
    return sent


def _claim(smtp: Smtp, database: Database) -> list[Subscription]:
    now = datetime.now(UTC)
    with database.read() as db:  # most looks find nothing, and need not wait for a writer
        if unreleased(db) or not subscribers.any_confirmation_due(db, now=now):
            return []
    with database.begin() as db:
        due = subscribers.due_confirmations(db, now=now, limit=BATCH, lease=LEASE)
        charge(db, smtp, len(due))
    return due


async def _send(settings: Settings, letters: Letters, relay: Relay, one: Subscription) -> Outcome:
    person = one.subscriber
    made = partial(_message, settings, one, now=datetime.now(UTC))
    return await offer(settings, letters, relay, newsletter=one.newsletter, address=person.address, made=made)


def _message(settings: Settings, one: Subscription, *, now: datetime) -> bytes:
    person = one.subscriber
    return compose(settings, one.newsletter, address=person.address, uid=person.uid, generation=one.generation, now=now)


async def offer(
    settings: Settings, letters: Letters, relay: Relay, *, newsletter: str, address: str, made: Callable[[], bytes]
) -> Outcome:
    """Send a mail to one person, of no edition; `made` composes it."""
    known = settings.newsletters.get(newsletter)
    if known is None:
        return Outcome(stage=Stage.RCPT, code=550, text="the newsletter is not in the configuration any more")
    if not relay.usable and (outcome := await relay.open()) is not None:
        return outcome
    try:
        message = letters.sign(made())
    except AddressError:
        return Outcome(stage=Stage.RCPT, code=553, text="the address cannot be written in a message")
    mailbox = bounce_mailbox(settings.smtp, known.sender_domain)
    return await relay.deliver(Envelope(sender=mailbox, recipient=recipient_address(address)), message)


def taken(outcome: Outcome) -> bool:
    """No answer to the dot counts as taken: who hears nothing can ask again, and nobody is asked twice by mistake."""
    return outcome.stage is Stage.DOT and (outcome.code is None or outcome.code // 100 == 2)


def for_good(outcome: Outcome) -> bool:
    """The mail server will never take it."""
    return outcome.stage in (Stage.RCPT, Stage.DATA, Stage.DOT) and (outcome.code or 0) // 100 == 5


def _record(database: Database, one: Subscription, outcome: Outcome) -> None:
    now = datetime.now(UTC)
    person = one.subscriber.id
    with database.begin() as db:
        if taken(outcome):
            subscribers.confirmation_sent(db, person, one.newsletter, now=now)
            return
        retry_at = None if for_good(outcome) else now + RETRY
        subscribers.confirmation_failed(db, person, one.newsletter, retry_at=retry_at)
    log.warning("a confirmation mail for subscriber %d: %s at %s", person, outcome.code or "no answer", outcome.stage)
