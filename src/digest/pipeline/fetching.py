"""Sources that are due in; articles stored and health recorded out.  One bad feed never stops the rest."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy.exc import DataError

from digest.config import Settings
from digest.errors import NotFound
from digest.intake import feed, polling
from digest.intake.http import Client, Failed, Fetched, Limits, NotModified
from digest.intake.origin import NO_ENTRIES, Origin
from digest.model import Article, Memory, Rejection, Source
from digest.pipeline.articles import configured_sources
from digest.pipeline.storing import Stored, put
from digest.store import articles, sources
from digest.store.database import Database

log = logging.getLogger(__name__)

PARSED_AT_ONCE = 2  #: answers in memory as articles; more are not faster, as parsing does not wait for anything
WRITTEN_AT_ONCE = 50  #: memories of polls that brought nothing, in one transaction
BUSY = {429, 503}  #: the host is asked no more in this round when it says for how long


class Status(StrEnum):
    """What became of a source in a round."""

    STORED = "stored"  #: It answered, and its articles were dealt with.
    UNCHANGED = "unchanged"  #: It says that there is nothing new.
    FAILED = "failed"
    WAITING = "waiting"  #: It was not asked: not due yet, or its host wants to be left alone.


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one source."""

    name: str
    status: Status
    stored: int = 0
    updated: int = 0
    duplicate: int = 0
    rejected: tuple[Rejection, ...] = ()
    error: str = ""
    next_at: datetime | None = None  #: when it is due again


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of all, in the order of the configuration."""

    results: tuple[Result, ...] = ()

    def of(self, status: Status) -> tuple[Result, ...]:
        return tuple(one for one in self.results if one.status is status)


async def fetch(
    settings: Settings,
    database: Database,
    *,
    now: datetime,
    only: Sequence[str] = (),
    force: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Poll the sources that are due, or those named in `only`; all of these with `force`.

    `progress` is told of each source that has been dealt with.

    Raises:
        NotFound: a name is not that of a source with an address.
    """
    known = _polled(settings, only)
    memories = await asyncio.to_thread(_recall, database, known, now)
    table = settings.fetch
    limits = Limits(seconds=table.timeout, bytes=table.max_bytes)
    async with Client(limits=limits, allow=table.allow) as client:
        this = _Round(settings, database, client, known, now=now, progress=progress)
        due = [one for one in memories if force or polling.is_due(one, every=this.every[one.source], now=now)]
        for one in memories:
            if one not in due:
                this.note(Result(name=one.source, status=Status.WAITING, next_at=one.next_at))
        await this.run(due)
    return Report(results=tuple(this.results[name] for name in known))


def _polled(settings: Settings, only: Sequence[str]) -> dict[str, Source]:
    known = {name: one for name, one in configured_sources(settings).items() if one.url}
    if strangers := [name for name in only if name not in known]:
        raise NotFound(f"no source {strangers[0]!r} with an address (url) in the configuration")
    return {name: one for name, one in known.items() if not only or name in only}


def _recall(database: Database, known: Mapping[str, Source], now: datetime) -> list[Memory]:
    with database.begin() as db:
        sources.seen(db, list(known.values()), now=now)
        found = sources.memories(db, known)
    return [polling.recall(memory, known[name].url) for name, memory in found.items()]


class _Round:
    """One round: the sources of a host one after the other, hosts side by side."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        client: Client,
        known: Mapping[str, Source],
        *,
        now: datetime,
        progress: Callable[[int], None],
    ) -> None:
        own = {one.name: one.minutes for one in settings.sources}
        self.every = {name: timedelta(minutes=own[name] or settings.fetch.minutes) for name in known}
        self.results: dict[str, Result] = {}
        self._pause = settings.fetch.pause
        self._database = database
        self._client = client
        self._known = known
        self._now = now
        self._progress = progress
        self._asking = asyncio.Semaphore(settings.fetch.parallel)
        self._parsing = asyncio.Semaphore(PARSED_AT_ONCE)
        self._unwritten: list[Memory] = []

    async def run(self, due: Sequence[Memory]) -> None:
        hosts: dict[str, list[Memory]] = {}
        for memory in due:
            hosts.setdefault(_host(memory.address), []).append(memory)
        async with asyncio.TaskGroup() as group:
            for waiting in hosts.values():
                group.create_task(self._visit(waiting))
        await self._write()

    def note(self, result: Result) -> None:
        self.results[result.name] = result
        self._progress(1)

    async def _visit(self, waiting: Sequence[Memory]) -> None:
        """The sources of one host, with a pause between two requests."""
        for number, memory in enumerate(waiting):
            if number:
                await asyncio.sleep(self._pause)
            async with self._asking:
                answer = await self._client.get(memory.address, etag=memory.etag, last_modified=memory.last_modified)
                await self._deal_with(memory, answer)
            if len(self._unwritten) >= WRITTEN_AT_ONCE:
                await self._write()
            if isinstance(answer, Failed) and answer.status in BUSY and answer.retry_after:
                self._postpone(waiting[number + 1 :], answer.retry_after)
                return

    def _postpone(self, rest: Sequence[Memory], seconds: float) -> None:
        for memory in rest:
            after = polling.postponed(memory, now=self._now, retry_after=seconds)
            self._unwritten.append(after)
            self.note(Result(name=memory.source, status=Status.WAITING, next_at=after.next_at))

    async def _deal_with(self, memory: Memory, answer: Fetched | NotModified | Failed) -> None:
        if isinstance(answer, Failed):
            self._failed(memory, answer.reason, retry_after=answer.retry_after, for_good=answer.for_good)
        elif isinstance(answer, NotModified):
            after = polling.succeeded(memory, every=self.every[memory.source], now=self._now)
            after = replace(after, moved_to=answer.moved_to or memory.moved_to)
            self._succeeded(memory, after)
            self.note(Result(name=memory.source, status=Status.UNCHANGED, next_at=after.next_at))
        else:
            await self._take_in(memory, answer)

    async def _take_in(self, memory: Memory, answer: Fetched) -> None:
        async with self._parsing:
            found, rejected, fault = await asyncio.to_thread(_parse, self._known[memory.source], answer, self._now)
            if fault:
                self._failed(memory, fault)
                return
            try:
                stored, after = await asyncio.to_thread(self._store, memory, answer, found)
            except (DataError, ValueError) as error:
                self._failed(memory, f"its articles cannot be stored ({type(error).__name__})")
                return
        self._succeeded(memory, after, written=True)
        self.note(
            Result(
                name=memory.source,
                status=Status.STORED,
                stored=len(stored.new),
                updated=len(stored.updated),
                duplicate=stored.duplicate,
                rejected=rejected,
                next_at=after.next_at,
            )
        )

    def _store(self, memory: Memory, answer: Fetched, found: Sequence[Article]) -> tuple[Stored, Memory]:
        """The articles, and that they were fetched, in one transaction."""
        with self._database.begin() as db:
            known = articles.known(
                db, source=memory.source, since=self._now - polling.LOOK_BACK, urls=[one.url for one in found]
            )
            stored = put(db, polling.dated(found, known), now=self._now)
            after = replace(
                polling.succeeded(memory, every=self.every[memory.source], now=self._now, new=len(stored.new)),
                etag=answer.etag,
                last_modified=answer.last_modified,
                moved_to=answer.moved_to or memory.moved_to,
            )
            sources.remember(db, [after])
        return stored, after

    def _succeeded(self, before: Memory, after: Memory, *, written: bool = False) -> None:
        if before.told_at:
            log.warning("source %s answers again", before.source)
        if not written:
            self._unwritten.append(after)

    def _failed(self, memory: Memory, reason: str, *, retry_after: float | None = None, for_good: bool = False) -> None:
        every = self.every[memory.source]
        after = polling.failed(memory, reason, every=every, now=self._now, retry_after=retry_after, for_good=for_good)
        if polling.is_news(memory, after):
            # Without the reason, which may hold an address; it is in the list.
            log.error("source %s keeps failing; `digest sources list` says why", memory.source)
        self._unwritten.append(after)
        self.note(Result(name=memory.source, status=Status.FAILED, error=reason, next_at=after.next_at))

    async def _write(self) -> None:
        batch, self._unwritten = self._unwritten, []
        await asyncio.to_thread(_remember, self._database, batch)


def _remember(database: Database, batch: Sequence[Memory]) -> None:
    with database.begin() as db:
        sources.remember(db, batch)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _parse(source: Source, answer: Fetched, now: datetime) -> tuple[list[Article], tuple[Rejection, ...], str]:
    """The articles of an answer, what was wrong with single entries, and why it is no feed at all."""
    # Relative addresses are meant from where the feed was found.
    at_hand = replace(source, url=answer.final_url)
    origin = Origin(path=source.name, now=now, source=at_hand, fallback=_moment(answer.last_modified))
    try:
        found = list(feed.parse(answer.body, origin))
    except Exception as error:  # noqa: BLE001 - what strange feeds lead to has no end; the others count
        return [], (), f"cannot be read ({type(error).__name__})"
    taken = [one for one in found if isinstance(one, Article)]
    rejected = tuple(one for one in found if isinstance(one, Rejection))
    whole = [one.error for one in rejected if not one.where and one.error != NO_ENTRIES]
    return taken, rejected, whole[0] if whole and not taken else ""


def _moment(header: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
