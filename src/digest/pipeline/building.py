"""Ranked stories in, a draft edition out."""

import logging
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from digest.config import Newsletter, Settings, local_day, pick_newsletter
from digest.edition import cadences
from digest.edition.compose import compose
from digest.edition.markets import parse as parse_markets
from digest.errors import DigestError
from digest.model import Cadence, Edition, EditionStatus, Markets
from digest.pipeline import pictures
from digest.pipeline.ranking import Ranking, rank
from digest.store import editions, newsletters
from digest.store.database import Database

log = logging.getLogger(__name__)


def draft(
    settings: Settings,
    database: Database,
    name: str | None = None,
    *,
    at: datetime,
    cadence: Cadence = Cadence.DAILY,
    day: date | None = None,
) -> tuple[Edition, Ranking]:
    """The edition as it would be now, and the ranking it comes from.  Nothing is stored.

    `day`: the local date it is for; without it, that of `at` where the newsletter is at home.
    """
    name, newsletter = pick_newsletter(settings, name)
    day = day or local_day(newsletter, at)
    ranking = rank(settings, database, name, at=at, cadence=cadence, day=day)
    edition = compose(
        ranking.selection,
        newsletter=name,
        settings=newsletter,
        site=settings.site,
        day=day,
        cadence=cadence,
        week=_week(newsletter, cadence, ranking),
        now=at,
        markets=_markets(newsletter.markets_csv),
    )
    return edition, ranking


def build(
    settings: Settings,
    database: Database,
    name: str | None = None,
    *,
    at: datetime,
    due_at: datetime | None = None,
    cadence: Cadence = Cadence.DAILY,
    day: date | None = None,
) -> EditionStatus:
    """Make or refresh the draft of the day for readers of a cadence.

    Raises:
        Refused: the edition of that day is no draft any more.
    """
    edition, ranking = draft(settings, database, name, at=at, cadence=cadence, day=day)
    edition, faults = pictures.keep(settings, edition)
    for one in faults:
        log.warning("a picture stays where it is: %s: %s", urlsplit(one.path).hostname, one.error)
    with database.begin() as db:
        newsletters.ensure(db, settings.newsletters, now=at)
        return editions.save_draft(db, edition, ranking.selection.chosen, due_at=due_at)


def _week(newsletter: Newsletter, cadence: Cadence, ranking: Ranking) -> tuple[date, date] | None:
    if cadence is not Cadence.WEEKLY:
        return None
    return cadences.week(newsletter, start=ranking.start, end=ranking.at)


def _markets(path: Path | None) -> Markets | None:
    if path is None:
        return None
    try:
        text, changed = path.read_text(encoding="utf-8"), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, UnicodeDecodeError) as error:
        raise DigestError(f"{path}: {error}; mend the file or take markets_csv out of the configuration") from None
    found, rejected = parse_markets(text, as_of=changed)
    for one in rejected:
        log.warning("%s, %s: %s", path, one.where, one.error)
    return found
