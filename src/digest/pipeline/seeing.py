"""A database in, how an edition goes out."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from digest.outbox.pace import LATELY, Flow, Retry
from digest.store import figures


def flow(db: Connection, edition_id: int, *, now: datetime) -> Flow:
    """What of an edition has gone of late, goes and waits."""
    counts: dict[str, Any] = figures.counted(db, edition_id, now=now, since=now - LATELY)
    tried = figures.retries(db, edition_id, now=now)
    waits = tuple(Retry(code=code, count=count, next_at=moment) for code, count, moment in tried)
    return Flow(**counts, retries=waits)
