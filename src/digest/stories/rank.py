"""Articles of a window in, stories in order of importance out: every article in exactly one.  Pure.

    articles → rows of words → groups → (id, state, lead, ledger) → ranks

The order of the input changes nothing: articles are sorted by address first, and ties are broken by id.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from types import MappingProxyType

import numpy as np
from scipy import sparse

from digest.model import Article, EditorAction, PastStory, Source, Story, outlet
from digest.stories import copies, developed, grouping, past, signals, vectors
from digest.stories import lead as leading
from digest.stories.grouping import Grouping
from digest.stories.interest import UNKNOWN, Interest
from digest.stories.past import Recalled
from digest.stories.risen import Around
from digest.stories.signals import Desk, Group, RankOptions
from digest.stories.vectors import Background, Dense, Rows
from digest.stories.words import spellings

TOP_WORDS = 5  #: that tell a story from the others
USUAL = 50  #: articles without the word that are thought to have come before, so that a thin past proves little

_NOTHING: Mapping[str, EditorAction] = MappingProxyType({})


def rank_stories(
    articles: Sequence[Article],
    *,
    now: datetime,
    options: RankOptions,
    sources: Mapping[str, Source],
    decisions: Mapping[str, EditorAction] = _NOTHING,
    past: Sequence[PastStory] = (),
    background: Background | None = None,
    interest: Interest = UNKNOWN,
) -> list[Story]:
    """All stories, the most important first.

    Args:
        articles: Those of the window; no two with the same address.
        now: The moment freshness is measured from.
        options: Weights and windows.
        sources: By name; an article of an unknown one may be printed.
        decisions: Editors' decisions by address.
        past: What earlier editions of this newsletter told, for ids and states.
        background: Words of earlier articles, which make their weights steadier.
        interest: What readers like to open; counts only with a weight.
    """
    if not articles:
        return []
    return rank_grouping(
        grouping.group(articles, window=options.merge_hours, background=background),
        now=now,
        options=options,
        sources=sources,
        decisions=decisions,
        past=past,
        interest=interest,
    )


def rank_grouping(
    batch: Grouping,
    *,
    now: datetime,
    options: RankOptions,
    sources: Mapping[str, Source],
    decisions: Mapping[str, EditorAction] = _NOTHING,
    past: Sequence[PastStory] = (),
    interest: Interest = UNKNOWN,
) -> list[Story]:
    """As `rank_stories`, of articles that have been grouped."""
    desk = Desk(now=now, options=options, sources=sources, decisions=decisions, interest=interest)
    stories = [_story(group, known, desk) for group, known in _described(batch, past, desk)]
    stories.sort(key=lambda story: (-story.score, story.id))
    return [replace(story, rank=rank) for rank, story in enumerate(stories, start=1)]


def _described(batch: Grouping, earlier: Sequence[PastStory], desk: Desk) -> Iterator[tuple[Group, Recalled]]:
    means = _means(batch)
    heat = _heat(batch, desk) if batch.earlier.total else None
    grouped = [[batch.articles[number] for number in group] for group in batch.groups]
    tops = [_top(means, place) for place in range(len(batch.groups))]
    spelled = _spellings(batch, tops)
    texts = _texts(batch)
    known = _known(batch, grouped, means, earlier)
    for place, group in enumerate(batch.groups):
        same = [[batch.articles[number] for number in copy] for copy in _copies(group, texts)]
        top = tops[place]
        described = Group(
            copies=tuple(map(tuple, same)),
            words=tuple(spelled[column] for column in top),
            heat=float(heat[top].mean()) if top and heat is not None else None,
            news=developed.untold(same, known[place].telling),
        )
        yield described, known[place]


def _known(
    batch: Grouping, grouped: Sequence[Sequence[Article]], means: Rows, earlier: Sequence[PastStory]
) -> list[Recalled]:
    rows, terms = past.rows_of(earlier, batch.known, batch.language, batch.terms)
    around = Around(terms=terms, today=batch.rows, days=batch.earlier.days)
    return past.recall(grouped, earlier, vectors.widened(means, len(terms)), rows, around)


def _spellings(batch: Grouping, tops: Iterable[Sequence[int]]) -> dict[int, str]:
    """The words of these columns, for people."""
    columns = sorted(set(chain.from_iterable(tops)))
    forms = {batch.terms[column] for column in columns}
    texts = (f"{article.title} {article.summary}" for article in batch.articles)
    found = spellings(forms, texts, batch.language)
    return {column: found.get(batch.terms[column], batch.terms[column]) for column in columns}


def _texts(batch: Grouping) -> dict[int, int]:
    """For each article that has company in its group: which text it carries."""
    numbers = [number for group in batch.groups if len(group) > 1 for number in group]
    return dict(zip(numbers, copies.sets([batch.articles[number] for number in numbers]), strict=True))


def _copies(group: Sequence[int], texts: Mapping[int, int]) -> list[list[int]]:
    """The group again, articles with the same text together."""
    found: dict[int, list[int]] = {}
    for number in group:
        found.setdefault(texts.get(number, -1), []).append(number)
    return list(found.values())


def _means(batch: Grouping) -> Rows:
    """One unit row a group."""
    ends = np.cumsum([0, *map(len, batch.groups)])
    columns = np.concatenate([np.asarray(group) for group in batch.groups])
    member = sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(batch.groups), len(batch.articles)))
    return vectors.unit(sparse.csr_array(member @ batch.rows))


def _heat(batch: Grouping, desk: Desk) -> Dense:
    """For each word ln(its share of the window's articles / its share of the earlier ones).

    Half an article more on both sides keeps a word that was never seen from being endlessly hot.
    """
    since = desk.now - timedelta(hours=desk.options.window_hours)
    young = [number for number, article in enumerate(batch.articles) if article.published > since]
    rows = batch.rows[np.asarray(young or range(len(batch.articles)))]
    today = np.bincount(rows.indices, minlength=len(batch.terms)) / rows.shape[0]
    before = np.array([batch.earlier.counts.get(term, 0) + 1 for term in batch.terms]) / (batch.earlier.total + USUAL)
    half = 0.5 / rows.shape[0]
    return np.asarray(np.log((today + half) / (before + half)), dtype=np.float64)


def _top(means: Rows, place: int) -> list[int]:
    start, end = means.indptr[place], means.indptr[place + 1]
    order = np.lexsort((means.indices[start:end], -means.data[start:end]))[:TOP_WORDS]
    return [int(column) for column in means.indices[start:end][order]]


def _story(group: Group, known: Recalled, desk: Desk) -> Story:
    articles = group.articles
    lead, why = leading.lead_of(group, desk)
    state, told = developed.judged(group, known, desk)
    points = (*signals.ledger(group, lead, desk), why, *([told] if told else []))
    return Story(
        id=known.id,
        rank=0,
        score=math.fsum(point.points for point in points),
        lead=lead,
        articles=tuple(sorted(articles, key=lambda article: (-article.published.timestamp(), article.url))),
        ledger=points,
        sources=len({outlet(article) for article in articles}),
        state=state,
    )
