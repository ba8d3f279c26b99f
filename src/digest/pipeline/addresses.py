"""Web addresses in, the articles that are there out; once, while `fetching` comes again and again."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.config import Fetch
from digest.intake.http import Fetched, NotModified
from digest.intake.kinds import Kind, sniff
from digest.intake.origin import Origin
from digest.model import Article, Rejection
from digest.pipeline.web import Web, changed_at

_PARSERS = {Kind.SITEMAP: "sitemap", Kind.PAGE: "page"}  #: anything else is taken for a feed, which says what is wrong


def read(table: Fetch, addresses: Sequence[str], origin: Origin) -> Iterator[Article | Rejection]:
    """The article of a page, or those of a feed, a sitemap or an index of sitemaps; a rejection for what cannot be had.

    Each address is fetched when its turn comes.
    """
    if not addresses:
        return
    with asyncio.Runner() as runner:
        web = Web(table)
        try:
            for address in addresses:
                yield from runner.run(_read(web, address, replace(origin, path=address)))
        finally:
            runner.run(web.close())


async def _read(web: Web, address: str, origin: Origin) -> Sequence[Article | Rejection]:
    async with web.get(address) as answer:
        if not isinstance(answer, Fetched):
            return [origin.rejection("", "nothing sent" if isinstance(answer, NotModified) else answer.reason)]
        origin = replace(origin, address=answer.final_url, fallback=changed_at(answer))
        kind = sniff(answer.body)
        if kind is not Kind.INDEX:
            parser = _PARSERS.get(kind, "feed") if kind else "feed"
            async with web.parsed(parser, answer.body, origin) as found:
                return found
        children = await web.children(answer.body, origin)
    return await web.gather(children, origin)
