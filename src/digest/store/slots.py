"""The slots that have been taken: the unique row decides that an edition is due once, however many ask.

A row is ``taken`` until its outcome is known.  Who took it may die, or may have had nothing to send yet; so after a
while it may be taken again.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from digest.model import Slot, edition_key
from digest.store.schema import insert_new, slots

AGAIN = timedelta(minutes=2)  #: after which a slot that came to nothing may be taken again

_s = slots.c


def take(db: Connection, slot: Slot, *, now: datetime) -> bool:
    """True for the one caller that has the slot from now on."""
    row = {name: getattr(slot, name) for name in ("newsletter", "day", "cadence", "due_at")}
    if insert_new(db, slots, [row | {"wave": slot.wave or 0, "taken_at": now}]):
        return True
    stale = update(slots).where(_is(slot), _s.outcome == "taken", _s.taken_at <= now - AGAIN)
    return db.execute(stale.values(taken_at=now)).rowcount == 1


def taken(db: Connection, newsletter: str, *, since: date, now: datetime) -> set[str]:
    """The keys of the slots from `since` on that nobody else may take now."""
    busy = or_(_s.outcome != "taken", _s.taken_at > now - AGAIN)
    query = select(_s.newsletter, _s.day, _s.cadence, _s.wave).where(_s.newsletter == newsletter, _s.day >= since, busy)
    return {edition_key(*row) for row in db.execute(query)}


def waiting(db: Connection, newsletter: str, *, since: date) -> list[Slot]:
    """The slots from `since` on whose editions wait for an editor."""
    columns = (_s.newsletter, _s.day, _s.cadence, _s.wave, _s.due_at)
    query = select(*columns).where(_s.newsletter == newsletter, _s.day >= since, _s.outcome.in_(("waiting", "held")))
    return [Slot(**row) for row in db.execute(query.order_by(_s.day, _s.cadence, _s.wave)).mappings()]


def remarks(db: Connection, *, since: date) -> list[tuple[str, str, str]]:
    """(edition key, outcome, remark) of the slots from `since` on, the newest first."""
    query = select(_s.newsletter, _s.day, _s.cadence, _s.wave, _s.outcome, _s.remark).where(_s.day >= since)
    rows = db.execute(query.order_by(_s.day.desc(), _s.newsletter, _s.cadence, _s.wave))
    return [(edition_key(*key), outcome, remark) for *key, outcome, remark in rows]


def since(db: Connection, *, since: datetime) -> list[dict[str, Any]]:
    """`key`, `due_at`, `outcome` and `remark` of the slots that were due since then, oldest first."""
    query = select(_s.newsletter, _s.day, _s.cadence, _s.wave, _s.due_at, _s.outcome, _s.remark)
    names = ("due_at", "outcome", "remark")
    return [
        {"key": edition_key(*key), **dict(zip(names, rest, strict=True))}
        for *key, rest in (
            (*row[:4], row[4:]) for row in db.execute(query.where(_s.due_at >= since).order_by(_s.due_at))
        )
    ]


def remark(db: Connection, slot: Slot, *, outcome: str, remark: str) -> bool:
    """What became of a slot: ``approved``, ``missed``, …, and why.  True where that is news."""
    news = update(slots).where(_is(slot), or_(_s.outcome != outcome, _s.remark != remark))
    return db.execute(news.values(outcome=outcome, remark=remark)).rowcount == 1


def _is(slot: Slot) -> ColumnElement[bool]:
    same_day = and_(_s.newsletter == slot.newsletter, _s.day == slot.day)
    return and_(same_day, _s.cadence == slot.cadence, _s.wave == (slot.wave or 0))
