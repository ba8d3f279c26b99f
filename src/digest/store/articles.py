"""Articles in, one row for each canonical URL; the articles of a window out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from digest.model import Article, Image, Known
from digest.store.batches import batches
from digest.store.codec import fingerprint
from digest.store.schema import articles, upsert

_COLUMNS = [articles.c[field.name] for field in fields(Article)]


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
        rows = [row for row in (_row(item, now) for item in batch) if known.get(row["url"]) != row["fingerprint"]]
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


def _fingerprints(db: Connection, urls: Sequence[str]) -> dict[str, str]:
    query = select(articles.c.url, articles.c.fingerprint).where(articles.c.url.in_(urls))
    return {row.url: row.fingerprint for row in db.execute(query)}


def _row(item: Article, now: datetime) -> dict[str, Any]:
    values = {field.name: getattr(item, field.name) for field in fields(Article)}
    values |= {"image": asdict(item.image) if item.image else None, "authors": list(item.authors)}
    return values | {"fingerprint": fingerprint(item), "stored_at": now, "updated_at": now}


def _article(row: Row[Any]) -> Article:
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's names
    image = values.pop("image")
    return Article(**values | {"image": Image(**image) if image else None, "authors": tuple(values["authors"])})
