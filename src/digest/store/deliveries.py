"""One row for each copy of an edition: frozen, claimed, attempted, settled.  The states are `model.DeliveryState`'s.

`due_at` is the only clock: of a queued delivery it says when to send, of a claimed or attempting one when the claim
runs out.  `owner` is set while somebody has the delivery, and `fence` counts the claims.

How no copy goes unrecorded: a delivery can be claimed anew only after its last attempt was settled with an answer
that means "no copy", or after that attempt was recorded as in doubt.  So there are never more copies than
``1 + in_doubt``.
"""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)

from digest.model import (
    WAITING,
    Circle,
    Clock,
    Delivery,
    DeliveryState,
    EditionState,
    SubscriptionState,
    Tally,
    Wish,
    edition_key,
)
from digest.store import outcomes, thinning
from digest.store import waves as in_waves
from digest.store.batches import changes_all, listed, packed, rows_of
from digest.store.codec import to_text
from digest.store.editions import unfinished
from digest.store.lines import ASIDE, CLAIM, IN_LINE, QUEUED, SENDABLE, is_claim
from digest.store.recovery import Recovered, doubted_by_relay, expire, hold_strays, recover, release, retry
from digest.store.schema import Moment, deliveries, editions, insert_new_from, subscribers, subscriptions
from digest.store.settling import Settled, settle
from digest.store.suppressions import suppressed
from digest.store.waves import clocks

__all__ = [
    "DeliveryRow",
    "Recovered",
    "Settled",
    "attempt",
    "bring_forward",
    "by_clock",
    "by_variant",
    "claim",
    "clocks",
    "doubted_by_relay",
    "expire",
    "freeze",
    "gone",
    "hand_over",
    "hold_strays",
    "listing",
    "next_due",
    "owners",
    "prospective",
    "recover",
    "release",
    "retry",
    "settle",
    "tally",
    "unfinished",
    "untouched",
    "wishes",
]

_d = deliveries.c
_KEY = tuple_(_d.edition_id, _d.subscriber_id)
_SECTIONS = cast(subscriptions.c.sections, Text)  #: PostgreSQL neither groups by JSON nor compares it


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


def freeze(
    db: Connection,
    edition_id: int,
    circle: Circle,
    *,
    variant: str | Mapping[Wish, str],
    now: datetime,
    due_at: datetime | None = None,
    waves: Mapping[Clock, datetime] | None = None,
    over: Mapping[Clock, str] | None = None,
    late: Collection[Clock] = (),
) -> int:
    """Make a delivery, due now or at `due_at`, for everyone in the circle of this edition.

    How many there were; those that are there already stay as they are.

    Args:
        variant: The one that all get, or the one for each wish of `wishes`: who has another wish gets none.
        waves: When it is due for readers who gave this time zone and hour; for others `due_at`.
        over: Likewise, `Clock()` for the others, why the hour is over for too long: their deliveries expire at once.
        late: Likewise, who get the variant that says that it is late.
    """
    p, asked = subscribers.c, _asked(db, {} if isinstance(variant, str) else variant)
    waves, over = waves or {}, over or {}
    due = in_waves.due_at(waves, usual=due_at or now)
    columns: dict[str, ColumnElement[Any]] = {
        "edition_id": literal(edition_id),
        "subscriber_id": p.id,
        "uid": p.uid,
        "address": p.address,
        "variant": in_waves.variant(literal(variant) if isinstance(variant, str) else asked.c.variant, waves, late),
        "due_at": due,
        "dated_at": due,
        "state": in_waves.state(waves, over),
        "updated_at": literal(now, Moment),
    }
    audience = _audience(circle, now, *columns.values())
    if not isinstance(variant, str):
        audience = audience.where(p.language == asked.c.language, asked.c.sections == _SECTIONS)
    # Autovacuum looks only once a minute, and not at what a transaction has not committed.  Taken for nearly empty,
    # these tables would be joined with the wishes row by row.  And of two freezes at once the second waits here for the
    # end of the first (ANALYZE locks what it looks at, until then), and so sees who has another edition of the day.
    _look_at(db, subscriptions, subscribers)
    frozen = insert_new_from(db, deliveries, list(columns), audience)
    if over:
        in_waves.record_over(db, edition_id, waves, over, now=now)
    if frozen:
        _look_at(db, deliveries, editions)  # or each claim would sort all these new rows
    db.execute(update(editions).where(editions.c.id == edition_id).values(audience=editions.c.audience + frozen))
    return frozen


def _look_at(db: Connection, *tables: Table) -> None:
    """Have PostgreSQL count what is in these tables, for the plans of what comes next."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"ANALYZE {', '.join(one.name for one in tables)}"))


def wishes(db: Connection, circle: Circle, *, now: datetime) -> dict[Wish, int]:
    """What the readers of an edition ask for if it is frozen now, and how many each."""
    asked = (subscribers.c.language, _SECTIONS)
    found: dict[Wish, int] = {}
    for language, sections, count in db.execute(_audience(circle, now, *asked, func.count()).group_by(*asked)):
        wish = Wish(language=language, sections=tuple(json.loads(sections)))
        found[wish] = found.get(wish, 0) + count
    return found


def untouched(db: Connection, edition_id: int) -> int:
    """How many deliveries of an edition nobody has claimed yet."""
    query = select(func.count()).select_from(deliveries).where(_d.edition_id == edition_id, QUEUED, _d.fence == 0)
    return int(db.execute(query).scalar_one())


def hand_over(
    db: Connection,
    edition_id: int,
    newsletter: str,
    *,
    old: Sequence[str],
    new: str,
    wishes: Sequence[Wish],
    now: datetime,
) -> int:
    """Give another variant to whom was to get one of the `old` ones, has one of these wishes, and was not claimed yet.

    How many readers.  A copy that was ever claimed stays what it is, as it may have left.
    """
    s, p, asked = subscriptions.c, subscribers.c, _asked(db, dict.fromkeys(wishes, new))
    whose = select(p.id).join(subscriptions, s.subscriber_id == p.id).where(s.newsletter == newsletter)
    whose = whose.where(p.language == asked.c.language, asked.c.sections == _SECTIONS)
    mine = (_d.edition_id == edition_id, QUEUED, _d.fence == 0, _d.variant.in_(old), _d.subscriber_id.in_(whose))
    return db.execute(update(deliveries).where(*mine).values(variant=new, updated_at=now)).rowcount


def by_variant(db: Connection, edition_id: int) -> dict[str, int]:
    """How many deliveries each variant of an edition has, or had."""
    query = select(_d.variant, func.count()).where(_d.edition_id == edition_id).group_by(_d.variant)
    gone = [(one.variant, one.count) for one in thinning.sums(db, edition_id)]
    found = Counter[str]()
    for variant, count in (*db.execute(query), *gone):
        found[variant] += count
    return dict(sorted(found.items()))


def prospective(db: Connection, circle: Circle, *, now: datetime) -> int:
    """How many readers are in the circle of an edition, whatever sections they chose."""
    return int(db.execute(_audience(circle, now, func.count())).scalar_one())


def by_clock(db: Connection, circle: Circle, *, now: datetime) -> dict[Clock, int]:
    """How many readers in the circle of an edition gave each time zone and hour."""
    given = (subscribers.c.timezone, subscriptions.c.hour)
    query = _audience(circle, now, *given, func.count()).group_by(*given)
    return {Clock(zone=zone, hour=hour): count for zone, hour, count in db.execute(query)}


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
    only = [] if edition_id is None else [_d.edition_id == edition_id]
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
    doubted = func.count().filter(_d.in_doubt > 0)
    query = select(_d.state, func.count(), doubted, func.min(_d.due_at)).where(_d.edition_id == edition_id)
    rows = db.execute(query.group_by(_d.state)).all()
    audience = db.execute(select(editions.c.audience).where(editions.c.id == edition_id)).scalar_one_or_none()
    gone = thinning.sums(db, edition_id)
    states = Counter({DeliveryState(state): number for state, number, _, _ in rows})
    for one in gone:
        states[one.state] += one.count
    return Tally(
        audience=audience or 0,
        states=dict(states),
        in_doubt=sum(number for _, _, number, _ in rows) + sum(one.in_doubt for one in gone),
        next_due=min((due for state, _, _, due in rows if state in WAITING), default=None),
    )


def _audience(circle: Circle, now: datetime, *columns: ColumnElement[Any]) -> Select[Any]:
    """These columns of each subscriber in the circle, with the subscription."""
    s, p = subscriptions.c, subscribers.c
    both = select(*columns).join_from(subscribers, subscriptions, s.subscriber_id == p.id)
    theirs = _gets(circle, now) if circle.wave is None else _gets(circle, now) & in_waves.in_circle(circle)
    return both.where(theirs, ~suppressed(p.address_hash), ~_has_another(circle))


def _has_another(circle: Circle) -> ColumnElement[bool]:
    """In SQL, of a subscriber: is to get another edition of the day, as wish or clock changed between two freezes."""
    e = editions.c
    same_day = (e.newsletter == circle.newsletter) & (e.day == circle.day)
    another = or_(e.cadence != circle.cadence, e.wave != (circle.wave or 0))
    other = select(literal(1)).join_from(deliveries, editions, e.id == _d.edition_id)
    return other.where(same_day, another, _d.subscriber_id == subscribers.c.id).correlate(subscribers).exists()


def _asked(db: Connection, variants: Mapping[Wish, str]) -> CTE:
    """The variant of each wish, as it may be written in a subscription; readers who choose may have thousands."""
    rows = [(wish.language, spelt, name) for wish, name in variants.items() for spelt in _spellings(wish.sections)]
    return listed(db, rows, "language", "sections", "variant")


def _gets(circle: Circle, now: datetime) -> ColumnElement[bool]:
    """In SQL, of a subscription: confirmed, as often as these readers get mail, and not paused."""
    s = subscriptions.c
    asked = (s.newsletter == circle.newsletter) & s.frequency.in_(sorted(circle.frequencies))
    unpaused = or_(s.paused_until.is_(None), s.paused_until <= now)
    return asked & (s.state == SubscriptionState.CONFIRMED) & unpaused


def _spellings(sections: Sequence[str]) -> set[str]:
    """The list in JSON, as it is written today and as it was."""
    return {to_text(sections), json.dumps(sections)}


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
