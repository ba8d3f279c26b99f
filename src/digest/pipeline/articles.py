"""Files and web addresses in, stored articles out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

from digest.config import Settings
from digest.intake import files
from digest.intake.identity import collapse
from digest.intake.origin import Origin
from digest.model import Article, Rejection, Source
from digest.pipeline import addresses as web_addresses
from digest.store import articles, sources
from digest.store.database import Database

BATCH = 1_000  #: articles that are stored in one transaction
BATCH_TEXT = 4_000_000  #: characters of body, after which a transaction is full: memory must not grow with the file


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
) -> Imported:
    """Take in files and folders, then what is at web addresses.  `progress` is told the bytes of files of each step.

    Each step is one transaction.  Stopped at any moment, all but the last step is stored, and the same call goes on
    from there: what is known already is passed over.
    """
    known = configured_sources(settings)
    chosen = known.get(source, Source(name=source)) if source else None
    read = stored = updated = duplicate = 0

    def count(size: int) -> None:
        nonlocal read
        read += size

    found = chain(
        files.read(paths, source=chosen, now=now, known=known, progress=count),
        web_addresses.read(settings.fetch, addresses, Origin(path="", now=now, source=chosen, known=known)),
    )
    rejected: list[Rejection] = []
    for batch in _batches(found):
        taken = [one for one in batch if isinstance(one, Article)]
        good = collapse(taken)
        rejected += [one for one in batch if isinstance(one, Rejection)]
        with database.begin() as db:
            sources.seen(db, _sources_of(good, known), now=now)
            result = articles.put(db, good, now=now)
        stored, updated = stored + len(result.new), updated + len(result.updated)
        duplicate += result.duplicate + len(taken) - len(good)
        progress(read)
        read = 0
    progress(read)
    return Imported(stored=stored, updated=updated, duplicate=duplicate, rejected=tuple(rejected))


def _batches(found: Iterator[Article | Rejection]) -> Iterator[list[Article | Rejection]]:
    batch: list[Article | Rejection] = []
    text = 0
    for one in found:
        batch.append(one)
        text += len(one.body) if isinstance(one, Article) else 0
        if len(batch) >= BATCH or text >= BATCH_TEXT:
            yield batch
            batch, text = [], 0
    if batch:
        yield batch


def _sources_of(batch: Sequence[Article], known: Mapping[str, Source]) -> list[Source]:
    names = sorted({article.source for article in batch})
    return [known.get(name, Source(name=name)) for name in names]
