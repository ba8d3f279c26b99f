"""Sources that are due in; articles stored and health recorded out.  One bad feed never stops the rest."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic

from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from digest.config import Settings
from digest.errors import NotFound
from digest.intake import following, polling
from digest.intake.http import Failed, Fetched, NotModified
from digest.intake.kinds import Kind, sniff
from digest.intake.origin import Origin
from digest.model import Article, Memory, Rejection, Source
from digest.pipeline import background
from digest.pipeline.articles import configured_sources
from digest.pipeline.following import Following
from digest.pipeline.storing import Stored, put
from digest.pipeline.web import BUSY, Answer, Web, changed_at, host_of
from digest.store import articles, sources, teasers
from digest.store.database import Database

log = logging.getLogger(__name__)

CLAIM = timedelta(minutes=10)  #: for how long the due sources are ours; who dies loses them then
ASKED_FOR = CLAIM / 2  #: of the round: what has not had its turn by then is given back, and due again
WRITTEN_AT_ONCE = 50  #: memories of polls that brought nothing, in one transaction


#: What parses an answer; of a page only what feed it names.
_PARSERS = {Kind.SITEMAP: "sitemap", Kind.PAGE: "announced"}


class Status(StrEnum):
    """What became of a source in a round."""

    STORED = "stored"  #: It answered, and its articles were dealt with.
    UNCHANGED = "unchanged"  #: It says that there is nothing new.
    FAILED = "failed"
    WAITING = "waiting"  #: It was not asked: not due yet, another process polls it, or its host wants to be left alone.


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
    asked_for: timedelta = ASKED_FOR,
) -> Report:
    """Poll the sources that are due, or those named in `only`; all of these with `force`.

    `progress` is told of each source that has been dealt with.  What has not had its turn after `asked_for` is left.

    Raises:
        NotFound: a name is not that of a source with an address.
    """
    known = _polled(settings, only)
    every = _intervals(settings, known)
    claim = await asyncio.to_thread(_claim, database, known, every, now=now, force=force)
    async with Web(settings.fetch) as web:
        full = {one.name for one in settings.sources if one.full_text}
        this = _Round(
            database,
            web,
            known,
            every,
            claim,
            full=full,
            now=now,
            progress=progress,
            until=monotonic() + asked_for.total_seconds(),
        )
        await this.run()
    await asyncio.to_thread(background.learn, database, now=now)
    return Report(results=tuple(this.results[name] for name in known))


def _polled(settings: Settings, only: Sequence[str]) -> dict[str, Source]:
    known = {name: one for name, one in configured_sources(settings).items() if one.url}
    if strangers := [name for name in only if name not in known]:
        raise NotFound(f"no source {strangers[0]!r} with an address (url) in the configuration")
    return {name: one for name, one in known.items() if not only or name in only}


def _intervals(settings: Settings, known: Mapping[str, Source]) -> dict[str, timedelta]:
    own = {one.name: one.minutes for one in settings.sources}
    return {name: timedelta(minutes=own[name] or settings.fetch.minutes) for name in known}


@dataclass(frozen=True, kw_only=True)
class _Claim:
    """What is due, and ours alone until a moment; and what is not."""

    until: datetime
    due: tuple[Memory, ...]
    waiting: tuple[Memory, ...]


def _claim(
    database: Database, known: Mapping[str, Source], every: Mapping[str, timedelta], *, now: datetime, force: bool
) -> _Claim:
    """Of several rounds at once each source is due in one: who comes later finds it due when the claim runs out."""
    until = now + CLAIM
    with database.begin() as db:
        sources.seen(db, list(known.values()), now=now)
        found = sources.memories(db, known, lock=True)
        memories = [polling.recall(memory, known[name].url) for name, memory in found.items()]
        due = [one for one in memories if force or polling.is_due(one, every=every[one.source], now=now)]
        sources.remember(db, [replace(one, next_at=until) for one in due])
    return _Claim(
        until=until,
        due=tuple(due),
        waiting=tuple(one for one in memories if one not in due),
    )


class _Round:
    """One round: the sources of a host one after the other, hosts side by side."""

    def __init__(
        self,
        database: Database,
        web: Web,
        known: Mapping[str, Source],
        every: Mapping[str, timedelta],
        claim: _Claim,
        *,
        full: Collection[str],
        now: datetime,
        progress: Callable[[int], None],
        until: float,
    ) -> None:
        self.results: dict[str, Result] = {}
        self._database = database
        self._web = web
        self._known = known
        self._every = every
        self._claim = claim
        self._now = now
        self._progress = progress
        self._full = full  #: sources of which the pages are read
        self._following = Following(web=web, database=database, now=now)
        self._until = until  #: on the monotonic clock
        self._unwritten: list[Memory] = []
        self._settled: set[str] = set()  #: sources of which it is known when they are due again

    async def run(self) -> None:
        for memory in self._claim.waiting:
            self._note(Result(name=memory.source, status=Status.WAITING, next_at=memory.next_at))
        hosts: dict[str, list[Memory]] = {}
        for memory in self._claim.due:
            hosts.setdefault(host_of(memory.address), []).append(memory)
        try:
            async with asyncio.TaskGroup() as group:
                for waiting in hosts.values():
                    group.create_task(self._visit(waiting, group))
        finally:  # also when it is stopped: what has been heard counts, and the rest is not ours any more
            await self._write()
            await asyncio.to_thread(self._give_back)

    def _note(self, result: Result) -> None:
        self.results[result.name] = result
        self._progress(1)

    def _give_back(self) -> None:
        left = {one.source: one.next_at for one in self._claim.due if one.source not in self._settled}
        with self._database.begin() as db:
            sources.give_back(db, left, claimed=self._claim.until)

    async def _visit(self, waiting: Sequence[Memory], group: asyncio.TaskGroup) -> None:
        """The sources of one host."""
        for number, memory in enumerate(waiting):
            if monotonic() > self._until:
                self._leave(waiting[number:])
                return
            alone = await self._poll(memory)
            if memory.source in self._full:  # beside the next source: it takes its time
                group.create_task(self._following.follow(self._known[memory.source]))
            if len(self._unwritten) >= WRITTEN_AT_ONCE:
                await self._write()
            if alone:
                self._postpone(waiting[number + 1 :], alone)
                return

    def _leave(self, rest: Sequence[Memory]) -> None:
        for memory in rest:
            self._note(Result(name=memory.source, status=Status.WAITING, next_at=memory.next_at))

    def _postpone(self, rest: Sequence[Memory], seconds: float) -> None:
        for memory in rest:
            after = polling.postponed(memory, now=self._now, retry_after=seconds)
            self._remember(after)
            self._note(Result(name=memory.source, status=Status.WAITING, next_at=after.next_at))

    async def _poll(self, memory: Memory) -> float:
        """One source; for how many seconds its host wants to be left alone."""
        async with self._web.get(memory.address, etag=memory.etag, last_modified=memory.last_modified) as answer:
            if not isinstance(answer, Fetched) or sniff(answer.body) is not Kind.INDEX:
                return await self._deal_with(memory, answer)
            origin = self._origin(memory, answer)
            children = await self._web.children(answer.body, origin)
        # An index does not change with the sitemaps in it, so it is asked for in full each time.
        index = replace(answer, body=b"", etag="", last_modified="")
        found = await self._web.gather(children, origin)
        await self._keep(memory, index, found, kind=Kind.INDEX)
        return 0

    async def _deal_with(self, memory: Memory, answer: Answer) -> float:
        if isinstance(answer, Failed):
            self._failed(memory, answer.reason, retry_after=answer.retry_after, for_good=answer.for_good)
            return answer.retry_after or 0 if answer.status in BUSY else 0
        if isinstance(answer, NotModified):
            after = polling.succeeded(memory, every=self._every[memory.source], now=self._now)
            after = replace(after, moved_to=answer.moved_to or memory.moved_to)
            self._succeeded(memory)
            self._remember(after)
            self._note(Result(name=memory.source, status=Status.UNCHANGED, next_at=after.next_at))
            return 0
        kind = sniff(answer.body) or Kind.FEED
        parser = _PARSERS.get(kind, "feed")
        async with self._web.parsed(parser, answer.body, self._origin(memory, answer)) as found:
            await self._keep(memory, answer, found, kind=kind)
        return 0

    def _origin(self, memory: Memory, answer: Fetched) -> Origin:
        return Origin(
            path=memory.source,
            now=self._now,
            source=self._known[memory.source],
            address=answer.final_url,
            fallback=changed_at(answer),
        )

    async def _keep(self, memory: Memory, answer: Fetched, found: Sequence[Article | Rejection], *, kind: Kind) -> None:
        if fault := polling.fault(found, kind=kind):
            self._failed(memory, fault)
            return
        taken = [one for one in found if isinstance(one, Article)]
        try:
            stored, after = await asyncio.to_thread(self._store, memory, answer, taken)
        except (DataError, ValueError) as error:
            self._failed(memory, f"its articles cannot be stored ({type(error).__name__})")
            return
        self._settled.add(memory.source)
        self._succeeded(memory)
        self._note(
            Result(
                name=memory.source,
                status=Status.STORED,
                stored=len(stored.new),
                updated=len(stored.updated),
                duplicate=stored.duplicate,
                rejected=polling.told([one for one in found if isinstance(one, Rejection)]),
                next_at=after.next_at,
            )
        )

    def _store(self, memory: Memory, answer: Fetched, found: Sequence[Article]) -> tuple[Stored, Memory]:
        """The articles, and that they were fetched, in one transaction."""
        with self._database.begin() as db:
            known = articles.known(
                db, source=memory.source, since=self._now - polling.LOOK_BACK, urls=[one.url for one in found]
            )
            stored = self._put(db, memory.source, polling.dated(found, known))
            after = replace(
                polling.succeeded(memory, every=self._every[memory.source], now=self._now, new=len(stored.new)),
                etag=answer.etag,
                last_modified=answer.last_modified,
                moved_to=answer.moved_to or memory.moved_to,
            )
            sources.remember(db, [after])
        return stored, after

    def _put(self, db: Connection, source: str, found: Sequence[Article]) -> Stored:
        if source not in self._full:
            return put(db, found, now=self._now)
        before = {one.url: one for one in articles.several(db, [one.url for one in found])}
        by_url = {one.url: one for one in found}
        stored = put(db, found, now=self._now)
        bare = [by_url[url] for url in stored.new]
        for url in set(stored.updated) & set(before):
            if whole := following.fuller(by_url[url], before[url]):
                articles.fill(db, whole, now=self._now)  # another beginning: the text that its page gave stays
            elif len(before[url].body) > len(by_url[url].body):
                bare.append(by_url[url])  # another article by now
        teasers.add(db, following.to_follow(bare, now=self._now), source=source, now=self._now)
        return stored

    def _succeeded(self, before: Memory) -> None:
        if before.told_at:
            log.warning("source %s answers again", before.source)

    def _remember(self, after: Memory) -> None:
        self._settled.add(after.source)
        self._unwritten.append(after)

    def _failed(self, memory: Memory, reason: str, *, retry_after: float | None = None, for_good: bool = False) -> None:
        every = self._every[memory.source]
        after = polling.failed(memory, reason, every=every, now=self._now, retry_after=retry_after, for_good=for_good)
        if polling.is_news(memory, after):
            # Without the reason, which may hold an address; it is in the list.
            log.error("source %s keeps failing; `digest sources list` says why", memory.source)
        self._remember(after)
        self._note(Result(name=memory.source, status=Status.FAILED, error=reason, next_at=after.next_at))

    async def _write(self) -> None:
        batch, self._unwritten = self._unwritten, []
        await asyncio.to_thread(_remember, self._database, batch)


def _remember(database: Database, batch: Sequence[Memory]) -> None:
    with database.begin() as db:
        sources.remember(db, batch)
