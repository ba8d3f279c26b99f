"""Groups of articles and what earlier editions told in; an id for each story, and whether it is new, out.  Pure.

A group continues a past story when they share an article, or when what speaks for it outweighs what speaks against:
like words, the most telling words in common, and not in one phrase alone, few days in between, what they have in common
being told of much more since then than before, the new one not being told of for weeks, and no sign of the next of a
series (`likely`).
The group that shares most takes the past story's id; another one keeps an id of its own, but is still judged against
that past story.  Whether it has developed is for `digest.stories.developed`.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import chain, count, pairwise

import numpy as np
from scipy import sparse

from digest.model import Article, PastStory
from digest.stories import grouping, vectors
from digest.stories.risen import Around, in_common, risen, told_before
from digest.stories.vectors import Background, Rows
from digest.stories.words import words

NEAR = 0.12  #: cosine below which nothing else is looked at

# Fitted on one half of the labelled pairs and measured on the other: `bench_repeats.py --fit` and bench/README.md.
BASE = -3.55  #: the fit gave -3.18; lower, as a new story that is taken for an old one may be lost
COSINE = 1.35
NEW_HELD = 4.35
OLD_HELD = 4.3
LATER = -0.9  #: x ln(days in between)
SERIAL = -4.6  #: "Game 3" after "Game 2"
RISEN = 0.55  #: x ln(how many times as much)
PHRASES = -6.7  #: "Notre Dame" are two words in common and one thing; and the titles of a series are made alike
FEW = 0.25  #: more phrases in common than this are more than a name: they speak no more against it
BEFORE = -4.3

SURE = 1.5  #: from these odds a story with nothing new is left out; below, rather an update too many than a story lost
REPORTS = timedelta(days=2)  #: an edition tells what came the day before, and first reports may be a day older
OPENING = 14  #: words of each article whose neighbours are looked at: about a title
STEP = 7  #: more than this between two numbers is a quantity that grew

_ORDINAL = re.compile(r"([^\W\d_]+) (\d{1,3})\b(?![.,]\d)")


@dataclass(frozen=True, kw_only=True)
class Telling:
    """A past story, over all editions that told it."""

    id: str
    day: date  #: of the latest edition
    at: datetime  #: when that edition was approved, or its day began (UTC)
    urls: frozenset[str]
    rows: tuple[int, ...]  #: which of the past stories they are
    text: str  #: titles and leads of all that was told


@dataclass(frozen=True, kw_only=True)
class Recalled:
    """What is known of a group of articles."""

    id: str
    telling: Telling | None  #: the past story that it continues, with what others told of it
    sure: bool = True  #: alike enough to be left out, should there be nothing new in it


def tellings(past: Sequence[PastStory]) -> list[Telling]:
    """Past stories by id, in order of id."""
    rows: dict[str, list[int]] = {}
    for row, story in enumerate(past):
        rows.setdefault(story.id, []).append(row)
    return [_telling(key, own, past) for key, own in sorted(rows.items())]


def _telling(key: str, rows: Sequence[int], past: Sequence[PastStory]) -> Telling:
    latest = max((past[row] for row in rows), key=lambda story: (story.day, story.urls))
    return Telling(
        id=key,
        day=latest.day,
        at=latest.at or datetime.combine(latest.day, time(), UTC),
        urls=frozenset(chain.from_iterable(past[row].urls for row in rows)),
        rows=tuple(rows),
        text="\n".join(past[row].text for row in rows),
    )


def rows_of(
    past: Sequence[PastStory], known: Background, language: str, terms: Sequence[str]
) -> tuple[Rows, list[str]]:
    """A unit row a past story, the mean of its articles' rows; and the word of each column, first the `terms`."""
    lines = [story.text.splitlines() for story in past]
    texts = [grouping.text_of_words(line, language) for line in chain.from_iterable(lines)]
    rows, named = vectors.tfidf(texts, known, terms)
    ends = np.cumsum([0, *map(len, lines)])
    member = sparse.csr_array((np.ones(ends[-1]), np.arange(ends[-1]), ends), shape=(len(past), len(texts)))
    return vectors.unit(sparse.csr_array(member @ rows)), named


def recall(
    groups: Sequence[Sequence[Article]], past: Sequence[PastStory], means: Rows, rows: Rows, around: Around
) -> list[Recalled]:
    """An id for each group, and the past story it continues.

    Args:
        groups: The articles of each.
        past: What earlier editions told.
        means: A unit row a group, its words weighted by how telling they are.
        rows: A unit row a past story, in the same columns.
        around: What else was published.
    """
    told = tellings(past)
    matched: dict[int, list[tuple[Telling, bool]]] = {}
    ids: dict[int, str] = {}
    for number, telling, sure in _matches(groups, told, _odds(groups, past, means, rows, around)):
        if number not in matched and telling.id not in ids.values():
            ids[number] = telling.id
        matched.setdefault(number, []).append((telling, sure))
    taken = {telling.id for telling in told}
    for number, group in enumerate(groups):
        if number not in ids:
            ids[number] = next(one for one in _own_ids(group) if one not in taken)
            taken.add(ids[number])
    return [_recalled(ids[number], matched.get(number, ())) for number in range(len(groups))]


def _recalled(key: str, found: Sequence[tuple[Telling, bool]]) -> Recalled:
    """The likeliest past story, and all that the sure ones beside it told.

    Groups differ from day to day: what is one story now may have stood in another one then, and was read all the same.
    """
    if not found:
        return Recalled(id=key, telling=None)
    (first, sure), *others = found
    read = [first, *(telling for telling, certain in others if certain)]
    told = replace(
        first,
        day=max(one.day for one in read),
        at=max(one.at for one in read),
        urls=frozenset(chain.from_iterable(one.urls for one in read)),
        text="\n".join(one.text for one in read),
    )
    return Recalled(id=key, telling=told, sure=sure)


def _matches(
    groups: Sequence[Sequence[Article]], told: Sequence[Telling], odds: Mapping[tuple[int, int], float]
) -> Iterator[tuple[int, Telling, bool]]:
    """Pairs of group and past story, the surest first, and whether that is sure."""
    by_id = {telling.id: telling for telling in told}
    owner = {row: telling.id for telling in told for row in telling.rows}
    best: dict[tuple[int, str], float] = {}
    for (number, row), value in odds.items():
        pair = number, owner[row]
        best[pair] = max(value, best.get(pair, -math.inf))
    shared = _shared(groups, told)
    found = [
        (-shared.get(pair, 0), -best.get(pair, -math.inf), *pair)
        for pair in best.keys() | shared.keys()
        if pair in shared or best[pair] > 0
    ]
    for common, odds_against, number, key in sorted(found):
        yield number, by_id[key], common < 0 or -odds_against >= SURE


def _shared(groups: Sequence[Sequence[Article]], told: Sequence[Telling]) -> dict[tuple[int, str], int]:
    """How many articles each group has in common with each past story, where it has any."""
    tellers: dict[str, list[str]] = {}
    for telling in told:
        for url in telling.urls:
            tellers.setdefault(url, []).append(telling.id)
    found: dict[tuple[int, str], int] = {}
    for number, group in enumerate(groups):
        for key in chain.from_iterable(tellers.get(article.url, ()) for article in group):
            found[number, key] = found.get((number, key), 0) + 1
    return found


# --- the same story? -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What speaks for or against two stories of different days being one."""

    cosine: float
    new_held: float  #: share of the new story's words that the old one has, the telling ones counting most
    old_held: float  #: and the other way round
    days: int
    serial: bool  #: they count on: "Week 4" after "Week 3"
    risen: float  #: ln of how many times as many texts tell of what they have in common since then as before
    phrases: float  #: cosine of their pairs of neighbouring words
    before: float  #: share of the days before the old story on which texts told of the new one


def likely(signs: Signs) -> float:
    """Logarithm of the odds that they are the same story: above 0, they count as the same."""
    return (
        BASE
        + COSINE * signs.cosine
        + NEW_HELD * signs.new_held
        + OLD_HELD * signs.old_held
        + LATER * math.log(max(1, signs.days))
        + SERIAL * signs.serial
        + RISEN * signs.risen
        + PHRASES * min(FEW, signs.phrases)
        + BEFORE * signs.before
    )


def _odds(
    groups: Sequence[Sequence[Article]], past: Sequence[PastStory], means: Rows, rows: Rows, around: Around
) -> dict[tuple[int, int], float]:
    return {pair: likely(signs) for pair, signs in compared(groups, past, means, rows, around)}


def compared(
    groups: Sequence[Sequence[Article]], past: Sequence[PastStory], means: Rows, rows: Rows, around: Around
) -> Iterator[tuple[tuple[int, int], Signs]]:
    """The signs for each group and past story that have enough in common to be looked at."""
    cosines, new_held, old_held = (_sorted(product) for product in _products(means, rows))
    olds = [_said_then(story) for story in past]
    owners = np.repeat(np.arange(len(groups)), np.diff(cosines.indptr))
    places = np.flatnonzero(cosines.data >= NEAR)
    numbers, columns = owners[places], cosines.indices[places]
    news = {number: _said_now(groups[number]) for number in np.unique(numbers).tolist()}
    since = [past[row].day - REPORTS for row in columns.tolist()]
    rise = risen(in_common(means[numbers], rows[columns]), since, around)
    before = told_before(means, numbers, since, around)
    found = np.stack([*(product.data[places] for product in (cosines, new_held, old_held)), rise, before], axis=1)
    for number, row, values in zip(numbers.tolist(), columns.tolist(), found.tolist(), strict=True):
        cosine, new, old, more, earlier = values
        yield (
            (number, row),
            Signs(
                cosine=cosine,
                new_held=new,
                old_held=old,
                days=(max(article.published for article in groups[number]).date() - past[row].day).days,
                serial=_counts_on(news[number].counted, olds[row].counted),
                risen=more,
                phrases=_cosine(news[number].phrases, olds[row].phrases),
                before=earlier,
            ),
        )


def _products(means: Rows, rows: Rows) -> Iterator[Rows]:
    """Cosines, and which share of the one's squares lies in columns of the other: what tells most counts most.

    All three have a value for the same pairs, those with a word in common.
    """
    yield sparse.csr_array(means @ rows.T)
    yield sparse.csr_array(means.power(2) @ rows.sign().T)
    yield sparse.csr_array(means.sign() @ rows.power(2).T)


def _sorted(matrix: Rows) -> Rows:
    matrix.sort_indices()
    return matrix


@dataclass(frozen=True, kw_only=True)
class _Said:
    """What counts in the words of a story beside their weights."""

    counted: Mapping[str, frozenset[int]]
    phrases: frozenset[tuple[str, str]]


def _said_now(group: Sequence[Article]) -> _Said:
    return _Said(
        counted=_counted("\n".join(article.title for article in group)),
        phrases=_phrases(f"{article.title}. {article.summary}" for article in group),
    )


def _said_then(story: PastStory) -> _Said:
    return _Said(counted=_counted(story.text), phrases=_phrases(story.text.splitlines()))


def _phrases(lines: Iterable[str]) -> frozenset[tuple[str, str]]:
    opened = (words(line[: OPENING * 12])[:OPENING] for line in lines)
    return frozenset(chain.from_iterable(map(pairwise, opened)))


def _cosine(one: frozenset[tuple[str, str]], other: frozenset[tuple[str, str]]) -> float:
    return len(one & other) / math.sqrt(max(1, len(one) * len(other)))


def _counted(text: str) -> Mapping[str, frozenset[int]]:
    """Short numbers by the word right before them: game → {2, 3}."""
    found: dict[str, set[int]] = {}
    for word, number in _ORDINAL.findall(text.casefold()):
        found.setdefault(word, set()).add(int(number))
    return {word: frozenset(numbers) for word, numbers in found.items()}


def _counts_on(new: Mapping[str, frozenset[int]], old: Mapping[str, frozenset[int]]) -> bool:
    return any(0 < min(new[word]) - max(old[word]) <= STEP for word in new.keys() & old.keys())


def _own_ids(group: Sequence[Article]) -> Iterator[str]:
    ordered = sorted(group, key=lambda article: (article.published, article.url))
    names = chain((article.url for article in ordered), (f"{ordered[0].url}#{number}" for number in count(2)))
    return (f"s{sha256(name.encode()).hexdigest()[:10]}" for name in names)
