"""What relays that warm up have taken, by relay and day: shared by all processes, and kept over restarts.

A place is used before what it is for is claimed, and given back when the relay did not take it.  A worker that is
killed wastes those that it had reserved.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection, select, update

from digest.store.schema import insert_new, warm_ups

_w = warm_ups.c


def lock(db: Connection, relay: str, day: date) -> int:
    """How many are used; nobody else changes that before this transaction ends.  Before paces are locked."""
    query = select(_w.used).where(_w.relay == relay, _w.day == day).with_for_update()
    found = db.execute(query).scalar_one_or_none()
    if found is None:
        insert_new(db, warm_ups, [{"relay": relay, "day": day, "used": 0}])
        found = db.execute(query).scalar_one()
    return int(found)


def use(db: Connection, relay: str, day: date, number: int) -> None:
    """So many more; a negative number gives back."""
    lock(db, relay, day)
    db.execute(update(warm_ups).where(_w.relay == relay, _w.day == day).values(used=_w.used + number))


def used(db: Connection, relays: Iterable[str], day: date) -> dict[str, int]:
    """By relay, of those that have used any."""
    query = select(_w.relay, _w.used).where(_w.relay.in_(sorted(relays)), _w.day == day)
    return {relay: number for relay, number in db.execute(query)}  # noqa: C416 - rows are no pairs for mypy
