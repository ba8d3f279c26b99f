"""What a worker does between two drains: takes back, expires, closes, and looks when something is next due."""

import logging
from datetime import datetime, timedelta

from digest.store import allowances, deliveries, editions, moves, owners, paces
from digest.store.database import Database

log = logging.getLogger(__name__)

SHORTEST_NAP = 0.2  #: seconds


def tidy(database: Database, *, now: datetime) -> None:
    """Take back what dead processes held, expire and forget what is too old, close what is done."""
    with database.read() as db:
        held = deliveries.owners(db)
    dead = owners.dead(database, held)
    with database.begin() as db:
        recovered = deliveries.recover(db, now=now, dead_owners=dead)
        deliveries.expire(db, now=now)
        allowances.forget(db, now=now)
        moves.forget(db, now=now)
        for status in editions.unfinished(db):
            editions.close_if_done(db, status.id, now=now)
    if recovered.in_doubt:
        log.warning("%d deliveries were in doubt, %d of them are held", recovered.in_doubt, recovered.held)


def nap(database: Database, *, now: datetime, at_most: timedelta) -> float:
    """Seconds until something may be due, `at_most` at the most."""
    with database.read() as db:
        in_line, aside = deliveries.next_due(db), paces.first_due(db)
        shut = {one.domain: one.shut_until for one in paces.load(db, aside).values() if one.shut_until}
    due = [max(at, shut.get(domain, at)) for domain, at in aside.items()]
    soonest = min([*due, in_line or now + at_most, now + at_most])
    return max((soonest - now).total_seconds(), SHORTEST_NAP)
