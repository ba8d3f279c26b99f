"""Articles of which only the beginning is stored, as long as their pages are still to be read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from digest.model import Article
from digest.store import articles
from digest.store.schema import articles as table
from digest.store.schema import insert_new, teasers


def add(db: Connection, urls: Sequence[str], *, source: str, now: datetime) -> None:
    """Articles that are stored already."""
    insert_new(db, teasers, [{"url": url, "source": source, "since": now} for url in sorted(urls)])


def waiting(db: Connection, *, source: str, limit: int) -> list[Article]:
    """The articles of a source that wait: those that were tried least, then the newest."""
    query = select(teasers.c.url).join(table).where(teasers.c.source == source)
    query = query.order_by(teasers.c.tries, table.c.published.desc(), teasers.c.url).limit(limit)
    urls = list(db.execute(query).scalars())
    found = {one.url: one for one in articles.several(db, urls)}
    return [found[url] for url in urls]


def settle(db: Connection, url: str) -> None:
    """Its page has been read, or never will be."""
    db.execute(delete(teasers).where(teasers.c.url == url))


def tried(db: Connection, url: str, *, at_most: int) -> None:
    """Once more in vain; after so many times it is left."""
    db.execute(update(teasers).where(teasers.c.url == url).values(tries=teasers.c.tries + 1))
    db.execute(delete(teasers).where(teasers.c.url == url, teasers.c.tries >= at_most))


def expire(db: Connection, *, source: str, before: datetime) -> None:
    """Leave what has waited since then."""
    db.execute(delete(teasers).where(teasers.c.source == source, teasers.c.since < before))
