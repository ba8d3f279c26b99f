"""The sources that are known, whether configured or named by an import; what is remembered of those that are polled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, case, func, select, update

from digest.model import Health, Memory, Role, Source
from digest.store import groups
from digest.store.schema import articles, sources, upsert

WEEK = 7  #: days over which articles a day are counted

_SOURCE = [sources.c[field.name] for field in fields(Source)]
#: A field of `Memory` and its column, where they differ.
_NAMES = {"source": "name", "url": "polled_url", "next_at": "next_fetch_at"}
_MEMORY = {field.name: sources.c[_NAMES.get(field.name, field.name)] for field in fields(Memory)}


def seen(db: Connection, items: Sequence[Source], *, now: datetime) -> None:
    """Remember the sources, with what is said of them now."""
    by_name = {item.name: asdict(item) | {"first_seen": now, "last_seen": now} for item in items}
    # In one order, so that two at once cannot wait for each other.
    upsert(db, sources, [by_name[name] for name in sorted(by_name)], keep=["first_seen"])


def all_sources(db: Connection) -> list[Source]:
    """Ordered by name."""
    return [_source(row) for row in db.execute(select(*_SOURCE).order_by(sources.c.name))]


def memories(db: Connection, names: Iterable[str], *, lock: bool = False) -> dict[str, Memory]:
    """By name; of one that nobody has seen it is empty.  `lock`: nobody else changes them in this transaction."""
    query = select(*_MEMORY.values()).order_by(sources.c.name)
    known = {row.name: _memory(row) for row in db.execute(query.with_for_update() if lock else query)}
    return {name: known.get(name, Memory(source=name)) for name in names}


def polled(db: Connection) -> list[Memory]:
    """What is remembered of the sources that have been polled, by name."""
    query = select(*_MEMORY.values()).where(sources.c.polled_url != "").order_by(sources.c.name)
    return [_memory(row) for row in db.execute(query)]


def remember(db: Connection, items: Sequence[Memory]) -> None:
    """Write down what is to be remembered of sources that have been `seen`."""
    if not items:
        return
    values: dict[Any, Any] = {column: bindparam(f"new_{name}") for name, column in _MEMORY.items() if name != "source"}
    rows = [{f"new_{name}": value for name, value in asdict(item).items()} for item in items]
    db.execute(update(sources).where(sources.c.name == bindparam("new_source")).values(values), rows)


def give_back(db: Connection, due: Mapping[str, datetime | None], *, claimed: datetime) -> None:
    """Sources that were claimed until then, and not polled, are due when they were before."""
    mine = (sources.c.name == bindparam("given")) & (sources.c.next_fetch_at == claimed)
    rows = [{"given": name, "moment": moment} for name, moment in due.items()]
    if rows:
        db.execute(update(sources).where(mine).values(next_fetch_at=bindparam("moment")), rows)


def health(db: Connection, *, now: datetime) -> list[Health]:
    """Of each source, ordered by name."""
    counts = {row.source: row for row in db.execute(_counts(now))}
    found = db.execute(select(sources).order_by(sources.c.name))
    return [_health(row, counts.get(row.name)) for row in found]


def newest(db: Connection, names: Sequence[str], *, now: datetime) -> dict[str, datetime]:
    """When the newest article of each source was published, where it has one: a look into the index for each."""
    mine = and_(articles.c.source == sources.c.name, articles.c.published <= now)
    last = select(func.max(articles.c.published)).where(mine).scalar_subquery()
    rows = db.execute(select(sources.c.name, last.label("last")).where(sources.c.name.in_(names)))
    return {row.name: row.last for row in rows if row.last}


def by_day(db: Connection, names: Sequence[str], *, since: datetime, now: datetime) -> dict[str, dict[date, int]]:
    """How many articles each source published on a day in UTC; a day without is left out."""
    a, day = articles.c, groups.day(db, articles.c.published).label("day")
    query = select(a.source, day, func.count()).where(a.source.in_(names), a.published.between(since, now))
    found: dict[str, dict[date, int]] = {}
    for name, when, count in db.execute(query.group_by(a.source, "day")):
        found.setdefault(name, {})[groups.day_of(when)] = count
    return found


def _counts(now: datetime) -> Any:
    lately = case((articles.c.published.between(now - timedelta(days=WEEK), now), 1))
    return select(
        articles.c.source,
        func.count().label("stored"),
        func.count(lately).label("lately"),
        func.min(articles.c.published).label("oldest"),
        func.max(articles.c.published).label("newest"),
    ).group_by(articles.c.source)


def _health(row: Row[Any], counted: Row[Any] | None) -> Health:
    source, memory = _source(row), _memory(row)
    if counted is None:
        return Health(source=source, memory=memory)
    return Health(
        source=source,
        memory=memory,
        stored=counted.stored,
        per_day=counted.lately / WEEK,
        oldest=counted.oldest,
        newest=counted.newest,
    )


def _source(row: Row[Any]) -> Source:
    return Source(name=row.name, url=row.url, section=row.section, weight=row.weight, role=Role(row.role))


def _memory(row: Row[Any]) -> Memory:
    return Memory(**{name: getattr(row, column.name) for name, column in _MEMORY.items()})
