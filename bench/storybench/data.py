"""Files of a folder in, labelled sets, pools of days and picks by day out.

Every *.jsonl.gz is read, or *.jsonl; what it is shows in its rows: `story` is a labelled set, `day` are picks, the rest
is a pool.  So other data is put in by putting it into the folder.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from digest.model import Article
from digest.stories import grouping, vectors
from digest.stories.vectors import Background

Row = Mapping[str, Any]

MEMORY = timedelta(days=21)  #: of earlier days, whose words make the background of a day


@dataclass(frozen=True, kw_only=True)
class Labelled:
    name: str
    articles: Sequence[Article]
    truth: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Pick:
    """What Wikipedia's Current Events, or an editor, told of a day."""

    id: str
    day: date
    topic: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Pool:
    """All articles of some outlets, by day (UTC)."""

    name: str
    days: Mapping[date, Sequence[Article]]

    @cached_property
    def counts(self) -> Mapping[date, Background]:
        return {day: vectors.background_of(grouping.texts_of(found)[0]) for day, found in self.days.items()}

    def before(self, day: date) -> Background:
        """The words of the days before, as the database of a newsletter would have them."""
        past = [one for one in self.days if day - MEMORY <= one < day]
        return _together(self.counts[one] for one in past)

    @cached_property
    def background(self) -> Background:
        """The words of all its days, for labelled sets of other times."""
        return _together(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class Folder:
    labelled: Sequence[Labelled]
    pools: Sequence[Pool]
    picks: Mapping[str, Sequence[Pick]]  #: by name of file

    @property
    def background(self) -> Background | None:
        """The words of all pools."""
        return _together(pool.background for pool in self.pools) if self.pools else None


def _together(several: Iterable[Background]) -> Background:
    return vectors.combined(*several)


def read(folder: Path) -> Folder:
    labelled, pools, picks = list[Labelled](), list[Pool](), dict[str, list[Pick]]()
    for path in sorted([*folder.glob("*.jsonl.gz"), *folder.glob("*.jsonl")]):
        name, rows = path.name.partition(".")[0], list(_rows(path))
        if any(row.get("story") for row in rows):
            labelled.append(_labelled(name, rows))
        elif all("day" in row for row in rows):
            picks[name] = [_pick(row) for row in rows]
        elif rows:
            pools.append(_pool(name, rows))
    return Folder(labelled=labelled, pools=pools, picks=picks)


def _rows(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _labelled(name: str, rows: Sequence[Row]) -> Labelled:
    kept = sorted((row for row in rows if row.get("story")), key=lambda row: row["id"])
    return Labelled(
        name=name,
        articles=[article(row, _address(row)) for row in kept],
        truth=[row["story"] for row in kept],
    )


def _address(row: Row) -> str:
    """Its own, which may say what it is about, made unlike any other."""
    own = row.get("url") or ""
    return f"{own.partition('?')[0]}?id={row['id']}" if own.startswith("http") else f"https://example.org/{row['id']}"


def _pool(name: str, rows: Sequence[Row]) -> Pool:
    days = defaultdict[date, dict[str, Article]](dict)
    for row in rows:
        key = sha256(f"{row['source']}|{row['title']}|{row['published'][:10]}".encode()).hexdigest()[:12]
        found = article(row, f"https://example.org/{key}")
        days[found.published.date()].setdefault(found.url, found)
    return Pool(name=name, days={day: list(days[day].values()) for day in sorted(days)})


def _pick(row: Row) -> Pick:
    text = row.get("text") or row.get("title") or ""
    return Pick(id=row["id"], day=date.fromisoformat(row["day"]), topic=row.get("topic") or "", text=text)


def article(row: Row, url: str) -> Article:
    published = datetime.fromisoformat(row["published"])
    return Article(
        url=url,
        title=row["title"],
        summary=row.get("lead") or row.get("summary") or "",
        body=row.get("body") or "",
        published=published if published.tzinfo else published.replace(tzinfo=UTC),
        source=row["source"],
        section=row.get("section") or _section(row.get("cats") or {}),
    )


def _section(categories: Mapping[str, int]) -> str:
    """The category that an article stands highest in; the front page ("general") is none."""
    named = sorted((place, name) for name, place in categories.items() if name != "general")
    return named[0][1].title() if named else ""
