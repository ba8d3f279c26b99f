"""An edition in, what an editor should look at before it leaves out: gaps that no rule of mail sees.  Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from digest.model import Edition, Item, Markets

LONG_HEADLINE = 100  #: characters: four lines on a telephone
STALE = timedelta(hours=24)  #: of prices; Saturdays and Sundays, on which nothing is traded, do not count
SAME = 0.6  #: share of words that two headlines of one story have in common
FEW = 4  #: letters of words that say little


@dataclass(frozen=True, kw_only=True)
class Check:
    """Something to look at; `story` is "" where it is about the edition."""

    story: str
    sentence: str


def checklist(edition: Edition, *, now: datetime) -> tuple[Check, ...]:
    """What is missing, told twice, too long or too old; in the order a reader would meet it."""
    gaps = (Check(story=item.story, sentence=sentence) for item in edition.items for sentence in _gaps(item))
    return (*gaps, *_twice(edition), *_stale(edition.markets, now))


def _gaps(item: Item) -> Iterator[str]:
    if not item.source:
        yield "It names no source."
    if not item.blurb:
        yield "It has no summary."
    if item.image and not item.image.credit:
        yield "Its picture has no credit."
    if item.image and not item.image.alt:
        yield "Its picture has no description for those who do not see it."
    if len(item.headline) > LONG_HEADLINE:
        yield f"Its headline has {len(item.headline)} characters; beyond {LONG_HEADLINE} it fills a telephone."


def _twice(edition: Edition) -> Iterator[Check]:
    for first, second in combinations(edition.items, 2):
        if first.url == second.url:
            yield Check(story=second.story, sentence=f"It leads to the same page as “{first.headline}”.")
        elif _alike(first.headline, second.headline):
            yield Check(story=second.story, sentence=f"It may be the same story as “{first.headline}”.")


def _alike(one: str, other: str) -> bool:
    a, b = _words(one), _words(other)
    return bool(a and b) and len(a & b) / len(a | b) >= SAME


def _words(headline: str) -> frozenset[str]:
    return frozenset(word for word in headline.casefold().split() if len(word) >= FEW or any(map(str.isdigit, word)))


def _stale(markets: Markets | None, now: datetime) -> Iterator[Check]:
    if markets and (age := _trading(markets.as_of, now)) > STALE:
        yield Check(story="", sentence=f"The prices are {age.total_seconds() / 3600:.0f} trading hours old.")


def _trading(since: datetime, now: datetime) -> timedelta:
    """The time between two moments without that of Saturdays and Sundays."""
    total, moment = timedelta(), since
    while moment < now:
        midnight = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(midnight, now)
        if moment.weekday() < 5:
            total += end - moment
        moment = end
    return total
