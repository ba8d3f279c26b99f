"""The slots that have been taken: the unique row decides that an edition is due once, however many ask.

A row is ``taken`` until its outcome is known.  Who took it may die, or may have had nothing to send yet; so after a
while it may be taken again.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, or_, select, update

from digest.model import Slot
from digest.store.schema import insert_new, slots

AGAIN = timedelta(minutes=2)  #: after which a slot that came to nothing may be taken again

_s = slots.c


def take(db: Connection, slot: Slot, *, now: datetime) -> bool:
    """True for the one caller that has the slot from now on."""
    row = {"newsletter": slot.newsletter, "day": slot.day, "due_at": slot.due_at, "taken_at": now}
    if insert_new(db, slots, [row]):
        return True
    query = update(slots).where(_s.newsletter == slot.newsletter, _s.day == slot.day)
    stale = query.where(_s.outcome == "taken", _s.taken_at <= now - AGAIN)
    return db.execute(stale.values(taken_at=now)).rowcount == 1


def taken(db: Connection, newsletter: str, *, since: date, now: datetime) -> set[date]:
    """The days from `since` on whose slot nobody else may take now."""
    busy = or_(_s.outcome != "taken", _s.taken_at > now - AGAIN)
    query = select(_s.day).where(_s.newsletter == newsletter, _s.day >= since, busy)
    return set(db.execute(query).scalars())


def remarks(db: Connection, *, since: date) -> list[tuple[str, str, str]]:
    """(edition key, outcome, remark) of the slots from `since` on, the newest first."""
    query = select(_s.newsletter, _s.day, _s.outcome, _s.remark).where(_s.day >= since)
    rows = db.execute(query.order_by(_s.day.desc(), _s.newsletter))
    return [(f"{row.newsletter}/{row.day.isoformat()}", row.outcome, row.remark) for row in rows]


def remark(db: Connection, newsletter: str, day: date, *, outcome: str, remark: str) -> bool:
    """What became of a slot: ``approved``, ``missed``, …, and why.  True where that is news."""
    query = update(slots).where(_s.newsletter == newsletter, _s.day == day)
    news = query.where(or_(_s.outcome != outcome, _s.remark != remark))
    return db.execute(news.values(outcome=outcome, remark=remark)).rowcount == 1
