"""Where the mail for each domain of readers goes, row by row, as DNS said when it was asked last."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, delete, func, select

from digest.model import SubscriptionState
from digest.store import groups
from digest.store.batches import batches, insert_missing
from digest.store.schema import among, destinations, subscribers, subscriptions, upsert

_t = destinations.c


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a domain."""

    domain: str
    destination: str  #: the domain itself, where DNS knows no other
    looked_at: datetime | None = None  #: when DNS answered last
    due_at: datetime  #: when it is asked again


@dataclass(frozen=True, kw_only=True)
class Roster:
    """How much is known."""

    domains: int  #: of readers
    looked_up: int  #: of these, those of which DNS said something
    unanswered: int  #: those that were asked about, and no name server had an answer yet
    destinations: int  #: where they go, all together


def of(db: Connection, domains: Iterable[str]) -> dict[str, str]:
    """Of these domains, where it is known, by one statement."""
    wanted = sorted(domains)
    query = select(_t.domain, _t.destination).where(among(db, _t.domain, wanted))
    return {row.domain: row.destination for row in db.execute(query)} if wanted else {}


def named(domain: ColumnElement[str], apart: Collection[str]) -> ColumnElement[str]:
    """In SQL: the destination of a domain; itself where it is unknown, or `apart`."""
    found = select(_t.destination).where(_t.domain == domain).scalar_subquery()
    return case((domain.in_(sorted(apart)), domain), else_=func.coalesce(found, domain))


def of_readers(db: Connection) -> dict[str, int]:
    """The domains of confirmed readers, and how many readers each has.  Walks through all of them."""
    s, p = subscriptions.c, subscribers.c
    confirmed = select(s.subscriber_id).where(s.state == SubscriptionState.CONFIRMED)
    domain = groups.domain(db, p.address).label("domain")
    query = select(domain, func.count()).where(p.id.in_(confirmed), p.address != "").group_by("domain")
    return {name: count for name, count in db.execute(query) if name}


def known(db: Connection) -> list[Known]:
    return [Known(**row) for row in db.execute(select(destinations).order_by(_t.domain)).mappings()]


def due(db: Connection, *, now: datetime, limit: int) -> list[Known]:
    """Those to be asked about, who wait longest first."""
    query = select(destinations).where(_t.due_at <= now).order_by(_t.due_at, _t.domain).limit(limit)
    return [Known(**row) for row in db.execute(query).mappings()]


def add(db: Connection, domains: Iterable[str], *, now: datetime) -> None:
    """Those that are not there yet, each on its own and due to be asked about."""
    names = list(domains)
    insert_missing(db, destinations, {"domain": names, "destination": names, "due_at": [now] * len(names)})


def save(db: Connection, rows: Sequence[Known]) -> None:
    upsert(db, destinations, [asdict(one) for one in rows])


def drop(db: Connection, domains: Sequence[str]) -> None:
    for some in batches(domains):
        db.execute(delete(destinations).where(_t.domain.in_(some)))


def unused(db: Connection, names: Collection[str]) -> list[str]:
    """Of these names those that are no domain of readers and no destination of any."""
    found = db.execute(select(_t.domain).where(among(db, _t.domain, sorted(names)))).scalars()
    meant = db.execute(select(_t.destination).where(among(db, _t.destination, sorted(names))).distinct()).scalars()
    return sorted({*names} - {*found} - {*meant})


def sizes(db: Connection, names: Collection[str]) -> dict[str, int]:
    """How many domains of readers go to each of these destinations."""
    query = select(_t.destination, func.count().label("size")).where(among(db, _t.destination, sorted(names)))
    return {row.destination: row.size for row in db.execute(query.group_by(_t.destination))}


def roster(db: Connection, *, now: datetime) -> Roster:
    silent = func.count().filter(_t.looked_at.is_(None), _t.due_at > now)
    counts = func.count(), func.count(_t.looked_at), silent, func.count(_t.destination.distinct())
    domains, looked_up, unanswered, places = db.execute(select(*counts)).one()
    return Roster(domains=domains, looked_up=looked_up, unanswered=unanswered, destinations=places)
