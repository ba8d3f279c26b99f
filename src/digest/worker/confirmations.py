"""People who asked to join, in; the mail that asks them whether they meant it, out."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial

from digest.config import Settings
from digest.model import Outcome, Subscription
from digest.store import subscribers
from digest.store.database import Database
from digest.worker.asking import compose
from digest.worker.singly import RETRY, Mail, Post, for_good, send_due, taken

log = logging.getLogger(__name__)


async def send_confirmations(settings: Settings, database: Database, *, stop: asyncio.Event) -> int:
    """Send the confirmation mails that are due.  How many were sent."""
    return await send_due(_POST, settings, database, stop=stop)


def _mail(settings: Settings, one: Subscription, now: datetime) -> Mail:
    person, letter = one.subscriber, one.newsletter
    made = partial(
        compose,
        settings,
        letter,
        address=person.address,
        uid=person.uid,
        generation=one.generation,
        now=now,
        language=person.language,
    )
    return Mail(newsletter=letter, address=person.address, compose=made)


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


_POST = Post[Subscription](
    name="confirmation mails",
    any_due=subscribers.any_confirmation_due,
    claim=subscribers.due_confirmations,
    mail=_mail,
    record=_record,
)
