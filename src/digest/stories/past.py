"""Groups of articles and what earlier editions told in; an id for each story, and whether it is new, out.  Pure.

A group continues a past story when they share an article, or when the cosine of its mean row with the past story's text
reaches `SAME`.  The group that shares most takes the past story's id; another one keeps an id of its own, but is still
judged against that past story.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from itertools import chain, count

import numpy as np

from digest.model import Article, PastStory, StoryState
from digest.stories.vectors import Dense

SAME = 0.5  #: cosine


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A past story, over all editions that told it."""

    id: str
    day: date  #: of the latest edition
    urls: frozenset[str]
    rows: tuple[int, ...]  #: which of the past stories they are


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What is known of a group of articles."""

    id: str
    telling: Telling | None


def tellings(past: Sequence[PastStory]) -> list[Telling]:
    """Past stories by id, in order of id."""
    rows: dict[str, list[int]] = {}
    for row, story in enumerate(past):
        rows.setdefault(story.id, []).append(row)
    return [
        Telling(
            id=key,
            day=max(past[row].day for row in own),
            urls=frozenset(chain.from_iterable(past[row].urls for row in own)),
            rows=tuple(own),
        )
        for key, own in sorted(rows.items())
    ]


def recall(groups: Sequence[Sequence[Article]], told: Sequence[Telling], likeness: Dense) -> list[Recalled]:
    """An id for each group, and the past story it continues.  `likeness`: cosine of each group with each past story."""
    matched: dict[int, Telling] = {}
    ids: dict[int, str] = {}
    for number, telling in _matches(groups, told, likeness):
        if number not in matched:
            matched[number] = telling
            if telling.id not in ids.values():
                ids[number] = telling.id
    taken = {telling.id for telling in told}
    for number, group in enumerate(groups):
        if number not in ids:
            ids[number] = next(one for one in _own_ids(group) if one not in taken)
            taken.add(ids[number])
    return [Recalled(id=ids[number], telling=matched.get(number)) for number in range(len(groups))]


def _matches(
    groups: Sequence[Sequence[Article]], told: Sequence[Telling], likeness: Dense
) -> Iterator[tuple[int, Telling]]:
    """Pairs of group and past story, the surest first."""
    found = []
    urls = [{article.url for article in group} for group in groups]
    for telling in told:
        best = likeness[:, list(telling.rows)].max(axis=1)
        shared = np.array([len(own & telling.urls) for own in urls])
        found += [
            (-int(shared[number]), -float(best[number]), number, telling)
            for number in np.flatnonzero((shared > 0) | (best >= SAME)).tolist()
        ]
    for _, _, number, telling in sorted(found, key=lambda one: (one[0], one[1], one[2], one[3].id)):
        yield number, telling


def _own_ids(group: Sequence[Article]) -> Iterator[str]:
    ordered = sorted(group, key=lambda article: (article.published, article.url))
    names = chain((article.url for article in ordered), (f"{ordered[0].url}#{number}" for number in count(2)))
    return (f"s{sha256(name.encode()).hexdigest()[:10]}" for name in names)


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


def state(telling: Telling | None, news: frozenset[str], printable: Mapping[str, bool]) -> StoryState:
    """Developed needs an untold article that may be printed: else the reader would get yesterday's link again."""
    if telling is None:
        return StoryState.NEW
    return StoryState.DEVELOPED if any(printable[url] for url in news) else StoryState.REPEAT
