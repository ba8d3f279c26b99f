"""Files in, batches of marked articles and rejections out: read in a process of its own where there is much to read.

So one processor reads, checks and marks while the other writes.
"""

import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from digest.intake import files
from digest.model import Article, Marked, Rejection, Source
from digest.pipeline.apart import yielded
from digest.pipeline.marks import mark

BATCH = 5_000  #: articles that are stored in one transaction
BATCH_TEXT = 6_000_000  #: characters of body, after which a transaction is full: memory must not grow with the file
MUCH = 16 * 2**20  #: bytes of files, from which a second process is worth its start


@dataclass(frozen=True, kw_only=True)
class Batch:
    articles: tuple[Marked, ...]
    rejected: tuple[Rejection, ...]
    size: int = 0  #: bytes of files that were read for it


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What to read, and what `intake.files.read` has to know for it."""

    paths: Sequence[Path]
    source: Source | None
    now: datetime
    known: Mapping[str, Source]


def read(reading: Reading, *, much: int = MUCH) -> Generator[Batch, None, None]:
    """All that is in the files.  Closing the iterator ends the reading.

    Raises:
        DigestError: the process that reads has died.
    """
    if (os.cpu_count() or 1) > 1 and files.size(reading.paths) >= much:
        return yielded(_batches, reading)
    return _batches(reading)


def _batches(reading: Reading) -> Generator[Batch, None, None]:
    size = 0

    def count(step: int) -> None:
        nonlocal size
        size += step

    found = files.read(reading.paths, source=reading.source, now=reading.now, known=reading.known, progress=count)
    for batch in batched(found):
        yield replace(batch, size=size)
        size = 0


def batched(found: Iterable[Article | Rejection]) -> Generator[Batch, None, None]:
    """What was found, marked, in batches of one transaction each; the last may be empty."""
    articles: list[Article] = []
    rejected: list[Rejection] = []
    text = 0
    for one in found:
        if isinstance(one, Article):
            articles.append(one)
            text += len(one.body)
        else:
            rejected.append(one)
        if len(articles) + len(rejected) >= BATCH or text >= BATCH_TEXT:
            yield _batch(articles, rejected)
            articles, rejected, text = [], [], 0
    yield _batch(articles, rejected)


def _batch(articles: Iterable[Article], rejected: Iterable[Rejection]) -> Batch:
    # Marked one after the other, and not between parsing: a processor that stays with one job is a fifth faster.
    return Batch(articles=tuple(map(mark, articles)), rejected=tuple(rejected))
