"""Stored articles in, how common words have been lately out: the weights of a window's words rest on it.

Each day is counted once it is over, from at most `SAMPLE` of its articles, and again when late ones have come.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from scipy import sparse
from sqlalchemy import Connection

from digest.store import frequencies
from digest.store.database import Database
from digest.store.frequencies import WordDay
from digest.stories import grouping, vectors
from digest.stories.vectors import Background, Day, Rows
from digest.stories.words import RULES

DAYS = 30  #: that words are remembered
SAMPLE = 1_000  #: articles of a day: more do not make the weights better
LATE = 0.1  #: share of articles that have come or gone since, from which a day is counted anew


def learn(database: Database, *, now: datetime) -> int:
    """Count the days that are over and not counted yet, forget the old ones; how many were counted.

    Each day is a transaction of its own.
    """
    today = now.date()
    days = [today - timedelta(days=age) for age in range(1, DAYS + 2)]
    with database.read() as db:
        stored = frequencies.stored_by_day(db, days)
        counted = frequencies.counted(db, days)
    due = [day for day in days if _is_due(stored[day], *counted.get(day, (0, 0)))]
    for day in due:
        with database.begin() as db:
            frequencies.keep(db, _count(db, day, stored[day]))
    with database.begin() as db:
        frequencies.forget(db, before=days[-1])
    return len(due)


def recall(db: Connection, *, before: date) -> Background:
    """The words of the `DAYS` days before that one, counted and day by day."""
    days = frequencies.between(db, first=before - timedelta(days=DAYS), last=before - timedelta(days=1), rules=RULES)
    known = (Background(counts=one.counts, total=one.total, languages=one.languages) for one in days)
    return replace(vectors.combined(*known), days=[_day(one) for one in days])


def _is_due(stored: int, rules: int, before: int) -> bool:
    if rules != RULES:
        return stored > 0
    return abs(stored - before) > LATE * before


def _count(db: Connection, day: date, stored: int) -> WordDay:
    texts, _ = grouping.texts_of(frequencies.sample(db, day, limit=SAMPLE))
    found, words = vectors.background_of(texts), vectors.day_of(day, texts)
    return WordDay(
        day=day,
        rules=RULES,
        stored=stored,
        total=found.total,
        languages=found.languages,
        counts={term: found.counts[term] for term in words.terms},
        texts=_packed(words.texts),
    )


def _packed(texts: Rows) -> bytes:
    """How many words each text has, then which: little-endian numbers of four bytes."""
    return np.concatenate([np.diff(texts.indptr), texts.indices]).astype("<u4").tobytes()


def _day(one: WordDay) -> Day:
    numbers = np.frombuffer(one.texts, dtype="<u4").astype(np.intp)
    sizes, columns = numbers[: one.total], numbers[one.total :]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    texts = sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(one.total, len(one.counts)))
    return Day(day=one.day, terms=list(one.counts), texts=texts)
