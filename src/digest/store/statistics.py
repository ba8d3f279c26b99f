"""Editions and newsletters in, how they went out: counted by the database, and of nobody in particular."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from digest.model import Cadence, DeliveryState, Kind, Severity, SubscriptionState, edition_key
from digest.store import groups, thinning
from digest.store.schema import clicks, deliveries, editions, events, subscriptions
from digest.store.thinning import Sum

_c, _d, _e, _v, _s = clicks.c, deliveries.c, editions.c, events.c, subscriptions.c
BOUNCES = (Kind.BOUNCE, Kind.REFUSAL)


@dataclass(frozen=True, kw_only=True)
class EditionFigures:
    """How one edition went.  All are readers, but `clicks`."""

    edition: str  #: the key
    audience: int
    states: Mapping[str, int]  #: deliveries by state
    bounces: Mapping[str, int]  #: by severity; also what the mail server refused
    complaints: int
    left: int  #: unsubscribed after it, and before they got another; who complained is among them
    clicks: int  #: 0 also where none were counted
    thinned: int  #: of the deliveries, so many are only known as sums


@dataclass(frozen=True, kw_only=True)
class Month:
    """A newsletter from `start` up to the next month, in UTC."""

    start: date
    joined: int  #: confirmed, and not erased since
    left: int
    readers: int  #: at its end, or now


@dataclass(frozen=True, kw_only=True)
class Days:
    """How the readers of a newsletter came and went, by day in UTC; a day without is left out."""

    readers: int  #: now
    joined: Mapping[date, int]  #: confirmed, and not erased since
    left: Mapping[date, int]


def of_editions(
    db: Connection, *, newsletter: str | None = None, edition_id: int | None = None, limit: int = 14
) -> list[EditionFigures]:
    """Those that were approved, the newest first; of all newsletters, of one, or a single edition."""
    query = select(_e.id, _e.newsletter, _e.day, _e.cadence, _e.wave, _e.audience, _e.approved_at)
    query = query.where(_e.approved_at.is_not(None)).order_by(_e.day.desc(), _e.id.desc()).limit(limit)
    if newsletter is not None:
        query = query.where(_e.newsletter == newsletter)
    if edition_id is not None:
        query = query.where(_e.id == edition_id)
    found = db.execute(query).all()
    if not found:
        return []
    ids = [row.id for row in found]
    gone = thinning.sums_of(db, ids)
    states, bounces = _states(db, ids, gone), _bounces(db, ids, since=min(row.approved_at for row in found))
    complaints, left, opened = _complaints(db, ids), left_after(db, ids), _clicks(db, ids)
    return [
        EditionFigures(
            edition=edition_key(row.newsletter, row.day, Cadence(row.cadence), row.wave),
            audience=row.audience,
            states=states.get(row.id, {}),
            bounces=bounces.get(row.id, {}),
            complaints=complaints.get(row.id, 0),
            left=left.get(row.id, 0),
            clicks=opened.get(row.id, 0),
            thinned=sum(one.count for one in gone.get(row.id, ())),
        )
        for row in found
    ]


def of_months(db: Connection, newsletter: str, starts: Sequence[datetime]) -> list[Month]:
    """From each start up to the next; the last one is the end of the last month.

    Counted from the subscriptions there are: who was erased is in none, and who came back counts from then on.
    """
    was = and_(_s.newsletter == newsletter, _s.confirmed_at.is_not(None), _s.state != SubscriptionState.UNCONFIRMED)
    months = list(pairwise(starts))
    sums = [count for start, end in months for count in _month(start, end)]
    row = db.execute(select(*sums).where(was)).one()
    return [
        Month(start=start.date(), joined=row[at], left=row[at + 1], readers=row[at + 2])
        for at, (start, _) in zip(range(0, len(sums), 3), months, strict=True)
    ]


def of_days(db: Connection, newsletter: str, *, since: datetime) -> Days:
    """Counted as months are (`of_months`), but from indexes: in time with who came and went, and not with all."""
    mine = _s.newsletter == newsletter
    now = select(func.count()).where(mine, _s.state == SubscriptionState.CONFIRMED)
    joined, left = (_by_day(db, column, mine, since) for column in (_s.confirmed_at, _s.left_at))
    return Days(readers=int(db.execute(now).scalar_one()), joined=joined, left=left)


def _by_day(
    db: Connection, column: ColumnElement[datetime | None], mine: ColumnElement[bool], since: datetime
) -> dict[date, int]:
    day = groups.day(db, column).label("day")
    was = and_(_s.confirmed_at.is_not(None), _s.state != SubscriptionState.UNCONFIRMED)
    query = select(day, func.count()).where(mine, column >= since, was).group_by("day")
    return {groups.day_of(found): int(count) for found, count in db.execute(query)}


def _month(start: datetime, end: datetime) -> tuple[ColumnElement[int], ...]:
    def within(column: ColumnElement[datetime]) -> ColumnElement[bool]:
        return and_(column >= start, column < end)

    stayed = and_(_s.confirmed_at < end, or_(_s.left_at.is_(None), _s.left_at >= end))
    return _sum(within(_s.confirmed_at)), _sum(within(_s.left_at)), _sum(stayed)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _states(db: Connection, ids: Sequence[int], gone: Mapping[int, Sequence[Sum]]) -> dict[int, dict[str, int]]:
    query = select(_d.edition_id, _d.state, func.count()).where(_d.edition_id.in_(ids))
    found = _nested(db.execute(query.group_by(_d.edition_id, _d.state)).all())
    for edition_id, sums in gone.items():
        states = found.setdefault(edition_id, {})
        for one in sums:
            states[one.state] = states.get(one.state, 0) + one.count
    return found


def _bounces(db: Connection, ids: Sequence[int], *, since: datetime) -> dict[int, dict[str, int]]:
    """Readers, by the worst that came back: several messages may come about one copy.

    `since`: nothing can have come back before; the index of the log is by time.
    """
    ranked = [value for value in Severity if value is not Severity.NONE]
    worst = func.min(case(*((_v.severity == str(one), rank) for rank, one in enumerate(ranked)))).label("worst")
    each = (
        select(_v.edition_id, worst)
        .where(_v.at >= since, _v.edition_id.in_(ids), _v.kind.in_(BOUNCES), _v.severity != "")
        .group_by(_v.edition_id, _v.address_hash)
        .subquery()
    )
    query = select(each.c.edition_id, each.c.worst, func.count()).group_by(each.c.edition_id, each.c.worst)
    return _nested([(one, ranked[worst], count) for one, worst, count in db.execute(query)])


def _complaints(db: Connection, ids: Sequence[int]) -> dict[int, int]:
    query = select(_v.edition_id, func.count(_v.address_hash.distinct()))
    query = query.where(_v.edition_id.in_(ids), _v.kind == Kind.COMPLAINT).group_by(_v.edition_id)
    return {one: int(count) for one, count in db.execute(query)}


def left_after(db: Connection, ids: Sequence[int]) -> dict[int, int]:
    """By the last edition that each of those got who left: a link to leave does not say which mail it was in.

    Of an edition that is thinned, what was counted when that began.
    """
    got = and_(_d.edition_id == _e.id, _d.subscriber_id == _s.subscriber_id, _d.state == DeliveryState.SENT)
    last = (
        select(func.max(_e.id).label("edition"))
        .select_from(subscriptions)
        .join(editions, _e.newsletter == _s.newsletter)
        .join(deliveries, got)
        .where(_e.id >= min(ids), _s.state == SubscriptionState.UNSUBSCRIBED, _d.updated_at <= _s.left_at)
        .group_by(_s.subscriber_id, _s.newsletter)
        .subquery()
    )
    query = select(last.c.edition, func.count()).where(last.c.edition.in_(ids)).group_by(last.c.edition)
    return {one: int(count) for one, count in db.execute(query)} | thinning.left_after(db, ids)


def _clicks(db: Connection, ids: Sequence[int]) -> dict[int, int]:
    query = select(_c.edition_id, func.sum(_c.count)).where(_c.edition_id.in_(ids)).group_by(_c.edition_id)
    return {one: int(count) for one, count in db.execute(query)}


def _nested(rows: Sequence[Sequence[object]]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for edition_id, name, count in rows:
        found.setdefault(int(str(edition_id)), {})[str(name)] = int(str(count))
    return found
