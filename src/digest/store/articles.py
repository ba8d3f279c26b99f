"""Articles in, one row for each canonical URL; the articles of a window out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, cast, delete, func, select, update

from digest.model import Article, EditionState, Image, Known
from digest.store.batches import batches
from digest.store.codec import fingerprint
from digest.store.schema import articles, decisions, editions, stories, upsert

_NAMES = [field.name for field in fields(Article)]
_COLUMNS = [articles.c[name] for name in _NAMES]


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What became of the articles that were put: the three add up to their number."""

    new: tuple[str, ...] = ()  #: URLs
    updated: tuple[str, ...] = ()  #: URLs of those that say something else than their older selves
    duplicate: int = 0  #: nothing changed, or a later article of the same call took the place


def put(db: Connection, items: Sequence[Article], *, now: datetime) -> Stored:
    """Store articles by their URL.  One that says something else replaces its older self."""
    latest = {item.url: item for item in items}
    new: list[str] = []
    updated: list[str] = []
    for batch in batches([latest[url] for url in sorted(latest)]):  # one order, so that two imports cannot deadlock
        known = _fingerprints(db, [item.url for item in batch])
        marked = [(item, fingerprint(item)) for item in batch]
        rows = [_row(item, mark, now) for item, mark in marked if known.get(item.url) != mark]
        upsert(db, articles, rows, keep=["stored_at"])
        new += [row["url"] for row in rows if row["url"] not in known]
        updated += [row["url"] for row in rows if row["url"] in known]
    return Stored(new=tuple(new), updated=tuple(updated), duplicate=len(items) - len(new) - len(updated))


def window(db: Connection, *, start: datetime, end: datetime) -> list[Article]:
    """The articles published after `start` and up to `end`, ordered by URL."""
    query = select(*_COLUMNS).where(articles.c.published > start, articles.c.published <= end).order_by(articles.c.url)
    return [_article(row) for row in db.execute(query)]


def get(db: Connection, url: str) -> Article | None:
    row = db.execute(select(*_COLUMNS).where(articles.c.url == url)).one_or_none()
    return _article(row) if row else None


def several(db: Connection, urls: Sequence[str]) -> list[Article]:
    """Those that are stored, in no order."""
    query = select(*_COLUMNS)
    return [_article(row) for batch in batches(urls) for row in db.execute(query.where(articles.c.url.in_(batch)))]


def fill(db: Connection, item: Article, *, now: datetime) -> None:
    """Replace a stored article by one that says more; the fingerprint stays that of what its feed says."""
    values = _row(item, "", now)
    kept = {"url", "fingerprint", "stored_at"}
    changed = {name: value for name, value in values.items() if name not in kept}
    db.execute(update(articles).where(articles.c.url == item.url).values(changed))


def known(db: Connection, *, source: str, since: datetime, urls: Sequence[str]) -> list[Known]:
    """What the source has published since, and what is stored of these URLs, of whatever source."""
    query = select(articles.c.url, articles.c.title, articles.c.published)
    lately = query.where(articles.c.source == source, articles.c.published > since)
    found = {row.url: row for row in db.execute(lately)}
    for batch in batches(urls):
        found |= {row.url: row for row in db.execute(query.where(articles.c.url.in_(batch)))}
    return [Known(url=row.url, title=row.title, published=row.published) for row in found.values()]


def count(db: Connection) -> int:
    return db.execute(select(func.count()).select_from(articles)).scalar_one()


def listing(
    db: Connection, *, source: str | None = None, since: datetime | None = None, limit: int = 50
) -> list[Article]:
    """The articles of a source, published from `since` on; the newest first."""
    query = select(*_COLUMNS).order_by(articles.c.published.desc(), articles.c.url).limit(limit)
    if source is not None:
        query = query.where(articles.c.source == source)
    if since is not None:
        query = query.where(articles.c.published >= since)
    return [_article(row) for row in db.execute(query)]


def told_in(db: Connection, url: str) -> list[tuple[str, EditionState]]:
    """Key and state of each edition that had the article before it, the oldest first."""
    mentioned = cast(stories.c.urls, Text).contains(json.dumps(url), autoescape=True)
    query = (
        select(editions.c.newsletter, editions.c.day, editions.c.state)
        .where(editions.c.id.in_(select(stories.c.edition_id).where(mentioned)))
        .order_by(editions.c.day, editions.c.newsletter)
    )
    return [(f"{row.newsletter}/{row.day.isoformat()}", EditionState(row.state)) for row in db.execute(query)]


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


def _fingerprints(db: Connection, urls: Sequence[str]) -> dict[str, str]:
    query = select(articles.c.url, articles.c.fingerprint).where(articles.c.url.in_(urls))
    return {row.url: row.fingerprint for row in db.execute(query)}


def _row(item: Article, mark: str, now: datetime) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in _NAMES}
    values |= {"image": dict(vars(item.image)) if item.image else None, "authors": list(item.authors)}
    return values | {"fingerprint": mark, "stored_at": now, "updated_at": now}


def _article(row: Row[Any]) -> Article:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's names
    image = values.pop("image")
    return Article(**values | {"image": Image(**image) if image else None, "authors": tuple(values["authors"])})
