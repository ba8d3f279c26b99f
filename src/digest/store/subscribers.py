"""People and what they subscribed to.

Nobody is brought back by an import: who left or is suppressed stays so until they ask and confirm themselves.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, false, func, or_, select, update

from digest.model import EventKind, Reason, Subscriber, Subscription, SubscriptionState
from digest.store import events
from digest.store.addresses import hash_of
from digest.store.confirmations import (
    any_confirmation_due,
    ask,
    confirm,
    confirmation_failed,
    confirmation_sent,
    due_confirmations,
)
from digest.store.enrolling import Added, add
from digest.store.people import PEOPLE, SUBSCRIPTIONS, read_person, read_subscriptions, subscription_of
from digest.store.schema import (
    deliveries,
    editions,
    outcomes,
    subscribers,
    subscriptions,
    suppressions,
    upsert,
)
from digest.store.suppressions import suppressed
from digest.store.webhooks import forget, note

__all__ = [
    "Added",
    "add",
    "any_confirmation_due",
    "ask",
    "by_address",
    "by_uid",
    "choose",
    "confirm",
    "confirmation_failed",
    "confirmation_sent",
    "due_confirmations",
    "erase",
    "export",
    "listing",
    "pause",
    "restore",
    "settle",
    "subscription",
    "subscriptions_of",
    "unsubscribe",
]

_s = subscriptions.c


def by_uid(db: Connection, uid: str) -> Subscriber | None:
    return read_person(db, PEOPLE.where(subscribers.c.uid == uid))


def by_address(db: Connection, address: str) -> Subscriber | None:
    """However the address is spelt."""
    return read_person(db, PEOPLE.where(subscribers.c.address_hash == hash_of(address)))


def listing(
    db: Connection, *, newsletter: str | None = None, state: SubscriptionState | None = None
) -> Iterator[Subscription]:
    """Subscriptions in the order in which people came."""
    query = SUBSCRIPTIONS
    if newsletter is not None:
        query = query.where(_s.newsletter == newsletter)
    if state is not None:
        query = query.where(_s.state == state)
    return read_subscriptions(db, query)


def export(db: Connection, *, newsletter: str | None = None) -> Iterator[tuple[Subscription, Reason | None]]:
    """As `listing`, each with why its address is suppressed, should it be."""
    query = SUBSCRIPTIONS.add_columns(suppressions.c.reason)
    query = query.outerjoin(suppressions, suppressions.c.address_hash == subscribers.c.address_hash)
    if newsletter is not None:
        query = query.where(_s.newsletter == newsletter)
    for row in db.execute(query, execution_options={"yield_per": 1000}):
        yield subscription_of(row), Reason(row.reason) if row.reason else None


def subscription(db: Connection, subscriber_id: int, newsletter: str) -> Subscription | None:
    query = SUBSCRIPTIONS.where(subscribers.c.id == subscriber_id, _s.newsletter == newsletter)
    return next(iter(list(read_subscriptions(db, query))), None)


def subscriptions_of(db: Connection, subscriber_id: int) -> list[Subscription]:
    return list(read_subscriptions(db, SUBSCRIPTIONS.where(subscribers.c.id == subscriber_id)))


def unsubscribe(db: Connection, subscriber_id: int, newsletter: str | None, *, now: datetime) -> list[str]:
    """Let somebody leave one newsletter, or all (None); which ones they did.  Also ends a wish to come back."""
    coming_back = and_(_s.state == SubscriptionState.UNSUBSCRIBED, _s.asked_at > _s.left_at)
    query = update(subscriptions).where(
        _s.subscriber_id == subscriber_id, or_(_s.state != SubscriptionState.UNSUBSCRIBED, coming_back)
    )
    if newsletter is not None:
        query = query.where(_s.newsletter == newsletter)
    values = {"state": SubscriptionState.UNSUBSCRIBED, "left_at": now, "confirm_due_at": None}
    left = sorted(db.execute(query.values(values).returning(_s.newsletter)).scalars())
    note(db, EventKind.UNSUBSCRIBE, subscriber_id=subscriber_id, newsletters=left, now=now)
    return left


def restore(
    db: Connection, subscriber_id: int, newsletter: str, *, left_after: datetime, now: datetime, together: bool = False
) -> list[str]:
    """Take back a leave that came after `left_after`; which subscriptions are confirmed then, now as before.

    `together`: also of what was left at one stroke with it.  Only what was confirmed comes back: not a wish that had
    still to be confirmed, and nobody who is suppressed.
    """
    other = subscriptions.alias().c
    stroke = select(other.left_at).where(other.subscriber_id == subscriber_id, other.newsletter == newsletter)
    along = _s.left_at == stroke.scalar_subquery() if together else false()
    query = update(subscriptions).where(
        _s.subscriber_id == subscriber_id,
        or_(_s.newsletter == newsletter, along),
        _s.subscriber_id.in_(select(subscribers.c.id).where(~suppressed(subscribers.c.address_hash))),
        _s.confirmed_at.is_not(None),
        or_(_s.asked_at.is_(None), _s.asked_at <= _s.confirmed_at),
        or_(_s.state == SubscriptionState.CONFIRMED, _s.left_at > left_after),
    )
    back = query.values(state=SubscriptionState.CONFIRMED, left_at=None).returning(_s.newsletter)
    names = sorted(db.execute(back).scalars())
    note(db, EventKind.CONFIRM, subscriber_id=subscriber_id, newsletters=names, reason="restored", now=now)
    return names


def pause(db: Connection, subscriber_id: int, newsletter: str, until: datetime | None) -> None:
    """No editions until then; None ends the pause.  What is frozen already still goes out."""
    query = update(subscriptions).where(_s.subscriber_id == subscriber_id, _s.newsletter == newsletter)
    db.execute(query.values(paused_until=until))


def choose(
    db: Connection, subscriber_id: int, newsletter: str, *, sections: Sequence[str], frequency: str, hour: str = ""
) -> None:
    """What a reader wishes of a newsletter: these sections (none: all), this often, at this hour.

    What is frozen already stays.
    """
    query = update(subscriptions).where(_s.subscriber_id == subscriber_id, _s.newsletter == newsletter)
    db.execute(query.values(sections=list(sections), frequency=frequency, hour=hour))


def settle(db: Connection, subscriber_id: int, *, language: str, timezone: str) -> None:
    """What somebody says of themselves, for all newsletters; "" is each newsletter's own."""
    query = update(subscribers).where(subscribers.c.id == subscriber_id)
    db.execute(query.values(language=language, timezone=timezone))


def erase(db: Connection, address: str, *, now: datetime) -> bool:
    """Forget a person; False where there was none.

    What stays: a hash of the address, so that no import brings it back, and numbers of deliveries without an address
    and without what mail servers said, as they like to repeat it.
    """
    address_hash = hash_of(address)
    row = {"address_hash": address_hash, "address": "", "reason": Reason.ERASED, "evidence": "", "since": now}
    upsert(db, suppressions, [row])
    events.forget(db, address_hash)
    query = select(subscribers.c.id).where(subscribers.c.address_hash == address_hash)
    subscriber_id = db.execute(query).scalar_one_or_none()
    if subscriber_id is None:
        return False
    _blank_deliveries(db, subscriber_id)
    forget(db, subscriber_id)
    note(db, EventKind.UNSUBSCRIBE, subscriber_id=subscriber_id, reason="erased", address=False, now=now)
    db.execute(delete(subscriptions).where(_s.subscriber_id == subscriber_id))
    db.execute(delete(subscribers).where(subscribers.c.id == subscriber_id))
    return True


def _blank_deliveries(db: Connection, subscriber_id: int) -> None:
    for table, values in (
        (deliveries, {"address": "", "code": func.substr(deliveries.c.code, 1, 3)}),
        (outcomes, {"text": ""}),
    ):
        # By edition, as the keys begin with it: an index of subscribers would cost each delivery.
        mine = and_(table.c.edition_id.in_(select(editions.c.id)), table.c.subscriber_id == subscriber_id)
        db.execute(update(table).where(mine).values(values))
