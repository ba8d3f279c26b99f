"""A story that an earlier edition told in; whether more is known of it, and by what, out.  Pure.

More is known when an article that the edition did not have brings a number or a name that was not told, or, some hours
later, tells it mostly in words that were not.  Copies, what was there before, and what others made of the same news are
a repeat.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import chain
from urllib.parse import urlsplit

from digest.model import Article, Point, StoryState, outlet
from digest.stories.past import Recalled, Telling
from digest.stories.signals import Desk, Group
from digest.stories.words import plain_words

OTHERWISE = 0.5  #: share of new words from which a later article tells something else
LATER_HOURS = 6.0  #: before that, what comes in is what others made of the same news
LEAD_WORDS = 40
SHOWN = 4  #: facts that the sentence names
TITLE_CASE = 0.6  #: share of capitalised words from which capitals say nothing about names

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?…。！？:])\s+|\n+")
_SHORT = 3  #: letters: shorter words are not counted when capitals are


@dataclass(frozen=True, kw_only=True)
class Development:
    """What is known of a told story that was not told."""

    sources: int  #: that have joined
    facts: tuple[str, ...]  #: numbers and names of the new leads, in order of appearance
    words: float  #: share of new words in the lead that has most of them, 0 to 1
    hours: float  #: from the telling to the newest article; 0 where it has none

    @property
    def real(self) -> bool:
        return bool(self.facts) or (self.words >= OTHERWISE and self.hours >= LATER_HOURS)


def untold(copies: Sequence[Sequence[Article]], telling: Telling | None) -> frozenset[str]:
    """Addresses of the articles that report something since the last telling; of all, if there was none.

    Not the told articles, nor their near-identical copies, nor what is older than the day (UTC) of that edition.
    """
    if telling is None:
        return frozenset(article.url for copy in copies for article in copy)
    since = datetime.combine(telling.day, time(), UTC)
    return frozenset(
        article.url
        for copy in copies
        if not any(article.url in telling.urls for article in copy)
        for article in copy
        if article.published >= since
    )


def judged(group: Group, known: Recalled, desk: Desk) -> tuple[StoryState, Point | None]:
    """The state, and a line for the ledger where an earlier edition told the story."""
    telling = known.telling
    if telling is None:
        return StoryState.NEW, None
    # Developed needs an untold article that may be printed: else the reader would get yesterday's link again.
    fresh = [one for one in group.articles if one.url in group.news and desk.may_print(one)]
    found = development(fresh, telling)
    if found.real:
        return StoryState.DEVELOPED, Point(signal="update", value=1, points=0.0, sentence=_update(found, telling))
    if fresh and not known.sure:
        return StoryState.DEVELOPED, Point(signal="update", value=0, points=0.0, sentence=_unsure(telling))
    return StoryState.REPEAT, Point(signal="repeat", value=1, points=0.0, sentence=_repeat(fresh, telling))


def development(fresh: Sequence[Article], telling: Telling) -> Development:
    """What the articles that were not told say beyond what was."""
    ordered = sorted(fresh, key=lambda one: (one.published, one.url))
    hosts = {urlsplit(url).hostname for url in telling.urls}
    told = frozenset(plain_words(telling.text))
    numbers = frozenset(_numbers(telling.text))
    facts = chain.from_iterable(_facts(lead(one), told, numbers) for one in ordered)
    return Development(
        sources=len({outlet(one) for one in ordered if urlsplit(one.url).hostname not in hosts}),
        facts=tuple(dict.fromkeys(facts)),
        words=max((_new_words(lead(one), told) for one in ordered), default=0.0),
        hours=max(((one.published - telling.at).total_seconds() / 3600 for one in ordered), default=0.0),
    )


def lead(article: Article) -> str:
    """What a reader sees first: the title and the beginning of the text."""
    text = article.summary or article.body.partition("\n\n")[0]
    return f"{article.title}\n{' '.join(text.split()[:LEAD_WORDS])}"


def _facts(text: str, told: frozenset[str], numbers: frozenset[str]) -> Iterator[str]:
    yield from (number for number in _numbers(text) if number not in numbers)
    yield from (name for name in _names(text) if not told.issuperset(plain_words(name)))


def _numbers(text: str) -> Iterator[str]:
    return (number for number in _NUMBER.findall(text) if not _YEAR.fullmatch(number))


def _names(text: str) -> Iterator[str]:
    """Words with a capital that does not begin a sentence; none of a line in which nearly every word has one."""
    for line in text.splitlines():
        words = [word for word in _WORD.findall(line) if len(word) > _SHORT]
        if sum(word[0].isupper() for word in words) >= TITLE_CASE * len(words):
            continue
        for sentence in _SENTENCE.split(line):
            yield from (word for word in _WORD.findall(sentence)[1:] if word[0].isupper() and len(word) > 1)


def _new_words(text: str, told: frozenset[str]) -> float:
    words = set(plain_words(text))
    return len(words - told) / len(words) if words else 0.0


# --- sentences -------------------------------------------------------------------------------------------------------


def _update(found: Development, telling: Telling) -> str:
    more = [f"{found.sources} more source{'' if found.sources == 1 else 's'}"] if found.sources else []
    if found.facts:
        left = len(found.facts) - SHOWN
        more.append(f"new in it: {', '.join(found.facts[:SHOWN])}" + (f" and {left} more" if left > 0 else ""))
    else:
        more.append(f"{found.words:.0%} of its words are new")
    when = f"{found.hours:.0f} hours later" if found.hours >= 1 else "since then"
    return f"The edition of {telling.day} told it; {when}: {'; '.join(more)}."


def _unsure(telling: Telling) -> str:
    return f"The edition of {telling.day} told something like it, but not so like it that this may be left out."


def _repeat(fresh: Sequence[Article], telling: Telling) -> str:
    why = "the same in other words" if fresh else "nothing new that may be printed"
    return f"The edition of {telling.day} told it, and since then there is {why}."
