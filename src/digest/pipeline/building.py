"""Ranked stories in, a draft edition out."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from digest.config import Newsletter, Settings
from digest.edition import cadences
from digest.edition.compose import compose
from digest.edition.markets import parse as parse_markets
from digest.edition.replay import Edits, Replayed
from digest.edition.select import Selection
from digest.errors import DigestError
from digest.model import Cadence, Decided, Edition, EditionStatus, Markets
from digest.pipeline import pictures
from digest.pipeline.ranking import Ranking, rank, rules
from digest.store import editions, newsletters, operations
from digest.store.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An edition as it would be now, and what it comes from."""

    edition: Edition  #: as its editors want it
    automatic: Edition  #: without them
    ranking: Ranking
    replayed: Replayed
    decided: tuple[Decided, ...] = ()  #: all there were, the undone ones too
    revision: int = 0  #: up to which of them


def draft(
    settings: Settings,
    database: Database,
    name: str | None = None,
    *,
    at: datetime,
    cadence: Cadence = Cadence.DAILY,
    day: date | None = None,
) -> Draft:
    """The edition as it would be now, with what editors decided about it.  Nothing is stored.

    `day`: the local date it is for; without it, that of `at` where the newsletter is at home.
    """
    ranking = rank(settings, database, name, at=at, cadence=cadence, day=day)
    return redraft(settings, database, ranking, ranking.key)


def redraft(settings: Settings, database: Database, ranking: Ranking, key: str) -> Draft:
    """As `draft`, of an edition whose articles have been ranked already: what was decided since is replayed."""
    with database.read() as db:
        status = editions.get(db, key)
        decided = operations.of(db, status.id) if status else ()
        revision = operations.revision(db, status.id) if status else 0
    return draft_of(settings, ranking, decided, revision=revision)


def draft_of(
    settings: Settings,
    ranking: Ranking,
    decided: tuple[Decided, ...],
    *,
    revision: int,
    automatic: Edition | None = None,
) -> Draft:
    """The edition that a ranking and these decisions make.

    Args:
        settings: For the newsletter, and for where its markets are read.
        ranking: Of the newsletter.
        decided: All there were, the undone ones too.
        revision: Up to which of them.
        automatic: What the ranking makes without them, where that is known.
    """
    replayed = replay_over(settings, ranking, decided)
    markets = _markets(settings.newsletters[ranking.newsletter].markets_csv)
    return Draft(
        edition=_composed(settings, ranking, replayed.selection, markets, edits=replayed.edits),
        automatic=automatic or _composed(settings, ranking, ranking.selection, markets),
        ranking=ranking,
        replayed=replayed,
        decided=decided,
        revision=revision,
    )


def replay_over(settings: Settings, ranking: Ranking, decided: Iterable[Decided]) -> Replayed:
    """What was decided about an edition, applied over a ranking of its newsletter."""
    return ranking.replayed(decided, rules(settings.newsletters[ranking.newsletter]))


def build(
    settings: Settings,
    database: Database,
    name: str | None = None,
    *,
    at: datetime,
    due_at: datetime | None = None,
    cadence: Cadence = Cadence.DAILY,
    day: date | None = None,
    wave: int | None = None,
) -> EditionStatus:
    """Make or refresh the draft of the day for readers of a cadence, with what editors decided about it.

    `wave`: for which alone, as `rank` has it.

    Raises:
        Refused: the edition of that day is no draft any more.
    """
    ranking = rank(settings, database, name, at=at, cadence=cadence, day=day, wave=wave)
    key = ranking.key
    status, _ = save(settings, database, redraft(settings, database, ranking, key), due_at=due_at)
    for one in status.verdicts:
        if one.is_conflict:
            log.warning("%s: decision %d does not hold: %s", key, one.number, one.sentence)
    return status


def save(
    settings: Settings, database: Database, made: Draft, *, due_at: datetime | None = None
) -> tuple[EditionStatus, Draft]:
    """Store a draft; what is decided meanwhile is replayed first, so that nothing overtakes it.

    Raises:
        Refused: the edition of that day is no draft any more.
    """
    while True:
        edition, faults = pictures.keep(settings, made.edition)
        for one in faults:
            log.warning("a picture stays where it is: %s: %s", urlsplit(one.path).hostname, one.error)
        if (status := _save(settings, database, replace(made, edition=edition), due_at)) is not None:
            return status, made
        made = redraft(settings, database, made.ranking, made.edition.key)


def _save(settings: Settings, database: Database, made: Draft, due_at: datetime | None) -> EditionStatus | None:
    """None where something was decided since it was made."""
    with database.begin() as db:
        newsletters.ensure(db, settings.newsletters, now=made.ranking.at)
        there = editions.get(db, made.edition.key)
        if there and operations.revision(db, editions.lock(db, there.id).id) != made.revision:
            return None
        return editions.save_draft(
            db,
            made.edition,
            made.replayed.selection.chosen,
            due_at=due_at,
            automatic=made.automatic if made.replayed.verdicts else None,
            revision=made.revision,
            verdicts=made.replayed.verdicts,
        )


def _composed(
    settings: Settings, ranking: Ranking, selection: Selection, markets: Markets | None, *, edits: Edits | None = None
) -> Edition:
    newsletter = settings.newsletters[ranking.newsletter]
    return compose(
        selection,
        newsletter=ranking.newsletter,
        settings=newsletter,
        site=settings.site,
        day=ranking.day,
        cadence=ranking.cadence,
        wave=ranking.wave,
        week=_week(newsletter, ranking),
        now=ranking.at,
        markets=markets,
        edits=edits,
    )


def _week(newsletter: Newsletter, ranking: Ranking) -> tuple[date, date] | None:
    if ranking.cadence is not Cadence.WEEKLY:
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
