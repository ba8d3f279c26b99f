"""Rows of subscribers and subscriptions in, values out; what `subscribers` and `confirmations` share."""

import secrets
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, column, select, table

from digest.model import NewSubscriber, Subscriber, Subscription, SubscriptionState
from digest.store.batches import insert_missing, listed
from digest.store.schema import subscribers, subscriptions

_PERSON = tuple(subscribers.c[name] for name in ("id", "uid", "address", "name", "language", "timezone", "created_at"))
_SUBSCRIPTION = tuple(
    subscriptions.c[name]
    for name in (
        "newsletter",
        "state",
        "frequency",
        "hour",
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


def insert_people(db: Connection, people: Mapping[str, NewSubscriber], *, now: datetime) -> dict[str, int]:
    """Insert those that are not known, by the hash of their address; the ids of all of them by that hash.

    Only those: PostgreSQL takes a number for each row it tries, and a daily import of the same list would use them up.
    """
    ids = _ids(db, list(people))
    return ids | insert_strangers(db, {key: one for key, one in people.items() if key not in ids}, now=now)


def insert_strangers(db: Connection, people: Mapping[str, NewSubscriber], *, now: datetime) -> dict[str, int]:
    """As `insert_people`, for those who were looked for in this transaction, and were not there."""
    columns = _columns(people, _taken(db, [one.past.uid for one in people.values()]), now)
    if db.dialect.name != "sqlite":
        insert_missing(db, subscribers, columns)
        return _ids(db, list(people))
    # Nobody else writes to SQLite meanwhile: the numbers are known before, and need not be asked for.
    numbers = range(first := _last_id(db) + 1, first + len(people))
    insert_missing(db, subscribers, columns | {"id": numbers})
    return dict(zip(people, numbers, strict=True))


def _last_id(db: Connection) -> int:
    """The highest that was ever given, on SQLite."""
    sequence = table("sqlite_sequence", column("name"), column("seq"))
    return db.execute(select(sequence.c.seq).where(sequence.c.name == subscribers.name)).scalar() or 0


def _ids(db: Connection, hashes: Sequence[str]) -> dict[str, int]:
    if not hashes:
        return {}
    batch = listed(db, [[one] for one in hashes], "hash")
    query = select(subscribers.c.address_hash, subscribers.c.id)
    rows = db.execute(query.join_from(batch, subscribers, subscribers.c.address_hash == batch.c.hash))
    return {row.address_hash: row.id for row in rows}


def _taken(db: Connection, uids: Iterable[str]) -> set[str]:
    """Which of these somebody has; each of them for whom a uid is given twice, too."""
    wanted = [uid for uid in uids if uid]
    if not wanted:
        return set()
    batch = listed(db, [[one] for one in wanted], "uid")
    query = select(subscribers.c.uid).join_from(batch, subscribers, subscribers.c.uid == batch.c.uid)
    return set(db.execute(query).scalars()) | {uid for uid, count in Counter(wanted).items() if count > 1}


def _columns(
    people: Mapping[str, NewSubscriber], taken: Container[str], now: datetime
) -> dict[str, Sequence[str | datetime]]:
    each = people.values()
    random = secrets.token_hex(8 * len(people))  # in one go: each call asks the system
    fresh = (random[place : place + 16] for place in range(0, len(random), 16))
    return {
        "uid": [
            uid if (uid := one.past.uid) and uid not in taken else new for one, new in zip(each, fresh, strict=True)
        ],
        "address": [one.address for one in each],
        "address_hash": list(people),
        "name": [one.name for one in each],
        "language": [one.language for one in each],
        "timezone": [one.timezone for one in each],
        "created_at": [one.past.created_at or now for one in each],
    }


def read_person(db: Connection, query: Select[Any]) -> Subscriber | None:
    row = db.execute(query).one_or_none()
    return _person(row) if row else None


def read_subscriptions(db: Connection, query: Select[Any]) -> Iterator[Subscription]:
    """One by one: a list of a million readers does not have to fit in memory."""
    for row in db.execute(query, execution_options={"yield_per": 1000}):
        yield subscription_of(row)


def subscription_of(row: Row[Any]) -> Subscription:
    return Subscription(
        newsletter=row.newsletter,
        subscriber=_person(row),
        state=SubscriptionState(row.state),
        frequency=row.frequency,
        hour=row.hour,
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
