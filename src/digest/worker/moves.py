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
from digest.transport.smtp import Relay
from digest.worker.asking import compose_move
from digest.worker.confirmations import BATCH, LEASE, RETRY, for_good, offer, taken
from digest.worker.letters import Letters

log = logging.getLogger(__name__)


async def send_moves(settings: Settings, database: Database, *, stop: asyncio.Event) -> int:
    """Send the mails about changes of address that are due.  How many were sent."""
    due = await asyncio.to_thread(_claim, database)
    if not due:
        return 0
    letters, relay, sent = Letters(settings, database), Relay(settings.smtp), 0
    try:
        for one in due:
            if stop.is_set():
                break
            outcome = await _send(settings, letters, relay, one)
            await asyncio.to_thread(_record, database, one, outcome)
            sent += taken(outcome)
    finally:
        await relay.close()
    return sent


def _claim(database: Database) -> list[Move]:
    now = datetime.now(UTC)
    with database.read() as db:  # most looks find nothing, and need not wait for a writer
        if not moves.any_due(db, now=now):
            return []
    with database.begin() as db:
        return moves.claim(db, now=now, limit=BATCH, lease=LEASE)


async def _send(settings: Settings, letters: Letters, relay: Relay, one: Move) -> Outcome:
    made = partial(compose_move, settings, one, now=datetime.now(UTC))
    return await offer(settings, letters, relay, newsletter=one.newsletter, address=one.address, made=made)


def _record(database: Database, one: Move, outcome: Outcome) -> None:
    with database.begin() as db:
        if taken(outcome) or for_good(outcome):
            moves.settled(db, one)
        else:
            moves.again(db, one, due_at=datetime.now(UTC) + RETRY)
    if not taken(outcome):
        what = outcome.code or "no answer"
        log.warning("a mail to subscriber %d about an address: %s at %s", one.subscriber_id, what, outcome.stage)
