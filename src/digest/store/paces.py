"""How fast mail may go, row by row; who waits for it stands aside.

Claims within rates come one after the other, over all processes: each locks the row of all mail first.  So no turn is
given away twice, and no two claims wait for each other's rows.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    Connection,
    Row,
    Select,
    Text,
    Update,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    text,
    tuple_,
    update,
)

from digest.model import Delivery, DeliveryState, Pace, of_relay
from digest.store import destinations, groups
from digest.store.batches import packed, rows_of
from digest.store.lines import ASIDE, CLAIM, IN_LINE, SENDABLE, is_claim, of_edition
from digest.store.schema import Moment, deliveries, insert_new, paces, upsert

_d = deliveries.c


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What stands aside for a destination."""

    domain: str
    number: int
    since: datetime  #: the first of them


def _now() -> datetime:
    return datetime.now(UTC)


def clock(db: Connection, own: Callable[[], datetime] = _now) -> datetime:
    """The one clock that turns are counted by, whatever the machines of the workers think.

    `own`: this machine's, beside SQLite.
    """
    if db.dialect.name == "sqlite":
        return own()
    moment: datetime = db.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment


def lock(db: Connection, own: Callable[[], datetime] = _now) -> Pace:
    """That of all mail; to be called before any other is written."""
    query = select(paces).where(paces.c.domain == "").with_for_update()
    row = db.execute(query).one_or_none()
    if row is None:
        insert_new(db, paces, [asdict(Pace(domain="", at=clock(db, own)))])
        row = db.execute(query).one()
    return _pace(row)


def load(db: Connection, domains: Iterable[str]) -> dict[str, Pace]:
    """Of these domains, where one is known."""
    wanted = sorted(set(domains))
    if not wanted:
        return {}
    return {row.domain: _pace(row) for row in db.execute(select(paces).where(paces.c.domain.in_(wanted)))}


def slowed(db: Connection) -> dict[str, Pace]:
    """Of the domains that have been slowed down, or for which deliveries stand aside."""
    aside = select(_domains().c.domain).where(_domains().c.domain.is_not(None))
    query = select(paces).where(paces.c.domain != "", paces.c.rate.is_not(None) | paces.c.domain.in_(aside))
    return {row.domain: _pace(row) for row in db.execute(query)}


def shut_relays(db: Connection, names: Iterable[str], *, now: datetime) -> dict[str, Pace]:
    """Those of these relays, by name, that get no mail at the moment."""
    known = of_relays(db, names).items()
    return {name: one for name, one in known if one.shut_until is not None and now < one.shut_until}


def of_relays(db: Connection, names: Iterable[str]) -> dict[str, Pace]:
    """By name, where something is known of it."""
    keys = {of_relay(name): name for name in names if name}
    return {keys[key]: one for key, one in load(db, keys).items()}


def save(db: Connection, changed: Sequence[Pace]) -> None:
    upsert(db, paces, [asdict(one) for one in changed])


def forget(db: Connection, names: Iterable[str]) -> None:
    """Of what no mail goes to any more.  First of a transaction, as claims lock paces first as well."""
    lock(db)
    db.execute(delete(paces).where(paces.c.domain.in_(sorted(names))))


def reopen(db: Connection) -> None:
    """A person says that domains may be tried at once.  First of a transaction, as claims lock paces first as well."""
    lock(db)
    db.execute(update(paces).where(paces.c.shut_until.is_not(None)).values(shut_until=None))


def set_aside(db: Connection, claims: Sequence[tuple[Delivery, str]], *, now: datetime) -> None:
    """Queue claimed deliveries again, to wait for the pace of their domain.  No try of theirs is counted."""
    if claims:
        batch = packed([(*one.claim, domain) for one, domain in claims])
        db.execute(_set_aside(db.dialect.name), {"batch": batch, "moment": now})


def move_aside(
    db: Connection, names: Sequence[str], *, limit: int, now: datetime, apart: Collection[str] | None = None
) -> None:
    """Of the next `limit` in line, let those of these destinations wait for their pace: one statement for all of them.

    `apart`: domains that are destinations of their own; None: all are.
    """
    domain = groups.domain(db, _d.address)
    name = domain if apart is None else destinations.named(domain, apart)
    ahead = (
        select(_d.edition_id, _d.subscriber_id)
        .where(IN_LINE, _d.due_at <= now)
        .order_by(_d.due_at, _d.subscriber_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ahead")
    )
    moved = update(deliveries).where(tuple_(_d.edition_id, _d.subscriber_id).in_(select(ahead)), name.in_(names))
    db.execute(moved.values(aside=name, updated_at=now))


def first_due(db: Connection, *, edition_id: int | None = None) -> dict[str, datetime]:
    """When the first delivery that may go is due, of each domain for which some stand aside."""
    query, values = _first_due(edition_id is None), {} if edition_id is None else {"only": edition_id}
    return {row.domain: row.due_at for row in db.execute(query, values) if row.due_at is not None}


def waiting(db: Connection) -> list[Waiting]:
    """The domains for which deliveries stand aside; most first."""
    query = select(_d.aside, func.count(), func.min(_d.updated_at)).where(ASIDE).group_by(_d.aside)
    found = [Waiting(domain=domain, number=number, since=since) for domain, number, since in db.execute(query)]
    return sorted(found, key=lambda one: (-one.number, one.domain))


@cache
def _domains() -> CTE:
    """The domains for which deliveries stand aside: one step in the index for each, and not one for each delivery."""
    one, other = deliveries.alias("one"), deliveries.alias("other")
    first = select(func.min(one.c.aside).label("domain")).where(*_stands_aside(one)).cte("aside", recursive=True)
    following = select(func.min(other.c.aside)).where(*_stands_aside(other), other.c.aside > first.c.domain)
    return first.union_all(select(following.scalar_subquery()).where(first.c.domain.is_not(None)))


@cache
def _first_due(every: bool) -> Select[Any]:
    found = _domains()
    only = [] if every else [of_edition(bindparam("only"))]
    first = select(_d.due_at).where(ASIDE, _d.aside == found.c.domain, SENDABLE, *only)
    first = first.order_by(_d.due_at, _d.subscriber_id).limit(1)
    return select(found.c.domain, first.scalar_subquery().label("due_at")).where(found.c.domain.is_not(None))


def _stands_aside(table: Any) -> tuple[Any, Any]:
    return table.c.state == literal_column("'queued'"), table.c.aside != literal_column("''")


@cache
def _set_aside(dialect: str) -> Update:
    batch = rows_of(dialect, {**CLAIM, "domain": Text}).c
    moment = bindparam("moment", type_=Moment)
    return (
        update(deliveries)
        .where(is_claim(batch))
        .where(_d.state == literal_column("'claimed'"))
        .values(state=DeliveryState.QUEUED, owner="", aside=batch.domain, due_at=moment, updated_at=moment)
    )


def _pace(row: Row[Any]) -> Pace:
    return Pace(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
