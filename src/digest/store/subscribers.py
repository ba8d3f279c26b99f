"""People and what they subscribed to.

Nobody is brought back by an import: who left or is suppressed stays so until they ask and confirm themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from digest.model import EventKind, NewSubscriber, Reason, Rejection, Subscriber, Subscription, SubscriptionState
from digest.store.addresses import hash_of
from digest.store.batches import batches
from digest.store.confirmations import (
    any_confirmation_due,
    ask,
    confirm,
    confirmation_failed,
    confirmation_sent,
    due_confirmations,
)
from digest.store.people import PEOPLE, SUBSCRIPTIONS, insert_people, read_person, read_subscriptions
from digest.store.schema import (
    deliveries,
    editions,
    insert_new,
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
    "listing",
    "pause",
    "restore",
    "settle",
    "subscription",
    "subscriptions_of",
    "unsubscribe",
]

_s = subscriptions.c


@dataclass(frozen=True, kw_only=True)
class Added:
    """What became of the people that were added: all but `new` add up to their number."""

    new: int  #: people who were not known at all
    confirmed: int  #: subscriptions that are confirmed from now on
    asked: int  #: people who get a confirmation mail
    already: int  #: nothing changed: confirmed or asked before, or twice in the list
    refused: list[Rejection]  #: left or suppressed; says the row, not the address


def add(db: Connection, new: Sequence[NewSubscriber], *, newsletter: str, consent: str | None, now: datetime) -> Added:
    """Subscribe people.  With `consent`, the evidence that they agreed, they are confirmed; else they are asked.

    Addresses are taken as they are: `addresses.check` is the caller's.
    """
    parts = [
        _add_batch(db, batch, newsletter=newsletter, consent=consent, now=now)
        for batch in batches(list(enumerate(new, start=1)))
    ]
    return Added(
        new=sum(part.new for part in parts),
        confirmed=sum(part.confirmed for part in parts),
        asked=sum(part.asked for part in parts),
        already=sum(part.already for part in parts),
        refused=[one for part in parts for one in part.refused],
    )


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


def restore(db: Connection, subscriber_id: int, newsletter: str, *, left_after: datetime, now: datetime) -> bool:
    """Take back a leave that came after `left_after`; True where the subscription is confirmed then, now as before.

    Only what was confirmed comes back: not a wish that had still to be confirmed, and nobody who is suppressed.
    """
    query = update(subscriptions).where(
        _s.subscriber_id == subscriber_id,
        _s.newsletter == newsletter,
        _s.subscriber_id.in_(select(subscribers.c.id).where(~suppressed(subscribers.c.address_hash))),
        _s.confirmed_at.is_not(None),
        or_(_s.asked_at.is_(None), _s.asked_at <= _s.confirmed_at),
        or_(_s.state == SubscriptionState.CONFIRMED, _s.left_at > left_after),
    )
    back = db.execute(query.values(state=SubscriptionState.CONFIRMED, left_at=None)).rowcount == 1
    if back:
        note(db, EventKind.CONFIRM, subscriber_id=subscriber_id, newsletters=[newsletter], reason="restored", now=now)
    return back


def pause(db: Connection, subscriber_id: int, newsletter: str, until: datetime | None) -> None:
    """No editions until then; None ends the pause.  What is frozen already still goes out."""
    query = update(subscriptions).where(_s.subscriber_id == subscriber_id, _s.newsletter == newsletter)
    db.execute(query.values(paused_until=until))


def choose(db: Connection, subscriber_id: int, newsletter: str, *, sections: Sequence[str], frequency: str) -> None:
    """What a reader wishes of a newsletter: these sections (none: all), this often.  What is frozen already stays."""
    query = update(subscriptions).where(_s.subscriber_id == subscriber_id, _s.newsletter == newsletter)
    db.execute(query.values(sections=list(sections), frequency=frequency))


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


def _add_batch(
    db: Connection, batch: Sequence[tuple[int, NewSubscriber]], *, newsletter: str, consent: str | None, now: datetime
) -> Added:
    people: dict[str, tuple[int, NewSubscriber]] = {}
    for number, one in batch:
        people.setdefault(hash_of(one.address), (number, one))
    refused = [_refusal(people.pop(one)[0], "is suppressed") for one in _suppressed(db, list(people))]
    new = insert_people(db, {key: one for key, (_, one) in people.items()}, now=now)
    rows: list[dict[str, Any]] = []
    waiting: list[int] = []
    for address_hash, (subscriber_id, state) in _found(db, list(people), newsletter).items():
        number, one = people[address_hash]
        if state is None:
            rows.append({"subscriber_id": subscriber_id} | _first(one, newsletter, consent, now))
        elif state == SubscriptionState.UNSUBSCRIBED:
            refused.append(_refusal(number, "has unsubscribed"))
        elif state == SubscriptionState.UNCONFIRMED and consent is not None:
            waiting.append(subscriber_id)
    changed = len(insert_new(db, subscriptions, rows)) + _promote(db, waiting, newsletter, consent, now)
    return Added(
        new=new,
        confirmed=0 if consent is None else changed,
        asked=changed if consent is None else 0,
        already=len(batch) - len(refused) - changed,
        refused=refused,
    )


def _suppressed(db: Connection, hashes: Sequence[str]) -> list[str]:
    query = select(suppressions.c.address_hash).where(suppressions.c.address_hash.in_(hashes))
    return list(db.execute(query).scalars())


def _found(db: Connection, hashes: Sequence[str], newsletter: str) -> dict[str, tuple[int, str | None]]:
    """Hash → id, and the state of the subscription to this newsletter if there is one."""
    mine = and_(_s.subscriber_id == subscribers.c.id, _s.newsletter == newsletter)
    query = select(subscribers.c.address_hash, subscribers.c.id, _s.state)
    query = query.outerjoin_from(subscribers, subscriptions, mine)
    rows = db.execute(query.where(subscribers.c.address_hash.in_(hashes)))
    return {address_hash: (subscriber_id, state) for address_hash, subscriber_id, state in rows}


def _first(one: NewSubscriber, newsletter: str, consent: str | None, now: datetime) -> dict[str, Any]:
    agreed = consent is not None
    return {
        "newsletter": newsletter,
        "state": SubscriptionState.CONFIRMED if agreed else SubscriptionState.UNCONFIRMED,
        "frequency": one.frequency,
        "sections": list(one.sections),
        "consent": consent or "",
        "asked_at": None if agreed else now,
        "asked_count": 0 if agreed else 1,
        "confirm_due_at": None if agreed else now,
        "confirmed_at": now if agreed else None,
    }


def _promote(db: Connection, ids: Sequence[int], newsletter: str, consent: str | None, now: datetime) -> int:
    """Confirm those who were asked and of whom there is other evidence now."""
    if not ids:
        return 0
    query = update(subscriptions).where(
        _s.subscriber_id.in_(ids), _s.newsletter == newsletter, _s.state == SubscriptionState.UNCONFIRMED
    )
    values = {
        "state": SubscriptionState.CONFIRMED,
        "confirmed_at": now,
        "confirm_due_at": None,
        "asked_count": 0,
        "generation": _s.generation + 1,
        "consent": consent,
    }
    return db.execute(query.values(values)).rowcount


def _refusal(number: int, why: str) -> Rejection:
    return Rejection(path="", where=f"row {number}", error=why)
