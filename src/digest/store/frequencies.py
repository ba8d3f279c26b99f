"""In how many articles each word stood, day by day: what makes the words of a later window rare or common."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Connection, delete, func, select

from digest.model import Article
from digest.store.articles import COLUMNS, article_of
from digest.store.schema import articles, upsert, word_days


@dataclass(frozen=True, kw_only=True)
class WordDay:
    """The words of one day's articles (UTC)."""

    day: date
    rules: int  #: version of the rules by which texts became words
    stored: int  #: articles of the day when it was counted
    total: int  #: articles that were read for it
    languages: Mapping[str, int]  #: how many of them are in each
    counts: Mapping[str, int]  #: in how many of them each word stood
    texts: bytes  #: which words each of them had (`digest.pipeline.background` reads it)


def stored_by_day(db: Connection, days: Iterable[date]) -> dict[date, int]:
    """How many articles were published on each of the days (UTC)."""
    query = select(func.count()).select_from(articles)
    return {day: db.execute(query.where(_on(day))).scalar_one() for day in days}


def sample(db: Connection, day: date, *, limit: int) -> list[Article]:
    """Articles of a day, the same ones in whatever order they came in: by their fingerprints, which are random."""
    query = select(*COLUMNS).where(_on(day)).order_by(articles.c.fingerprint, articles.c.url).limit(limit)
    return [article_of(row) for row in db.execute(query)]


def counted(db: Connection, days: Iterable[date]) -> dict[date, tuple[int, int]]:
    """Rules and number of stored articles by which each of the days was counted."""
    query = select(word_days.c.day, word_days.c.rules, word_days.c.stored).where(word_days.c.day.in_(list(days)))
    return {row.day: (row.rules, row.stored) for row in db.execute(query)}


def keep(db: Connection, counted: WordDay) -> None:
    """Write down the words of a day, in the place of what was counted before."""
    text = json.dumps({"languages": dict(counted.languages), "counts": dict(counted.counts)}, ensure_ascii=False)
    row = {
        "day": counted.day,
        "rules": counted.rules,
        "stored": counted.stored,
        "total": counted.total,
        "words": zlib.compress(text.encode("utf-8", "surrogatepass")),  # each word stays one of its own
        "texts": zlib.compress(counted.texts),
    }
    upsert(db, word_days, [row])


def forget(db: Connection, *, before: date) -> None:
    db.execute(delete(word_days).where(word_days.c.day < before))


def between(db: Connection, *, first: date, last: date, rules: int) -> list[WordDay]:
    """The days from `first` to `last`, both included, that were counted by these rules, in order."""
    query = select(word_days).where(word_days.c.day.between(first, last), word_days.c.rules == rules)
    found = []
    for row in db.execute(query.order_by(word_days.c.day)):
        words = json.loads(zlib.decompress(row.words))
        texts = zlib.decompress(row.texts)
        found.append(WordDay(day=row.day, rules=row.rules, stored=row.stored, total=row.total, texts=texts, **words))
    return found


def _on(day: date) -> ColumnElement[bool]:
    start = datetime.combine(day, time(), UTC)
    published = articles.c.published
    return (published >= start) & (published < start + timedelta(days=1))
