"""What is stored of articles, one row for each canonical URL; the articles of a window out."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, delete, func, select, update

from digest.model import Article, EditionState, Image, Known, edition_key
from digest.store.batches import batches
from digest.store.schema import articles, decisions, editions, stories

NAMES = [field.name for field in fields(Article)]
COLUMNS = [articles.c[name] for name in NAMES]


def window(db: Connection, *, start: datetime, end: datetime) -> list[Article]:
    """The articles published after `start` and up to `end`, ordered by URL."""
    query = select(*COLUMNS).where(articles.c.published > start, articles.c.published <= end).order_by(articles.c.url)
    return [article_of(row) for row in db.execute(query)]


def get(db: Connection, url: str) -> Article | None:
    row = db.execute(select(*COLUMNS).where(articles.c.url == url)).one_or_none()
    return article_of(row) if row else None


def several(db: Connection, urls: Sequence[str]) -> list[Article]:
    """Those that are stored, in no order."""
    query = select(*COLUMNS)
    return [article_of(row) for batch in batches(urls) for row in db.execute(query.where(articles.c.url.in_(batch)))]


def fill(db: Connection, item: Article, *, now: datetime) -> None:
    """Replace a stored article by one that says more; the fingerprint stays that of what its feed says."""
    changed = values_of(item) | {"updated_at": now}
    del changed["url"]
    db.execute(update(articles).where(articles.c.url == item.url).values(changed))


def known(db: Connection, *, source: str, since: datetime, urls: Sequence[str]) -> list[Known]:
    """What the source has published since, and what is stored of these URLs, of whatever source."""
    query = select(articles.c.url, articles.c.title, articles.c.published)
    lately = query.where(articles.c.source == source, articles.c.published > since)
    found = {row.url: row for row in db.execute(lately)}
    for batch in batches(urls):
        found |= {row.url: row for row in db.execute(query.where(articles.c.url.in_(batch)))}
    return [Known(url=row.url, title=row.title, published=row.published) for row in found.values()]


def changed_at(db: Connection) -> datetime | None:
    """When an article was last stored or updated."""
    moment: datetime | None = db.execute(select(func.max(articles.c.updated_at))).scalar_one_or_none()
    return moment


def count(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(articles)).scalar_one()


def listing(
    db: Connection, *, source: str | None = None, since: datetime | None = None, limit: int = 50
) -> list[Article]:
    """The articles of a source, published from `since` on; the newest first."""
    query = select(*COLUMNS).order_by(articles.c.published.desc(), articles.c.url).limit(limit)
    if source is not None:
        query = query.where(articles.c.source == source)
    if since is not None:
        query = query.where(articles.c.published >= since)
    return [article_of(row) for row in db.execute(query)]


def told_in(db: Connection, url: str) -> list[tuple[str, EditionState]]:
    """Key and state of each edition that had the article before it, the oldest first."""
    mentioned = cast(stories.c.urls, Text).contains(json.dumps(url), autoescape=True)
    query = (
        select(editions.c.newsletter, editions.c.day, editions.c.cadence, editions.c.wave, editions.c.state)
        .where(editions.c.id.in_(select(stories.c.edition_id).where(mentioned)))
        .order_by(editions.c.day, editions.c.newsletter, editions.c.cadence, editions.c.wave)
    )
    return [(edition_key(*key), EditionState(state)) for *key, state in db.execute(query)]


def remove(db: Connection, url: str) -> bool:
    """Delete the article and what was decided about it.  False where there is none.  Editions keep what they say."""
    db.execute(delete(decisions).where(decisions.c.url == url))
    return db.execute(delete(articles).where(articles.c.url == url)).rowcount == 1


def with_old_body(db: Connection, *, before: datetime, after: str, limit: int) -> list[str]:
    """URLs, in order and beyond `after`, of articles stored before a moment that still have their body."""
    query = (
        select(articles.c.url)
        .where(articles.c.url > after, articles.c.stored_at < before, articles.c.body != "")
        .order_by(articles.c.url)
        .limit(limit)
    )
    return list(db.execute(query).scalars())


def drop_bodies(db: Connection, urls: Sequence[str]) -> int:
    """Empty the body of articles; their fingerprint stays, so that the same text again is known, and not stored."""
    return db.execute(update(articles).where(articles.c.url.in_(urls)).values(body="")).rowcount


def values_of(article: Article) -> dict[str, Any]:
    """What stands in `COLUMNS` for an article."""
    values = {name: getattr(article, name) for name in NAMES}
    return values | {"image": dict(vars(article.image)) if article.image else None, "authors": list(article.authors)}


def article_of(row: Row[Any]) -> Article:
    """Of a row that has at least `COLUMNS`."""
    values = {name: getattr(row, name) for name in NAMES}
    image = values.pop("image")
    return Article(**values | {"image": Image(**image) if image else None, "authors": tuple(values["authors"])})
