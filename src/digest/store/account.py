"""A person in, all that is stored of them out, as values that JSON can hold: what they have a right to see."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, select

from digest.model import Cadence, Subscriber, Subscription, edition_key
from digest.store.people import SUBSCRIPTIONS, read_subscriptions
from digest.store.schema import deliveries, editions, moves, subscribers
from digest.store.suppressions import is_suppressed


def account(db: Connection, person: Subscriber) -> dict[str, Any]:
    """Moments are ISO 8601."""
    found = read_subscriptions(db, SUBSCRIPTIONS.where(subscribers.c.id == person.id))
    return {
        "address": person.address,
        "name": person.name,
        "language": person.language,
        "timezone": person.timezone,
        "since": _told(person.created_at),
        "suppressed": is_suppressed(db, person.address),
        "subscriptions": [_subscription(one) for one in found],
        "moving_to": _moving(db, person.id),
        "editions": list(_editions(db, person.id)),
    }


def _subscription(one: Subscription) -> dict[str, Any]:
    return {
        "newsletter": one.newsletter,
        "state": one.state,
        "frequency": one.frequency,
        "hour": one.hour,
        "sections": list(one.sections),
        "consent": [_evidence(line) for line in one.consent.splitlines()],
        "asked_at": _told(one.asked_at),
        "confirmed_at": _told(one.confirmed_at),
        "left_at": _told(one.left_at),
        "paused_until": _told(one.paused_until),
    }


def _moving(db: Connection, subscriber_id: int) -> str:
    """The address that waits to be confirmed; "" where none does."""
    query = select(moves.c.address).where(moves.c.subscriber_id == subscriber_id, moves.c.kind == "ask")
    return db.execute(query).scalar_one_or_none() or ""


def _editions(db: Connection, subscriber_id: int) -> Iterator[dict[str, Any]]:
    d, e = deliveries.c, editions.c
    # From the editions, as the key of deliveries begins with them: an index of subscribers would cost each delivery.
    query = select(e.newsletter, e.day, e.cadence, e.wave, d.state, d.updated_at).order_by(e.day, e.id)
    query = query.join_from(editions, deliveries, and_(d.edition_id == e.id, d.subscriber_id == subscriber_id))
    for row in db.execute(query):
        key = edition_key(row.newsletter, row.day, Cadence(row.cadence), row.wave)
        yield {"edition": key, "state": row.state, "at": _told(row.updated_at)}


def _told(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _evidence(line: str) -> object:
    """What a form noted is JSON; what an operator gave is their own words."""
    try:
        return json.loads(line)
    except ValueError:
        return line
