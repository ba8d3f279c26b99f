"""Readers on their way to another address, in; mails that ask there, and mails that tell the old address, out."""

import asyncio
import logging
from datetime import UTC, datetime
from functools import partial

from digest.config import Settings
from digest.model import Outcome
from digest.store import moves
from digest.store.database import Database
from digest.store.moves import Move
from digest.worker.asking import compose_move
from digest.worker.singly import RETRY, Mail, Post, for_good, send_due, taken

log = logging.getLogger(__name__)


async def send_moves(settings: Settings, database: Database, *, stop: asyncio.Event) -> int:
    """Send the mails about changes of address that are due.  How many were sent."""
    return await send_due(_POST, settings, database, stop=stop)


def _mail(settings: Settings, one: Move, now: datetime) -> Mail:
    return Mail(newsletter=one.newsletter, address=one.address, compose=partial(compose_move, settings, one, now=now))


def _record(database: Database, one: Move, outcome: Outcome) -> None:
    with database.begin() as db:
        if taken(outcome) or for_good(outcome):
            moves.settled(db, one)
        else:
            moves.again(db, one, due_at=datetime.now(UTC) + RETRY)
    if not taken(outcome):
        what = outcome.code or "no answer"
        log.warning("a mail to subscriber %d about an address: %s at %s", one.subscriber_id, what, outcome.stage)


_POST = Post[Move](name="mails about an address", any_due=moves.any_due, claim=moves.claim, mail=_mail, record=_record)
