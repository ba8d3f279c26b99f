"""Addresses in, what was found there out: hosts are asked one thing at a time, and what comes is parsed apart.

One `Web` is one visit to the web: a round of polling, or an import.  It bounds what is in hand at once, so that
memory does not grow with the number of sources; and a document that takes long to parse waits for others of its
kind, and they for it, but nobody else.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Self
from urllib.parse import urlsplit

from digest.config import Fetch
from digest.intake.confine import SECONDS, Parsers, took_too_long
from digest.intake.http import Client, Failed, Fetched, Limits, NotModified
from digest.intake.kinds import Kind, sniff
from digest.intake.origin import Origin
from digest.model import Article, Rejection

QUICK = 2.0  #: seconds of the processor that a document may take at first
QUICK_AT_ONCE = 2  #: documents parsed; more are not faster, as parsing does not wait for anything
PATIENT_AT_ONCE = 1  #: documents that get the full time, after all
CHILDREN = 5  #: sitemaps of an index that are looked at, the newest ones
MAX_ENTRIES = 5_000  #: articles of all sitemaps of an index
BUSY = frozenset({429, 503})  #: the host is asked no more for now when it says for how long

Answer = Fetched | NotModified | Failed


@dataclass(kw_only=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0  #: on the monotonic clock


class Web:
    """A way to the web.  An async context manager: its end closes connections and ends parsers at once."""

    def __init__(self, table: Fetch) -> None:
        limits = Limits(seconds=table.timeout, bytes=table.max_bytes)
        self._client = Client(limits=limits, allow=table.allow)
        self._parsers = Parsers()
        self._pause = table.pause
        self._in_hand = asyncio.Semaphore(table.parallel)
        self._quick = asyncio.Semaphore(QUICK_AT_ONCE)
        self._patient = asyncio.Semaphore(PATIENT_AT_ONCE)
        self._slow = 0  #: documents that are parsed patiently, or wait for it
        self._slow_at_most = max(1, table.parallel // 4)
        self._hosts: dict[str, _Host] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close connections and end parsers."""
        self._parsers.close()
        await self._client.close()

    @contextlib.asynccontextmanager
    async def get(self, url: str, *, etag: str = "", last_modified: str = "") -> AsyncIterator[Answer]:
        """What is at an address, held for as long as the block lasts: only so many answers are in hand at once.

        The block must not ask for another: both might wait for each other.
        """
        host = self._hosts.setdefault(host_of(url), _Host())
        async with contextlib.AsyncExitStack() as stack:
            async with host.lock:
                await asyncio.sleep(host.free_at - monotonic())
                await stack.enter_async_context(self._in_hand)
                try:
                    answer = await self._client.get(url, etag=etag, last_modified=last_modified)
                finally:
                    host.free_at = monotonic() + self._pause
            yield answer

    @contextlib.asynccontextmanager
    async def parsed(self, kind: str, data: bytes, origin: Origin) -> AsyncIterator[list[Article | Rejection]]:
        """What a parser makes of a document, held as of `get`: the results may be many times as long."""
        async with self._quick:
            found = await self._parsers.parse_soon(kind, data, origin, seconds=QUICK)
            if not took_too_long(found):
                yield found
                return
        if self._slow >= self._slow_at_most:
            yield [origin.rejection("", f"not parsed: more than {QUICK:g} s, while others take as long")]
            return
        with self._being_slow():
            async with self._patient:
                yield await self._parsers.parse_soon(kind, data, origin, seconds=SECONDS)

    @contextlib.contextmanager
    def _being_slow(self) -> Iterator[None]:
        self._slow += 1
        try:
            yield
        finally:
            self._slow -= 1

    async def children(self, data: bytes, origin: Origin) -> list[str]:
        """The sitemaps of an index that are worth a look: the newest few."""
        async with self._quick:
            return (await self._parsers.children(data, origin, seconds=QUICK))[:CHILDREN]

    async def gather(self, addresses: Sequence[str], origin: Origin) -> list[Article | Rejection]:
        """The articles of several sitemaps, the newest of them; a rejection for each sitemap that gave none."""
        articles: list[Article] = []
        rejected: list[Article | Rejection] = []
        for url in addresses:
            async with self.get(url) as answer:
                if not isinstance(answer, Fetched):
                    why = answer.reason if isinstance(answer, Failed) else "not sent"
                    rejected.append(origin.rejection(url, why))
                    continue
                if sniff(answer.body) is not Kind.SITEMAP:
                    rejected.append(origin.rejection(url, "not a sitemap"))
                    continue
                at_hand = replace(origin, address=answer.final_url)
                async with self.parsed("sitemap", answer.body, at_hand) as found:
                    taken = [one for one in found if isinstance(one, Article)]
                    if not taken:
                        rejected.append(origin.rejection(url, why_none(found)))
                    articles = _newest([*articles, *taken])
        return [*articles, *rejected] or [origin.rejection("", "an index that names no sitemap")]


def why_none(found: Sequence[Article | Rejection]) -> str:
    """Why a document gave no article: what was wrong with it, or with the first of its entries."""
    first = next((one for one in found if isinstance(one, Rejection)), None)
    return f"no articles ({first.error})" if first else "no articles"


def changed_at(answer: Fetched) -> datetime | None:
    """When it was last changed, as the server says."""
    try:
        moment = parsedate_to_datetime(answer.last_modified)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _newest(articles: Sequence[Article]) -> list[Article]:
    return sorted(articles, key=lambda one: one.published, reverse=True)[:MAX_ENTRIES]
