"""Stored articles in; those that have been stored long enough lose their body text.  Their records stay."""

from collections.abc import Callable
from datetime import datetime, timedelta

from digest.config import Settings
from digest.store import articles
from digest.store.database import Database

BATCH = 500  #: articles that are changed in one transaction: an edition that is due must not wait for this


def prune(
    settings: Settings,
    database: Database,
    *,
    now: datetime,
    dry_run: bool = False,
    batch: int = BATCH,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Drop the bodies of articles that were first stored `articles.keep_body_days` ago; how many.

    Nothing where that is 0.  An article that was changed since keeps the day on which it was first stored.
    """
    days = settings.articles.keep_body_days
    if not days:
        return 0
    before = now - timedelta(days=days)
    dropped, last = 0, ""
    while not stopped():
        with database.read() as db:
            urls = articles.with_old_body(db, before=before, after=last, limit=batch)
        if not urls:
            break
        last = urls[-1]
        if not dry_run:
            with database.begin() as db:
                articles.drop_bodies(db, urls)
        dropped += len(urls)
    return dropped
