"""Marked articles in, what is stored of them out; and what came of them, written down.

Who decides is `intake.arrivals`.  Between looking and writing nobody else may store an article, so the transaction
begins with `alone`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text, update

from digest.model import Alias, Known, Marked, Seen
from digest.store.articles import COLUMNS, article_of, values_of
from digest.store.batches import batches
from digest.store.schema import aliases, among, articles, insert_many, upsert

#: Advisory lock on PostgreSQL; the writers of SQLite are alone anyway.
_TURN = 0x6469676573740002

_KNOWN = [articles.c[name] for name in ("url", "title", "published", "text_hash", "sketch")]


def alone(db: Connection) -> None:
    """Wait until nobody else stores articles, and keep others waiting until the transaction ends."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def seen(db: Connection, items: Sequence[Marked]) -> dict[str, Seen]:
    """By address, what is known of those that are known: as an article's own, or by their key."""
    found: dict[str, Seen] = {}
    for batch in batches(items):
        urls = [one.article.url for one in batch]
        own = select(articles.c.url, articles.c.fingerprint).where(among(db, articles.c.url, urls))
        found |= {row.url: Seen(url=row.url, fingerprint=row.fingerprint) for row in db.execute(own)}
        found |= _by_key(db, {one.article.url: one.key for one in batch if one.article.url not in found})
    return found


def named(db: Connection, url: str, key: str) -> str | None:
    """The article that this is an address of."""
    known = db.execute(select(articles.c.url).where(articles.c.url == url)).scalar_one_or_none()
    return known or _owners(db, [key]).get(key)


def stored(db: Connection, urls: Iterable[str]) -> dict[str, Marked]:
    """The articles with these addresses of their own."""
    found: dict[str, Marked] = {}
    columns = (*COLUMNS, articles.c.key, articles.c.fingerprint, articles.c.text_hash)
    for batch in batches(sorted(urls)):
        for row in db.execute(select(*columns).where(among(db, articles.c.url, batch))):
            one = article_of(row)
            found[one.url] = Marked(article=one, key=row.key or "", fingerprint=row.fingerprint, text=row.text_hash)
    return found


def with_text(db: Connection, hashes: Iterable[int]) -> list[Known]:
    """The articles with one of these texts."""
    return [
        _known(row)
        for batch in batches(sorted(hashes))
        for row in db.execute(select(*_KNOWN).where(among(db, articles.c.text_hash, batch)))
    ]


def recent(db: Connection, source: str, *, start: datetime, end: datetime, limit: int) -> list[Known]:
    """Of the newest `limit` articles that a source published from `start` to `end`, those with a sketch."""
    newest = (
        select(*_KNOWN)
        .where(articles.c.source == source, articles.c.published.between(start, end))
        .order_by(articles.c.published.desc(), articles.c.url)
        .limit(limit)
    )
    return [_known(row) for row in db.execute(newest) if row.sketch]


def write(
    db: Connection, *, new: Sequence[Marked], changed: Sequence[Marked], further: Sequence[Alias], now: datetime
) -> None:
    """Store new articles, what others say by now, and further addresses."""
    # In one order: neighbours in the index come one after the other, and rows are locked as others lock them.
    insert_many(db, articles, [_row(one, now) for one in sorted(new, key=_url)])
    upsert(db, articles, [_row(one, now) for one in sorted(changed, key=_url)], keep=["stored_at"])
    upsert(db, aliases, [asdict(one) for one in sorted(further, key=lambda one: one.url)])


def without_key(db: Connection, limit: int) -> tuple[list[str], list[str]]:
    """Addresses of articles, and of aliases, that have none yet."""
    return (
        list(db.execute(select(articles.c.url).where(articles.c.key.is_(None)).limit(limit)).scalars()),
        list(db.execute(select(aliases.c.url).where(aliases.c.key.is_(None)).limit(limit)).scalars()),
    )


def set_keys(db: Connection, keys: Mapping[str, str]) -> None:
    """Write down the keys of these addresses, be they articles or aliases."""
    rows = [{"at": url, "new": keys[url]} for url in sorted(keys)]
    for table in (articles, aliases):
        statement = update(table).where(table.c.url == bindparam("at")).values(key=bindparam("new"))
        if rows:
            db.execute(statement, rows)


def _by_key(db: Connection, keys: Mapping[str, str]) -> dict[str, Seen]:
    """Of addresses that are no article's own."""
    owners = _owners(db, sorted(set(keys.values())))
    known = {url: owners[key] for url, key in keys.items() if key in owners}
    if not known:
        return {}
    query = select(aliases.c.url, aliases.c.fingerprint).where(among(db, aliases.c.url, list(known)))
    said = {row.url: row.fingerprint for row in db.execute(query)}
    return {url: Seen(url=owner, fingerprint=said.get(url)) for url, owner in known.items()}


def _owners(db: Connection, keys: Sequence[str]) -> dict[str, str]:
    """Key → article.  Of several, stored before there were keys, the first."""
    if not keys:
        return {}
    others = select(aliases.c.key, aliases.c.article).where(among(db, aliases.c.key, keys))
    further = others.order_by(aliases.c.url.desc())
    own = select(articles.c.key, articles.c.url).where(among(db, articles.c.key, keys))
    first = own.order_by(articles.c.stored_at.desc(), articles.c.url.desc())
    return {row[0]: row[1] for query in (further, first) for row in db.execute(query)}


def _known(row: Row[Any]) -> Known:
    return Known(url=row.url, title=row.title, published=row.published, text=row.text_hash, sketch=row.sketch or b"")


def _url(item: Marked) -> str:
    return item.article.url


def _row(item: Marked, now: datetime) -> dict[str, Any]:
    marks = {
        "key": item.key or None,
        "fingerprint": item.fingerprint,
        "text_hash": item.text,
        "sketch": item.sketch or None,
    }
    return values_of(item.article) | marks | {"stored_at": now, "updated_at": now}
