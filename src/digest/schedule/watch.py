"""Settings, a database and a moment in; the operator is told what there is to see to: once, and when it is over."""

import asyncio
import shutil
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.alerts import EditionSeen, Seen, SlotSeen, decide
from digest.config import Settings
from digest.model import EditionState
from digest.pipeline.seeing import flow
from digest.schedule.coming import coming
from digest.store import alerts, backup, deliveries, editions, figures, slots, sources
from digest.store.alerts import Standing
from digest.store.database import Database
from digest.worker.telling import tell

REMEMBERED = timedelta(days=1)  #: how long a slot that came to nothing is something to see to


async def watch(settings: Settings, database: Database, *, now: datetime) -> list[Standing]:
    """Look once, and tell what has to be told; what reached the operator.  Of a copy of another database nothing."""
    due = await asyncio.to_thread(_update, settings, database, now)
    reached = [one for one in due if await tell(settings, database, one, now=now)]
    if reached:
        await asyncio.to_thread(_told, database, reached, now)
    return reached


def _update(settings: Settings, database: Database, now: datetime) -> list[Standing]:
    with database.read() as db:
        if backup.unreleased(db):
            return []
    found = decide(look(settings, database, now=now), settings.alerts, now=now)
    with database.begin() as db:
        alerts.update_all(db, {one.key: (one.what, one.advice) for one in found}, now=now)
        return alerts.claim(db, now=now)


def _told(database: Database, reached: list[Standing], now: datetime) -> None:
    with database.begin() as db:
        for one in reached:
            alerts.told(db, one, now=now)


def look(settings: Settings, database: Database, *, now: datetime) -> Seen:
    """The state of things."""
    polled = {one.name for one in settings.sources if one.url}
    with database.read() as db:
        return Seen(
            slots=tuple(SlotSeen(**row) for row in slots.since(db, since=now - REMEMBERED)),
            reviews=tuple(_reviews(settings, db, now)),
            going=tuple(
                EditionSeen(edition=one, tally=deliveries.tally(db, one.id), due=flow(db, one.id, now=now).due)
                for one in editions.unfinished(db)
            ),
            newest=tuple(
                EditionSeen(edition=one, tally=deliveries.tally(db, one.id)) for one in figures.newest_editions(db)
            ),
            sources=tuple(one for one in sources.health(db, now=now) if one.source.name in polled),
            disk_free=shutil.disk_usage(database.path.parent).free if database.path else None,
            backup_at=backup.last(db),
            backups_since=figures.in_use_since(db) if database.path else None,
        )


def _reviews(settings: Settings, db: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """What an editor has to approve yet, of the next slots."""
    due = [one for one in coming(settings, db, now=now) if settings.newsletters[one.newsletter].review == "required"]
    found = [(one, editions.get(db, one.key)) for one in due]
    return [(one.key, one.due_at) for one, there in found if there is None or there.state is EditionState.DRAFT]
