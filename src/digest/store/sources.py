"""The sources that are known, whether configured or named by an import."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, select

from digest.model import Role, Source
from digest.store.schema import sources, upsert


def seen(db: Connection, items: Sequence[Source], *, now: datetime) -> None:
    """Remember the sources, with what is said of them now."""
    by_name = {item.name: asdict(item) | {"first_seen": now, "last_seen": now} for item in items}
    upsert(db, sources, list(by_name.values()), keep=["first_seen"])


def all_sources(db: Connection) -> list[Source]:
    """Ordered by name."""
    columns = (sources.c.name, sources.c.url, sources.c.section, sources.c.weight, sources.c.role)
    return [
        Source(name=row.name, url=row.url, section=row.section, weight=row.weight, role=Role(row.role))
        for row in db.execute(select(*columns).order_by(sources.c.name))
    ]
