"""Editions that ended long ago in, their deliveries and attempts thinned to sums out, a batch at a time.

What stays of a copy is one in a number: how many of a variant ended in which state, and how many were ever in doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, update

from digest.model import DeliveryState, EditionState
from digest.store.events import counting
from digest.store.schema import deliveries, editions, insert_new, outcomes, thinned

_d, _e, _o, _t = deliveries.c, editions.c, outcomes.c, thinned.c
_OVER = (EditionState.DONE, EditionState.EXPIRED, EditionState.CANCELLED)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """So many deliveries that are no rows any more."""

    variant: str
    state: DeliveryState
    count: int
    in_doubt: int  #: of them, ever


def due(db: Connection, *, before: datetime) -> list[int]:
    """The editions that ended before a moment and have deliveries, the oldest first.

    Not the last ones, however old: by those the score of an address goes.
    """
    query = select(_e.id).where(_e.state.in_(_OVER), _e.closed_at <= before, _e.id.not_in(counting()))
    return list(db.execute(query.where(exists().where(_d.edition_id == _e.id)).order_by(_e.id)).scalars())


def waiting(db: Connection, ids: Sequence[int]) -> int:
    """How many deliveries these editions have."""
    return int(db.execute(select(func.count()).where(_d.edition_id.in_(ids))).scalar_one())


def begun(db: Connection, edition_id: int) -> datetime | None:
    """Since when the deliveries of an edition are thinned."""
    moment: datetime | None = db.execute(select(_e.thinned_at).where(_e.id == edition_id)).scalar_one_or_none()
    return moment


def begin(db: Connection, edition_id: int, *, left: int, now: datetime) -> None:
    """Note that it begins, and how many readers left after the edition, which nobody can count later."""
    db.execute(update(editions).where(_e.id == edition_id).values(thinned_at=now, left_after=left))


def thin(db: Connection, edition_id: int, *, most: int) -> int:
    """Make sums of up to so many deliveries of an edition; how many.  It has to be locked."""
    some = select(_d.subscriber_id).where(_d.edition_id == edition_id).order_by(_d.subscriber_id).limit(most).subquery()
    last = db.execute(select(func.max(some.c.subscriber_id))).scalar_one_or_none()
    if last is None:
        return 0
    these = (_d.edition_id == edition_id) & (_d.subscriber_id <= last)
    doubted = func.count().filter(_d.in_doubt > 0)
    rows = db.execute(select(_d.variant, _d.state, func.count(), doubted).where(these).group_by(_d.variant, _d.state))
    for variant, state, count, in_doubt in rows.all():
        _add(db, edition_id, Sum(variant=variant, state=DeliveryState(state), count=count, in_doubt=in_doubt))
    db.execute(delete(outcomes).where(_o.edition_id == edition_id, _o.subscriber_id <= last))
    return db.execute(delete(deliveries).where(these)).rowcount


def sums(db: Connection, edition_id: int) -> list[Sum]:
    return sums_of(db, [edition_id]).get(edition_id, [])


def sums_of(db: Connection, ids: Sequence[int]) -> dict[int, list[Sum]]:
    """By edition; nothing of those that were not thinned."""
    columns = (_t.edition_id, _t.variant, _t.state, _t.count, _t.in_doubt)
    found: dict[int, list[Sum]] = {}
    for edition_id, variant, state, count, in_doubt in db.execute(select(*columns).where(_t.edition_id.in_(ids))):
        one = Sum(variant=variant, state=DeliveryState(state), count=count, in_doubt=in_doubt)
        found.setdefault(edition_id, []).append(one)
    return found


def left_after(db: Connection, ids: Sequence[int]) -> dict[int, int]:
    """How many left after each of the editions that are thinned, as was counted then."""
    query = select(_e.id, _e.left_after).where(_e.id.in_(ids), _e.left_after.is_not(None))
    return {edition_id: int(left) for edition_id, left in db.execute(query)}


def number(edition_id: int) -> ColumnElement[int]:
    """In SQL: how many deliveries of an edition are no rows any more."""
    return select(func.coalesce(func.sum(_t.count), 0)).where(_t.edition_id == edition_id).scalar_subquery()


def _add(db: Connection, edition_id: int, one: Sum) -> None:
    key = {"edition_id": edition_id, "variant": one.variant, "state": one.state}
    insert_new(db, thinned, [{**key, "count": 0, "in_doubt": 0}])
    row = (_t.edition_id == edition_id) & (_t.variant == one.variant) & (_t.state == one.state)
    values = {"count": _t.count + one.count, "in_doubt": _t.in_doubt + one.in_doubt}
    db.execute(update(thinned).where(row).values(values))
