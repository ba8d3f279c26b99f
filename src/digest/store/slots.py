"""The slots that have been taken: the unique row decides that an edition is due once, however many ask."""

from datetime import date, datetime

from sqlalchemy import Connection, select, update

from digest.model import Slot
from digest.store.schema import insert_new, slots


def take(db: Connection, slot: Slot, *, now: datetime) -> bool:
    """True for the one caller that has the slot from now on."""
    row = {"newsletter": slot.newsletter, "day": slot.day, "due_at": slot.due_at, "taken_at": now}
    return bool(insert_new(db, slots, [row]))


def taken(db: Connection, newsletter: str, *, since: date) -> set[date]:
    """The days from `since` on whose slot is taken."""
    query = select(slots.c.day).where(slots.c.newsletter == newsletter, slots.c.day >= since)
    return set(db.execute(query).scalars())


def remark(db: Connection, newsletter: str, day: date, *, outcome: str, remark: str) -> None:
    """What became of a slot: ``built``, ``missed``, ``empty``, and why."""
    query = update(slots).where(slots.c.newsletter == newsletter, slots.c.day == day)
    db.execute(query.values(outcome=outcome, remark=remark))
