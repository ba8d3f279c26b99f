"""Articles that wait for their text in, their pages' text stored out.

Each page is one transaction, and what waits is in the database: stopped at any moment, the next poll goes on.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from urllib.parse import urljoin

from sqlalchemy.exc import DataError

from digest.intake.following import FINAL, FRESH, TRIES, fuller
from digest.intake.http import AGENT, Failed, Fetched
from digest.intake.origin import Origin
from digest.intake.robots import Robots
from digest.model import Article, Rejection, Source
from digest.pipeline.web import BUSY, Answer, Web, changed_at
from digest.store import articles, teasers
from digest.store.database import Database

PAGES = 20  #: of a source, at one poll
SECONDS = 60.0  #: of a source, at one poll: after that no other page is begun


class _Enough(Exception):  # noqa: N818 - a reason to stop, not a fault
    """The host wants no more for now."""


@dataclass(kw_only=True)
class Following:
    """For the sources of one round.  What a host's robots.txt says is asked once."""

    web: Web
    database: Database
    now: datetime
    _robots: dict[str, Robots] = field(default_factory=dict)

    async def follow(self, source: Source) -> int:
        """Read the pages of articles that wait; how many have their text now."""
        began, filled = monotonic(), 0
        for teaser in await asyncio.to_thread(self._waiting, source):
            if monotonic() - began > SECONDS:
                break
            try:
                filled += await self._page(teaser, source)
            except _Enough:
                break
        return filled

    def _waiting(self, source: Source) -> Sequence[Article]:
        with self.database.begin() as db:
            teasers.expire(db, source=source.name, before=self.now - FRESH)
            return teasers.waiting(db, source=source.name, limit=PAGES)

    async def _page(self, teaser: Article, source: Source) -> bool:
        if not await self._may_read(teaser.url):
            await asyncio.to_thread(self._settle, teaser, None)
            return False
        async with self.web.get(teaser.url) as answer:
            if not isinstance(answer, Fetched):
                await self._failed(teaser, answer)
                return False
            origin = Origin(
                path=source.name, now=self.now, source=source, address=answer.final_url, fallback=changed_at(answer)
            )
            async with self.web.parsed("page", answer.body, origin) as found:
                return await self._read(teaser, found)

    async def _read(self, teaser: Article, found: Sequence[Article | Rejection]) -> bool:
        pages = [one for one in found if isinstance(one, Article)]
        if not pages:
            await asyncio.to_thread(self._tried, teaser)
            return False
        whole = fuller(teaser, pages[0])
        try:
            await asyncio.to_thread(self._settle, teaser, whole)
        except (DataError, ValueError):  # a text that the database does not take
            await asyncio.to_thread(self._settle, teaser, None)
            return False
        return whole is not None

    async def _failed(self, teaser: Article, answer: Answer) -> None:
        if isinstance(answer, Failed) and answer.status in BUSY:
            raise _Enough
        final = isinstance(answer, Failed) and (answer.for_good or answer.status in FINAL)
        await (asyncio.to_thread(self._settle, teaser, None) if final else asyncio.to_thread(self._tried, teaser))

    def _settle(self, teaser: Article, whole: Article | None) -> None:
        with self.database.begin() as db:
            if whole:
                articles.fill(db, replace(whole, url=teaser.url), now=self.now)
            teasers.settle(db, teaser.url)

    def _tried(self, teaser: Article) -> None:
        with self.database.begin() as db:
            teasers.tried(db, teaser.url, at_most=TRIES)

    async def _may_read(self, url: str) -> bool:
        """What robots.txt says; a host that has none forbids nothing.

        Raises:
            _Enough: it cannot be known now (RFC 9309 2.3.1.4).
        """
        place = urljoin(url, "/robots.txt")
        if place not in self._robots:
            async with self.web.get(place) as answer:
                if isinstance(answer, Fetched):
                    self._robots[place] = Robots.of(answer.body, AGENT.partition("/")[0])
                elif isinstance(answer, Failed) and 400 <= (answer.status or 0) < 500 and answer.status not in BUSY:
                    self._robots[place] = Robots()
                else:
                    raise _Enough
        return self._robots[place].allows(url)
