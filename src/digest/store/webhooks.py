"""What happened to subscriptions, until the publisher's own programs have been told.

An event is noted in the transaction of what happened, so that it is told if that is so and not else.  It is spread into
a call for each webhook that wants its kind; a call that was answered goes, and with the last of them the event, as it
has an address in it.
"""

import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, select, tuple_, update

from digest.model import EventKind
from digest.store.schema import calls, insert_new, notices, subscribers

SPREAD_AT_ONCE = 500  #: notices

_c, _e = calls.c, notices.c
_KEY = tuple_(_c.notice_id, _c.hook)
_CALLS = select(_c.hook).join_from(calls, notices).group_by(_c.hook)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One event on its way to one webhook."""

    notice_id: int
    hook: str
    attempts: int  #: before this one
    uid: str  #: of the event: the same at each attempt
    kind: EventKind
    at: datetime  #: when it happened
    data: Mapping[str, Any]


def note(
    db: Connection,
    kind: EventKind,
    *,
    subscriber_id: int,
    newsletters: Iterable[str] = ("",),
    reason: str = "",
    address: bool = True,
    now: datetime,
) -> None:
    """Note what happened to a person, once for each of `newsletters`; "" where it is about none.

    `reason` is for programs that read it, without an address; `address` says whether theirs may be told.  Of whom was
    erased meanwhile nothing is told.
    """
    columns = select(subscribers.c.uid, subscribers.c.address)
    person = db.execute(columns.where(subscribers.c.id == subscriber_id)).one_or_none()
    if person is None:
        return
    told = {"subscriber": person.uid, "address": person.address if address else "", "reason": reason}
    rows = [
        {
            "uid": secrets.token_hex(16),
            "at": now,
            "kind": kind,
            "subscriber_id": subscriber_id,
            "data": told | {"newsletter": name},
        }
        for name in newsletters
    ]
    if rows:
        db.execute(insert(notices), rows)


def forget(db: Connection, subscriber_id: int) -> None:
    """Tell nothing more of what happened to somebody so far."""
    db.execute(delete(notices).where(_e.subscriber_id == subscriber_id))


def spread(db: Connection, hooks: Mapping[str, Collection[EventKind]], *, now: datetime) -> None:
    """Make the calls of new notices, by the name of each webhook and the kinds it wants.  What nobody wants goes."""
    fresh = select(_e.id, _e.kind).where(~_e.spread).order_by(_e.id).limit(SPREAD_AT_ONCE)
    found = db.execute(fresh.with_for_update(skip_locked=True)).all()
    rows = [
        {"notice_id": row.id, "hook": hook, "due_at": now}
        for row in found
        for hook, kinds in hooks.items()
        if row.kind in kinds
    ]
    insert_new(db, calls, rows)
    db.execute(update(notices).where(_e.id.in_([row.id for row in found])).values(spread=True))
    db.execute(delete(calls).where(_c.hook.not_in(list(hooks))))
    db.execute(delete(notices).where(_e.spread, ~exists().where(_c.notice_id == _e.id)))


def any_new_or_due(db: Connection, *, now: datetime) -> bool:
    """Whether a transaction that writes is worth it."""
    return bool(db.execute(select(exists().where(~_e.spread) | exists().where(_c.due_at <= now))).scalar_one())


def claim(db: Connection, *, now: datetime, limit: int, lease: timedelta) -> list[Call]:
    """Calls that are due: nobody else gets them before the lease is over."""
    due = select(_c.notice_id, _c.hook).where(_c.due_at <= now).order_by(_c.due_at, _c.notice_id).limit(limit)
    chosen = due.with_for_update(skip_locked=True).cte("due")
    claimed = update(calls).where(_KEY.in_(select(chosen))).values(due_at=now + lease)
    keys = [tuple(row) for row in db.execute(claimed.returning(_c.notice_id, _c.hook))]
    query = select(_c.notice_id, _c.hook, _c.attempts, _e.uid, _e.kind, _e.at, _e.data).join_from(calls, notices)
    rows = db.execute(query.where(_KEY.in_(keys)).order_by(_c.notice_id)) if keys else ()
    return [
        Call(
            notice_id=row.notice_id,
            hook=row.hook,
            attempts=row.attempts,
            uid=row.uid,
            kind=EventKind(row.kind),
            at=row.at,
            data=row.data,
        )
        for row in rows
    ]


def done(db: Connection, call: Call) -> None:
    """It was answered, or is given up."""
    db.execute(delete(calls).where(_this(call)))
    db.execute(delete(notices).where(_e.id == call.notice_id, ~exists().where(_c.notice_id == _e.id)))


def again(db: Connection, call: Call, *, due_at: datetime) -> None:
    """It was not answered well."""
    db.execute(update(calls).where(_this(call)).values(due_at=due_at, attempts=call.attempts + 1))


def waiting(db: Connection, hooks: Mapping[str, Collection[EventKind]]) -> dict[str, tuple[int, datetime]]:
    """How many notices wait to be told to each webhook, by its name, and since when; not those that have none."""
    oldest = func.min(_e.at, type_=_e.at.type)
    found = {one.hook: [(one[1], one[2])] for one in db.execute(_CALLS.add_columns(func.count(), oldest))}
    for kind, count, since in db.execute(select(_e.kind, func.count(), oldest).where(~_e.spread).group_by(_e.kind)):
        for hook in (hook for hook, kinds in hooks.items() if kind in kinds):
            found.setdefault(hook, []).append((count, since))
    return {hook: (sum(count for count, _ in parts), min(at for _, at in parts)) for hook, parts in found.items()}


def _this(call: Call) -> ColumnElement[bool]:
    return and_(_c.notice_id == call.notice_id, _c.hook == call.hook)
