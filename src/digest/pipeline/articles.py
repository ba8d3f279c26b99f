"""Files and web addresses in, stored articles out."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from digest.config import Settings
from digest.intake.origin import Origin
from digest.model import Marked, Rejection, Source
from digest.pipeline import addresses as web_addresses
from digest.pipeline import background
from digest.pipeline.reading import MUCH, Reading, batched, read
from digest.pipeline.storing import Effort, fill_keys, put
from digest.store import sources
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of all that was read: ``read = stored + updated + duplicate + len(rejected)``."""

    stored: int
    updated: int
    duplicate: int
    rejected: tuple[Rejection, ...]

    @property
    def read(self) -> int:
        return self.stored + self.updated + self.duplicate + len(self.rejected)


def configured_sources(settings: Settings) -> dict[str, Source]:
    """The sources of the configuration by name."""
    return {
        one.name: Source(name=one.name, url=one.url, section=one.section, weight=one.weight, role=one.role)
        for one in settings.sources
    }


def import_paths(
    settings: Settings,
    database: Database,
    paths: Sequence[Path],
    *,
    addresses: Sequence[str] = (),
    source: str | None = None,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
    much: int = MUCH,
) -> Imported:
    """Take in files and folders, then what is at web addresses.  `progress` is told the bytes of files of each step.

    Each step is one transaction.  Stopped at any moment, all but the last step is stored, and the same call goes on
    from there: what is known already is passed over.  From `much` bytes on a second process does the reading.
    """
    known = configured_sources(settings)
    chosen = known.get(source, Source(name=source)) if source else None
    fill_keys(database)
    effort = Effort()
    stored = updated = duplicate = 0
    rejected: list[Rejection] = []
    origin = Origin(path="", now=now, source=chosen, known=known)
    with (
        database.in_bulk(),
        closing(read(Reading(paths=paths, source=chosen, now=now, known=known), much=much)) as files,
        closing(batched(web_addresses.read(settings.fetch, addresses, origin))) as web,
    ):
        for batch in chain(files, web):
            with database.begin() as db:
                # In this order, as polling does: what waits for its turn to store must not hold a source.
                result = put(db, batch.articles, now=now, effort=effort)
                sources.seen(db, _sources_of(batch.articles, known), now=now)
            stored, updated = stored + len(result.new), updated + len(result.updated)
            duplicate += result.duplicate
            rejected += batch.rejected
            progress(batch.size)
    background.learn(database, now=now)
    return Imported(stored=stored, updated=updated, duplicate=duplicate, rejected=tuple(rejected))


def _sources_of(batch: Sequence[Marked], known: Mapping[str, Source]) -> list[Source]:
    names = sorted({one.article.source for one in batch})
    return [known.get(name, Source(name=name)) for name in names]
