"""Files and folders in, articles and rejections out.  The file input of intake: the parsers below it are pure.

They run in this process: a file was chosen by who imports it, the parsers have caps, and a folder of small pages would
take up to half as long again in processes of their own (`bench/bench_confine.py`).
"""

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from digest.intake import feed, jsonl, page, scraped, sitemap
from digest.intake.kinds import SNIFFED, Kind, sniff
from digest.intake.origin import Origin
from digest.model import Article, Rejection, Source

MAX_FILE = 20 * 1024 * 1024  #: bytes; a file of JSON lines may be longer, as only a line of it is held at a time

_SUFFIXES = {
    ".jsonl": Kind.JSONL, ".ndjson": Kind.JSONL,
    ".xml": Kind.FEED, ".rss": Kind.FEED, ".atom": Kind.FEED, ".rdf": Kind.FEED, ".json": Kind.FEED,
    ".html": Kind.PAGE, ".htm": Kind.PAGE, ".xhtml": Kind.PAGE,
    ".txt": Kind.SCRAPED,
}  # fmt: skip


def read(
    paths: Path | Sequence[Path],
    *,
    source: Source | None = None,
    now: datetime,
    known: Mapping[str, Source] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Article | Rejection]:
    """The articles of files and of all files in folders, in sorted order; what is hidden (``.name``) is left out.

    Nothing stops the rest: what cannot be read or understood is a rejection with its place.

    Args:
        paths: files or folders.
        source: overrides what the files say of their source.
        now: for articles without a date, and for dates too far ahead.
        known: sources by name, for the section of articles that have none.
        progress: is told of the bytes that each step has read; they add up to `size`.
    """
    for given in [paths] if isinstance(paths, Path) else paths:
        for path in _walk(given):
            origin = Origin(path=_printable(path), now=now, source=source, known=known or {})
            try:
                yield from _read(path, origin, progress)
            except OSError as error:
                yield origin.rejection("", (error.strerror or "cannot be read").lower())


def size(paths: Sequence[Path]) -> int:
    """Bytes in files and in all files in folders."""
    total = 0
    for path in (path for given in paths for path in _walk(given)):
        with contextlib.suppress(OSError):
            state = path.stat()
            total += state.st_size if stat.S_ISREG(state.st_mode) else 0
    return total


def _walk(path: Path) -> Iterator[Path]:
    """Yields what is given even where there is nothing, so that reading it says so."""
    if not path.is_dir():
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def _read(path: Path, origin: Origin, progress: Callable[[int], None]) -> Iterator[Article | Rejection]:
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        yield origin.rejection("", "not a regular file")  # a pipe or a device could be read for ever
        return
    origin = replace(origin, fallback=datetime.fromtimestamp(state.st_mtime, UTC))
    with path.open("rb") as file:
        start = file.read(SNIFFED)
        file.seek(0)
        kind = _kind(path, start)
        if not start.strip():
            yield origin.rejection("", "empty file")
        elif kind is None:
            yield origin.rejection("", "unknown kind of file")
        elif kind is Kind.JSONL:
            yield from jsonl.parse(_lines(file, progress), origin)
            return
        else:
            yield from _parsed(kind, file.read(MAX_FILE + 1), path, origin)
    progress(state.st_size)


def _kind(path: Path, start: bytes) -> Kind | None:
    """By its name; of what may be in XML, by the start of it."""
    named, seen = _SUFFIXES.get(path.suffix.lower()), sniff(start)
    return seen if named is None or (named is Kind.FEED and seen in {Kind.SITEMAP, Kind.INDEX}) else named


def _parsed(kind: Kind, data: bytes, path: Path, origin: Origin) -> Iterator[Article | Rejection]:
    if len(data) > MAX_FILE:
        yield origin.rejection("", f"longer than {MAX_FILE // 2**20} MB")
    elif kind is Kind.FEED:
        yield from feed.parse(data, origin)
    elif kind in {Kind.SITEMAP, Kind.INDEX}:
        yield from sitemap.parse(data, origin)
    elif kind is Kind.PAGE:
        yield from page.parse(data, origin)
    else:
        folder = path.absolute().parent.name
        yield from scraped.parse(data, origin, stem=path.stem, folder=folder, base=origin.base)


def _lines(file: BinaryIO, progress: Callable[[int], None]) -> Iterator[bytes]:
    """The lines of a file; of one beyond the limit its start, which is enough to see that it is too long."""
    while line := file.readline(jsonl.MAX_LINE + 1):
        rest = line
        length = len(line)
        while len(rest) > jsonl.MAX_LINE and not rest.endswith(b"\n"):
            rest = file.readline(jsonl.MAX_LINE + 1)
            length += len(rest)
        yield line
        progress(length)


def _printable(path: Path) -> str:
    """A path for people and JSON: a name that is not UTF-8 must not break a report."""
    return str(path).encode("utf-8", "replace").decode()
