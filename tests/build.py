"""One line for a value: what a test does not care about has a default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from digest.model import Article, Circle, Delivery, Edition, Item, NewSubscriber, Point, Section, Story

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


@dataclass
class ToldTime:
    """Time as the test tells it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


KEY = "k" * 40  # signs links in tests


def article(number: int = 1, **over: Any) -> Article:
    values: dict[str, Any] = {
        "url": f"https://example.org/news/{number}",
        "title": f"Central bank holds rates for meeting {number}",
        "published": NOW - timedelta(hours=2, minutes=number),
        "source": "Example Wire",
        "section": "Economy",
        "language": "en",
        "summary": "The bank left its key rate unchanged. Two members voted for a cut.",
        "body": "The bank left its key rate unchanged on Monday.\n\nTwo members voted for a cut.",
    }
    return Article(**values | over)


def story(number: int = 1, *, articles: Sequence[Article] = (), **over: Any) -> Story:
    articles = tuple(articles) or (article(number),)
    values: dict[str, Any] = {
        "id": f"s{number:04}",
        "rank": number,
        "score": 10.0 - number,
        "lead": articles[0],
        "articles": articles,
        "ledger": (Point(signal="coverage", value=1, points=10.0 - number, sentence="1 source reports it"),),
        "sources": len({one.source for one in articles}),
    }
    return Story(**values | over)


def item(number: int = 1, **over: Any) -> Item:
    values: dict[str, Any] = {
        "story": f"s{number:04}",
        "headline": f"Central bank holds rates for meeting {number}",
        "url": f"https://example.org/news/{number}",
        "blurb": "The bank left its key rate unchanged. Two members voted for a cut.",
        "source": "Example Wire",
        "sources": 3,
        "section": "Economy",
        "language": "en",
        "published": NOW - timedelta(hours=2),
    }
    return Item(**values | over)


def edition(stories: int = 4, **over: Any) -> Edition:
    items = [item(n) for n in range(1, stories + 1)]
    values: dict[str, Any] = {
        "newsletter": "daily",
        "day": date(2026, 11, 23),
        "title": "The Daily Digest",
        "language": "en",
        "subject": "Central bank holds rates, and three more stories",
        "preheader": "Two members voted for a cut.",
        "lead": items[0] if items else None,
        "sections": (Section(name="Economy", items=tuple(items[1:])),) if items[1:] else (),
        "built_at": NOW,
    }
    return Edition(**values | over)


def reader(number: int = 1, **over: Any) -> NewSubscriber:
    return NewSubscriber(**{"address": f"reader{number}@example.net", "name": f"Reader {number}"} | over)


def circle(**over: Any) -> Circle:
    return Circle(**{"newsletter": "daily", "day": date(2026, 11, 23), "frequencies": frozenset({"daily"})} | over)


def delivery(number: int = 1, **over: Any) -> Delivery:
    values: dict[str, Any] = {
        "edition_id": 1,
        "subscriber_id": number,
        "edition": "daily/2026-11-23",
        "uid": f"{number:016x}",
        "address": f"reader{number}@example.net",
        "variant": "default",
        "attempts": 0,
        "in_doubt": 0,
        "fence": 1,
    }
    return Delivery(**values | over)


def told(number: int, **over: Any) -> Article:
    """An article that tells of something else than that of any other number."""
    title = " ".join(f"{word}{number}" for word in ("storm", "vote", "bank", "strike", "trial", "quake", "film"))
    return article(number, title=title, summary=f"About {title}.", body="", **over)
