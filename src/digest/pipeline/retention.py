"""What has been kept long enough in: body texts of articles are dropped, deliveries of editions thinned to sums."""

from collections.abc import Callable
from datetime import datetime, timedelta

from digest.config import Settings
from digest.store import articles, editions, statistics, thinning
from digest.store.database import Database

BATCH = 500  #: articles that are changed in one transaction: an edition that is due must not wait for this
ROWS = 2000  #: deliveries that are thinned in one


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


def thin(
    settings: Settings,
    database: Database,
    *,
    now: datetime,
    dry_run: bool = False,
    batch: int = ROWS,
    stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Make sums of the deliveries of editions that ended `deliveries.keep_days` ago; how many.

    Nothing where that is 0.
    """
    days = settings.deliveries.keep_days
    if not days:
        return 0
    with database.read() as db:
        ids = thinning.due(db, before=now - timedelta(days=days))
        if dry_run:
            return thinning.waiting(db, ids)
    return sum(_thin(database, edition_id, now, batch, stopped) for edition_id in ids)


def _thin(database: Database, edition_id: int, now: datetime, batch: int, stopped: Callable[[], bool]) -> int:
    done = 0
    while not stopped():
        with database.begin() as db:
            editions.lock(db, edition_id)  # several processes do this once a day
            if thinning.begun(db, edition_id) is None:
                left = statistics.left_after(db, [edition_id]).get(edition_id, 0)
                thinning.begin(db, edition_id, left=left, now=now)
            number = thinning.thin(db, edition_id, most=batch)
        done += number
        if number < batch:
            break
    return done
