"""Rows of subscribers and subscriptions in, values out; what `subscribers` and `confirmations` share."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from digest.model import NewSubscriber, Subscriber, Subscription, SubscriptionState
from digest.store.schema import insert_new, subscribers, subscriptions

_PERSON = tuple(subscribers.c[name] for name in ("id", "uid", "address", "name", "language", "timezone", "created_at"))
_SUBSCRIPTION = tuple(
    subscriptions.c[name]
    for name in (
        "newsletter",
        "state",
        "frequency",
        "sections",
        "generation",
        "consent",
        "asked_at",
        "confirmed_at",
        "left_at",
        "paused_until",
    )
)

PEOPLE = select(*_PERSON)
SUBSCRIPTIONS = (
    select(*_PERSON, *_SUBSCRIPTION)
    .join_from(subscribers, subscriptions)
    .order_by(subscribers.c.id, subscriptions.c.newsletter)
)


def insert_people(db: Connection, people: Mapping[str, NewSubscriber], *, now: datetime) -> int:
    """Insert those that are not known, by the hash of their address; how many were not.

    Only those: PostgreSQL takes a number for each row it tries, and a daily import of the same list would use them up.
    """
    query = select(subscribers.c.address_hash).where(subscribers.c.address_hash.in_(people))
    known = set(db.execute(query).scalars())
    rows = [
        {
            "uid": secrets.token_hex(8),
            "address": one.address,
            "address_hash": address_hash,
            "name": one.name,
            "language": one.language,
            "timezone": one.timezone,
            "created_at": now,
        }
        for address_hash, one in people.items()
        if address_hash not in known
    ]
    return len(insert_new(db, subscribers, rows))


def read_person(db: Connection, query: Select[Any]) -> Subscriber | None:
    row = db.execute(query).one_or_none()
    return _person(row) if row else None


def read_subscriptions(db: Connection, query: Select[Any]) -> Iterator[Subscription]:
    """One by one: a list of a million readers does not have to fit in memory."""
    for row in db.execute(query, execution_options={"yield_per": 1000}):
        yield Subscription(
            newsletter=row.newsletter,
            subscriber=_person(row),
            state=SubscriptionState(row.state),
            frequency=row.frequency,
            sections=tuple(row.sections),
            generation=row.generation,
            consent=row.consent,
            asked_at=row.asked_at,
            confirmed_at=row.confirmed_at,
            left_at=row.left_at,
            paused_until=row.paused_until,
        )


def _person(row: Row[Any]) -> Subscriber:
    return Subscriber(
        id=row.id,
        uid=row.uid,
        address=row.address,
        name=row.name,
        language=row.language,
        timezone=row.timezone,
        created_at=row.created_at,
    )
