"""Counts that an operator looks at.  No row of a person leaves this module."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from digest.model import DeliveryState, EditionStatus
from digest.store import editions, groups
from digest.store.schema import deliveries, newsletters, subscriptions, suppressions

_d = deliveries.c
_UNANSWERED = "---"  #: how a reply begins where there was none


def counted(db: Connection, edition_id: int, *, now: datetime, since: datetime) -> dict[str, int | datetime | None]:
    """Of the deliveries of an edition: `sent_lately` (after `since`), `underway`, `due`, `later`, `last_due`."""
    queued = _d.state == DeliveryState.QUEUED
    query = select(
        func.count().filter(_d.state == DeliveryState.SENT, _d.updated_at > since).label("sent_lately"),
        func.count().filter(_d.owner != "").label("underway"),
        func.count().filter(queued, _d.due_at <= now).label("due"),
        func.count().filter(queued, _d.due_at > now, _d.fence == 0).label("later"),
        func.max(_d.due_at).filter(queued).label("last_due"),
    )
    return dict(db.execute(query.where(_d.edition_id == edition_id)).mappings().one())


def retries(db: Connection, edition_id: int, *, now: datetime) -> list[tuple[str, int, datetime]]:
    """(reply code, how many, when the first is due) of what was tried and waits; "" where nothing was answered."""
    code = func.substr(_d.code, 1, 3)
    waits = and_(_d.edition_id == edition_id, _d.state == DeliveryState.QUEUED, _d.due_at > now, _d.fence > 0)
    rows = db.execute(select(code, func.count(), func.min(_d.due_at)).where(waits).group_by(code).order_by(code))
    return [("" if code == _UNANSWERED else code, number, due) for code, number, due in rows]


def by_relay(db: Connection, edition_ids: Collection[int], *, since: datetime) -> dict[str, int]:
    """How many copies of these editions each relay took after `since`; "" where there is but one."""
    sent = (_d.edition_id.in_(edition_ids), _d.state == DeliveryState.SENT, _d.updated_at > since)
    rows = db.execute(select(_d.relay, func.count()).where(*sent).group_by(_d.relay))
    return {relay: number for relay, number in rows}  # noqa: C416 - rows are no pairs for mypy


def course(db: Connection, edition_id: int) -> list[tuple[DeliveryState, datetime, int]]:
    """(state, minute of the last change, how many): all deliveries of an edition, in one pass over them."""
    at = groups.minute(db, _d.updated_at).label("at")
    query = select(_d.state, at, func.count()).where(_d.edition_id == edition_id).group_by(_d.state, "at")
    return [(DeliveryState(state), groups.minute_of(found), count) for state, found, count in db.execute(query)]


def newest_editions(db: Connection) -> list[EditionStatus]:
    """Of each newsletter and cadence the newest that was approved, among the last hundred."""
    found: dict[tuple[str, str], EditionStatus] = {}
    for one in editions.listing(db, limit=100):
        if one.approved_at:
            found.setdefault((one.newsletter, one.cadence), one)
    return list(found.values())


def subscriptions_by_state(db: Connection) -> list[tuple[str, str, int]]:
    """(newsletter, state, how many)."""
    key = (subscriptions.c.newsletter, subscriptions.c.state)
    return [(*row,) for row in db.execute(select(*key, func.count()).group_by(*key).order_by(*key))]


def suppressions_by_reason(db: Connection) -> list[tuple[str, int]]:
    reason = suppressions.c.reason
    return [(*row,) for row in db.execute(select(reason, func.count()).group_by(reason).order_by(reason))]


def in_use_since(db: Connection) -> datetime | None:
    """Since when the first newsletter is known."""
    moment: datetime | None = db.execute(select(func.min(newsletters.c.created_at))).scalar_one()
    return moment
