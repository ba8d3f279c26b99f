"""Deliveries that were claimed, or are next, within quiet hours: queued until these are over.

To be called in the transaction that claimed them.  As nobody has seen that claim, it has not been one: the fence is
what it was, and a copy that never left may still get late news.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Update, bindparam, literal_column, select, tuple_, update

from digest.model import Delivery, DeliveryState
from digest.store.batches import packed, rows_of
from digest.store.lines import CLAIM, QUEUED, is_claim
from digest.store.schema import Moment, deliveries, subscribers

_d = deliveries.c


def zones_of(db: Connection, claims: Sequence[Delivery]) -> dict[int, str]:
    """The time zone that each reader gave, by the reader's number; "" for none."""
    numbers = sorted({one.subscriber_id for one in claims})
    query = select(subscribers.c.id, subscribers.c.timezone).where(subscribers.c.id.in_(numbers))
    return {row.id: row.timezone for row in db.execute(query)}


def put_off(db: Connection, claims: Sequence[Delivery], *, until: datetime, now: datetime) -> None:
    """What this transaction has claimed."""
    batch = packed([one.claim for one in claims])
    db.execute(_put_off(db.dialect.name), {"batch": batch, "until": until, "moment": now})


def put_off_next(
    db: Connection, edition_id: int, *, zones: Collection[str] | None, until: datetime, now: datetime, limit: int
) -> int:
    """Of the next `limit` of an edition that are due those whose readers gave one of these zones (None: all).

    How many were put off.
    """
    ahead = (
        select(_d.edition_id, _d.subscriber_id)
        .where(QUEUED, _d.edition_id == edition_id, _d.due_at <= now)
        .order_by(_d.due_at, _d.subscriber_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ahead")
    )
    those = update(deliveries).where(tuple_(_d.edition_id, _d.subscriber_id).in_(select(ahead)))
    if zones is not None:
        there = select(subscribers.c.id).where(subscribers.c.timezone.in_(sorted(zones)))
        those = those.where(_d.subscriber_id.in_(there))
    return db.execute(those.values(due_at=until, updated_at=now)).rowcount


@cache
def _put_off(dialect: str) -> Update:
    batch = rows_of(dialect, CLAIM).c
    return (
        update(deliveries)
        .where(is_claim(batch))
        .where(_d.state == literal_column("'claimed'"))
        .values(
            state=DeliveryState.QUEUED,
            owner="",
            fence=_d.fence - 1,
            due_at=bindparam("until", type_=Moment),
            updated_at=bindparam("moment", type_=Moment),
        )
    )
