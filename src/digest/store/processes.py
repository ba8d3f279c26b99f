"""The processes that run, each as it said of itself last.  What a lock says of them: `store.owners`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from digest.store.schema import processes, upsert

SILENT = timedelta(minutes=2)  #: a process that has said nothing for so long counts as gone
FORGOTTEN = timedelta(days=1)

_p = processes.c


@dataclass(frozen=True, kw_only=True)
class Process:
    owner: str  #: its host, its number there, and chance
    roles: tuple[str, ...]  #: what works in it
    started_at: datetime
    seen_at: datetime


def seen(db: Connection, owner: str, roles: Sequence[str], *, started_at: datetime, now: datetime) -> None:
    """Write down that a process lives, and what works in it; forget those that are long gone."""
    row = {"owner": owner, "roles": ",".join(roles), "started_at": started_at, "seen_at": now}
    upsert(db, processes, [row], keep=["started_at"])
    db.execute(delete(processes).where(_p.seen_at < now - FORGOTTEN))


def gone(db: Connection, owner: str) -> None:
    db.execute(delete(processes).where(_p.owner == owner))


def running(db: Connection, *, now: datetime) -> list[Process]:
    """Who has been heard of lately, the oldest first."""
    query = select(processes).where(_p.seen_at > now - SILENT).order_by(_p.started_at, _p.owner)
    return [
        Process(
            owner=row.owner,
            roles=tuple(filter(None, row.roles.split(","))),
            started_at=row.started_at,
            seen_at=row.seen_at,
        )
        for row in db.execute(query)
    ]
