"""One row for each copy of an edition: frozen, claimed, attempted, settled.  The states are `model.DeliveryState`'s.

`due_at` is the only clock: of a queued delivery it says when to send, of a claimed or attempting one when the claim
runs out.  `owner` is set while somebody has the delivery, and `fence` counts the claims.

How no copy goes unrecorded: a delivery can be claimed anew only after its last attempt was settled with an answer
that means "no copy", or after that attempt was recorded as in doubt.  So there are never more copies than
``1 + in_doubt``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    Update,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from digest.model import WAITING, Delivery, DeliveryState, EditionState, SubscriptionState, Tally, edition_key
from digest.store import outcomes, thinning
from digest.store.batches import changes_all, packed, rows_of
from digest.store.lines import ASIDE, CLAIM, IN_LINE, QUEUED, SENDABLE, is_claim, of_edition
from digest.store.recovery import Recovered, doubted_by_relay, expire, hold_strays, recover, release, retry
from digest.store.schema import Moment, deliveries, editions, subscribers, subscriptions
from digest.store.settling import Settled, settle
from digest.store.suppressions import suppressed

__all__ = [
    "DeliveryRow",
    "Recovered",
    "Settled",
    "attempt",
    "bring_forward",
    "by_variant",
    "claim",
    "doubted_by_relay",
    "expire",
    "gone",
    "hold_strays",
    "listing",
    "next_due",
    "owners",
    "recover",
    "release",
    "retry",
    "settle",
    "tally",
    "untouched",
]

_d = deliveries.c
_KEY = tuple_(_d.edition_id, _d.subscriber_id)


@dataclass(frozen=True, kw_only=True)
class DeliveryRow:
    """A delivery as people see it."""

    address: str  #: "" where the person asked to be erased
    uid: str
    state: DeliveryState
    attempts: int  #: how often content was offered, or the server refused
    in_doubt: int  #: how often it was recorded as in doubt; never reset
    code: str  #: the last reply, its code first
    due_at: datetime


def untouched(db: Connection, edition_id: int) -> int:
    """How many deliveries of an edition nobody has claimed yet."""
    query = select(func.count()).select_from(deliveries).where(_d.edition_id == edition_id, QUEUED, _d.fence == 0)
    return int(db.execute(query).scalar_one())


def by_variant(db: Connection, edition_id: int) -> dict[str, int]:
    """How many deliveries each variant of an edition has, or had."""
    query = select(_d.variant, func.count()).where(_d.edition_id == edition_id).group_by(_d.variant)
    gone = [(one.variant, one.count) for one in thinning.sums(db, edition_id)]
    found = Counter[str]()
    for variant, count in (*db.execute(query), *gone):
        found[variant] += count
    return dict(sorted(found.items()))


def bring_forward(db: Connection, edition_id: int, *, now: datetime) -> int:
    """Make due now what waits for its hour and was never tried; how many deliveries."""
    query = update(deliveries).where(_d.edition_id == edition_id, QUEUED, _d.fence == 0, _d.due_at > now)
    return db.execute(query.values(due_at=now, dated_at=now, updated_at=now)).rowcount


def claim(
    db: Connection,
    *,
    now: datetime,
    limit: int,
    owner: str,
    lease: timedelta,
    edition_id: int | None = None,
    aside: str = "",
    relay: str = "",
) -> list[Delivery]:
    """Take up to `limit` deliveries that are due, for `lease`: nobody else gets them before it is over.

    `aside`: of those that stand aside for this domain; "": of those in line.  `relay`: over which they are to go.  A
    copy in doubt goes over the one that may have it, and over no second one.
    """
    only = [] if edition_id is None else [of_edition(edition_id)]
    line = and_(ASIDE, _d.aside == aside) if aside else IN_LINE
    candidates = (
        select(_d.edition_id, _d.subscriber_id)
        .where(line, _d.due_at <= now, SENDABLE, *only, or_(_d.in_doubt == 0, _d.relay.in_({"", relay})))
        .order_by(_d.due_at, _d.subscriber_id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite leaves it out; there the write lock does the same
        .cte("candidate")
    )
    taken = update(deliveries).where(_KEY.in_(select(candidates)))
    values = {"state": DeliveryState.CLAIMED, "owner": owner, "fence": _d.fence + 1, "due_at": now + lease}
    columns = [_d[name] for name in ("edition_id", "subscriber_id", "uid", "address", "variant", "dated_at")]
    counts = [_d[name] for name in ("attempts", "in_doubt", "fence")]
    rows = db.execute(taken.values(**values, updated_at=now).returning(*columns, *counts)).all()
    rows = sorted(rows, key=itemgetter(0, 1))
    keys = _edition_keys(db, {row[0] for row in rows})
    return [
        Delivery(
            edition_id=edition_id,
            subscriber_id=subscriber_id,
            edition=keys[edition_id],
            uid=uid,
            address=address,
            variant=variant,
            dated_at=dated_at,
            attempts=attempts,
            in_doubt=in_doubt,
            fence=fence,
        )
        for edition_id, subscriber_id, uid, address, variant, dated_at, attempts, in_doubt, fence in rows
    ]


def attempt(
    db: Connection, claims: Sequence[Delivery], *, now: datetime, owner: str, lease: timedelta, relay: str = ""
) -> set[tuple[int, int, int]]:
    """Record that content is about to leave, over which relay; the `Delivery.claim` of those that may go.

    To be committed before the first byte of content.  Who unsubscribed or was suppressed before this statement began
    is skipped.  A claim that has run out, or that another worker has taken over, just does not come back.
    """
    wanted = {one.claim for one in claims}
    if not wanted:
        return set()
    values = {"batch": packed(sorted(wanted)), "whose": owner, "moment": now, "until": now + lease, "through": relay}
    go, skip = _attempts(db.dialect.name)
    if changes_all(db, go, values, len(wanted)):
        return wanted
    key = (_d.edition_id, _d.subscriber_id, _d.fence)
    going = {(edition, subscriber, fence) for edition, subscriber, fence in db.execute(go.returning(*key), values)}
    left = {(row.edition_id, row.subscriber_id) for row in db.execute(skip.returning(*key), values)}
    outcomes.record_all(db, left, at=now, kind="skipped", text=outcomes.LEFT)
    return going


@cache
def _attempts(dialect: str) -> tuple[Update, Update]:
    """Claimed → attempting, and claimed → skipped."""
    batch = rows_of(dialect, CLAIM).c
    mine = and_(is_claim(batch), _d.owner == bindparam("whose"))
    claimed = _d.state == literal_column("'claimed'")
    moment = bindparam("moment", type_=Moment)
    go = update(deliveries).where(mine, claimed, _d.due_at > moment, _may_have_mail())
    until, through = bindparam("until", type_=Moment), bindparam("through", type_=Text)
    go = go.values(state=DeliveryState.ATTEMPTING, due_at=until, relay=through, updated_at=moment)
    skip = update(deliveries).where(mine, claimed, ~_may_have_mail())
    return go, skip.values(state=DeliveryState.SKIPPED, owner="", due_at=moment, updated_at=moment)


def gone(db: Connection, claims: Sequence[Delivery]) -> set[tuple[int, int, int]]:
    """The `Delivery.claim` of those whose readers have left."""
    found = db.execute(_gone(db.dialect.name), {"batch": packed([one.claim for one in claims])})
    return {(edition, subscriber, fence) for edition, subscriber, fence in found}


@cache
def _gone(dialect: str) -> Select[Any]:
    batch = rows_of(dialect, CLAIM).c
    own = and_(_d.edition_id == batch.edition, _d.subscriber_id == batch.subscriber)
    wanted = select(_d.subscriber_id).where(own, _may_have_mail()).correlate(batch.edition.table)
    return select(batch.edition, batch.subscriber, batch.number).where(wanted.scalar_subquery().is_(None))


def next_due(db: Connection) -> datetime | None:
    """When the first of the queued deliveries in line that may go is due; None where there is none."""
    query = select(_d.due_at).where(IN_LINE, SENDABLE).order_by(_d.due_at, _d.subscriber_id).limit(1)
    moment: datetime | None = db.execute(query).scalar_one_or_none()
    return moment


def owners(db: Connection) -> list[str]:
    """Who has deliveries at this moment."""
    return list(db.execute(select(_d.owner).where(_d.owner != "").distinct().order_by(_d.owner)).scalars())


def listing(db: Connection, edition_id: int, *, state: DeliveryState | None = None) -> list[DeliveryRow]:
    columns = [_d[name] for name in ("address", "uid", "state", "attempts", "in_doubt", "code", "due_at")]
    query = select(*columns).where(_d.edition_id == edition_id).order_by(_d.subscriber_id)
    if state is not None:
        query = query.where(_d.state == state)
    rows = db.execute(query).mappings()
    return [DeliveryRow(**{**row, "state": DeliveryState(row["state"])}) for row in rows]


def tally(db: Connection, edition_id: int) -> Tally:
    """The audience is what was frozen, the states are counted: `Tally.adds_up` compares the two.

    Deliveries that were thinned are counted as they were.
    """
    # A column for each state: to group them SQLite would sort all rows, in memory.
    counted = {state: func.count().filter(_d.state == state).label(state) for state in DeliveryState}
    doubted = func.count().filter(_d.in_doubt > 0).label("in_doubt")
    first = func.min(_d.due_at).filter(_d.state.in_(WAITING)).label("next_due")
    row = db.execute(select(doubted, first, *counted.values()).where(_d.edition_id == edition_id)).mappings().one()
    audience = db.execute(select(editions.c.audience).where(editions.c.id == edition_id)).scalar_one_or_none()
    gone = thinning.sums(db, edition_id)
    states = Counter({state: row[state] for state in DeliveryState if row[state]})
    for one in gone:
        states[one.state] += one.count
    return Tally(
        audience=audience or 0,
        states=dict(states),
        in_doubt=row["in_doubt"] + sum(one.in_doubt for one in gone),
        next_due=row["next_due"],
    )


def _may_have_mail() -> ColumnElement[bool]:
    """In SQL: still subscribed to what this is an edition of, not suppressed, and the edition not cancelled.

    As a value and not as EXISTS, which PostgreSQL may turn round: to look through all subscribers for fifty rows.
    """
    s, e, p = subscriptions.c, editions.c, subscribers.c
    return (
        select(p.id)
        .where(e.id == _d.edition_id, e.state != EditionState.CANCELLED)
        .where(s.subscriber_id == _d.subscriber_id, s.newsletter == e.newsletter)
        .where(s.state == SubscriptionState.CONFIRMED, p.id == s.subscriber_id, ~suppressed(p.address_hash))
        .correlate(deliveries)
        .scalar_subquery()
        .is_not(None)
    )


def _edition_keys(db: Connection, ids: set[int]) -> dict[int, str]:
    e = editions.c
    query = select(e.id, e.newsletter, e.day, e.cadence, e.wave).where(e.id.in_(ids))
    return {number: edition_key(*key) for number, *key in db.execute(query)} if ids else {}
