"""Deliveries that somebody left behind, that grew too old, or that a person wants to go on."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Update, case, func, or_, select, tuple_, update

from digest.model import DeliveryState, EditionState
from digest.store import outcomes, paces
from digest.store.lines import LINES
from digest.store.schema import deliveries, editions

POISON = 3  #: so often in doubt, and it is held: it may be the delivery itself that ends the process
RELEASED_FOR = timedelta(hours=24)  #: a released delivery may be sent for so long, however old its edition

_d = deliveries.c
_KEY = tuple_(_d.edition_id, _d.subscriber_id)


@dataclass(frozen=True, kw_only=True)
class Recovered:
    requeued: int  #: claimed: no content had left
    in_doubt: int  #: attempting: content may have left; recorded as in doubt
    held: int  #: of those, the ones that now wait for a person; the others are queued


def recover(db: Connection, *, now: datetime, dead_owners: Sequence[str]) -> Recovered:
    """Take back what belongs to a process that is gone, or whose claim has run out.

    What was attempting is recorded as in doubt in the transaction that queues it again, so before any second copy.
    """
    gone = (
        select(_d.edition_id, _d.subscriber_id)
        .where(_d.owner != "", or_(_d.owner.in_(dead_owners), _d.due_at <= now))
        .with_for_update(skip_locked=True)  # what is being settled at this moment is not lost
        .cte("gone")
    )
    theirs = _KEY.in_(select(gone))
    hold = select(editions.c.id).where(editions.c.in_doubt_policy == "hold")
    after = case(
        (or_(_d.in_doubt + 1 >= POISON, _d.edition_id.in_(hold)), DeliveryState.HELD), else_=DeliveryState.QUEUED
    )
    doubted = _moved(
        db,
        update(deliveries).where(theirs, _d.state == DeliveryState.ATTEMPTING),
        {"state": after, "in_doubt": _d.in_doubt + 1, "attempts": _d.attempts + 1, "due_at": now, "updated_at": now},
    )
    _record(db, doubted, "in_doubt", "no answer was recorded: the process ended or its claim ran out", now)
    held = [row for row in doubted if row[2] == DeliveryState.HELD]
    _record(db, held, "held", "waits for a person", now)
    claimed = update(deliveries).where(theirs, _d.state == DeliveryState.CLAIMED)
    requeued = _moved(db, claimed, {"state": DeliveryState.QUEUED, "due_at": now, "updated_at": now})
    return Recovered(requeued=len(requeued), in_doubt=len(doubted), held=len(held))


def doubted_by_relay(db: Connection) -> dict[str, int]:
    """How many deliveries in doubt wait for the relay that may have them."""
    found = Counter[str]()
    for line in LINES:
        query = select(_d.relay, func.count()).where(line, _d.in_doubt > 0, _d.relay != "").group_by(_d.relay)
        found.update({name: number for name, number in db.execute(query)})  # noqa: C416 - rows are no pairs for mypy
    return dict(found)


def hold_strays(db: Connection, relays: Collection[str], *, now: datetime) -> int:
    """Hold what is in doubt at a relay that is none of these any more, as another may send a second copy; how many.

    A copy of a time with one mail server alone, which has no name, is none.
    """
    held = []
    for line in LINES:
        stray = update(deliveries).where(line, _d.in_doubt > 0, _d.relay.not_in({"", *relays}))
        held += _moved(db, stray, {"state": DeliveryState.HELD, "due_at": now, "updated_at": now})
    _record(db, held, "held", "the relay that may have it is not in the configuration any more", now)
    return len(held)


def expire(db: Connection, *, now: datetime) -> int:
    """End what is queued of editions that are too old to send, or cancelled; how many deliveries."""
    e = editions.c
    over = or_(e.expires_at <= now, e.state == EditionState.CANCELLED)
    # Of an edition that is done nothing is queued: without a word of it, years of sent copies are walked through.
    ended = select(e.id).where(over, e.state != EditionState.DONE)
    old = update(deliveries).where(_d.state == DeliveryState.QUEUED, _d.edition_id.in_(ended))
    expired = _moved(db, old, {"state": DeliveryState.EXPIRED, "due_at": now, "updated_at": now})
    _record(db, expired, "expired", "too old to send", now)
    return len(expired)


def retry(db: Connection, edition_id: int, *, now: datetime) -> int:
    """Make all that is queued due now, end the edition's pause and let shut domains be tried; how many deliveries.

    Final states stay, and so does what a worker has at this moment.
    """
    paces.reopen(db)
    queued = update(deliveries).where(_d.edition_id == edition_id, _d.state == DeliveryState.QUEUED)
    number = db.execute(queued.values(due_at=now, updated_at=now)).rowcount
    db.execute(update(editions).where(editions.c.id == edition_id).values(paused_reason=""))
    return number


def release(db: Connection, edition_id: int, *, now: datetime) -> int:
    """A person says that held deliveries may go, though a second copy may come of it, over any relay; how many.

    The edition is sent again where it was done, and does not expire within a day.
    """
    held = update(deliveries).where(_d.edition_id == edition_id, _d.state == DeliveryState.HELD)
    released = _moved(db, held, {"state": DeliveryState.QUEUED, "relay": "", "due_at": now, "updated_at": now})
    _record(db, released, "released", "by a person", now)
    if released:
        e = editions.c
        reopened = case((e.state == EditionState.DONE, EditionState.SENDING), else_=e.state)
        until = case((e.expires_at < now + RELEASED_FOR, now + RELEASED_FOR), else_=e.expires_at)
        db.execute(update(editions).where(e.id == edition_id).values(state=reopened, expires_at=until))
    return len(released)


def _moved(db: Connection, query: Update, values: dict[str, Any]) -> list[tuple[int, int, str]]:
    """(edition id, subscriber id, new state) of the deliveries that `query` takes from their owner."""
    rows = db.execute(query.values(owner="", **values).returning(_d.edition_id, _d.subscriber_id, _d.state))
    return [(row.edition_id, row.subscriber_id, row.state) for row in rows]


def _record(db: Connection, moved: Sequence[tuple[int, int, str]], kind: str, text: str, now: datetime) -> None:
    outcomes.record_all(db, [row[:2] for row in moved], at=now, kind=kind, text=text)
