"""The names that editions, subscriptions and slots refer to.  What a newsletter is, the settings say."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from digest.store.schema import insert_new, newsletters


def ensure(db: Connection, names: Iterable[str], *, now: datetime) -> None:
    """Make the newsletters known that are not."""
    insert_new(db, newsletters, [{"name": name, "created_at": now} for name in names])


def created(db: Connection, name: str) -> datetime:
    """Since when a newsletter is known, or its database restored: slots before that are not ours to take."""
    moment: datetime = db.execute(select(newsletters.c.created_at).where(newsletters.c.name == name)).scalar_one()
    return moment
