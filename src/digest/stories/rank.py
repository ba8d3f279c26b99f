"""Articles of a window in, stories in order of importance out: every article in exactly one.  Pure.

    articles → rows of words → groups → (id, state, lead, ledger) → ranks

The order of the input changes nothing: articles are sorted by address first, and ties are broken by id.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

import numpy as np
from scipy import sparse

from digest.model import Article, EditorAction, PastStory, Source, Story
from digest.stories import cluster, copies, past, signals, vectors
from digest.stories import lead as leading
from digest.stories.past import Recalled
from digest.stories.signals import Desk, Group, RankOptions
from digest.stories.vectors import Background, Dense, Rows

TOP_WORDS = 5  #: that tell a story from the others

_NOTHING: Mapping[str, EditorAction] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """The articles, their rows of words (not smoothed), and which of them belong together."""

    articles: Sequence[Article]
    rows: Rows
    terms: Sequence[str]
    groups: Sequence[Sequence[int]]


def rank_stories(
    articles: Sequence[Article],
    *,
    now: datetime,
    options: RankOptions,
    sources: Mapping[str, Source],
    decisions: Mapping[str, EditorAction] = _NOTHING,
    past: Sequence[PastStory] = (),
    background: Background | None = None,
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
    """
    if not articles:
        return []
    ordered = sorted(articles, key=lambda article: article.url)
    desk = Desk(now=now, options=options, sources=sources, decisions=decisions)
    batch, told = _read(ordered, past, options, background)
    stories = [_story(group, known, desk) for group, known in _described(batch, told, past, desk)]
    stories.sort(key=lambda story: (-story.score, story.id))
    return [replace(story, rank=rank) for rank, story in enumerate(stories, start=1)]


def _read(
    articles: Sequence[Article], earlier: Sequence[PastStory], options: RankOptions, background: Background | None
) -> tuple[_Batch, Rows]:
    """The batch, and the rows of the past stories in the same columns."""
    texts = [vectors.words_of(article) for article in articles]
    known = vectors.combined(vectors.counts(texts), len(texts), background)
    both, terms = vectors.tfidf([*texts, *(vectors.words(story.text) for story in earlier)], known)
    rows, told = both[: len(texts)], both[len(texts) :]
    groups = cluster.groups(
        vectors.smooth(rows),
        [article.published.timestamp() / 3600 for article in articles],
        window=options.merge_hours,
    )
    return _Batch(articles=articles, rows=rows, terms=terms, groups=groups), told


def _described(batch: _Batch, told: Rows, earlier: Sequence[PastStory], desk: Desk) -> Iterator[tuple[Group, Recalled]]:
    means = _means(batch)
    shares = _shares(batch, desk)
    grouped = [[batch.articles[number] for number in group] for group in batch.groups]
    texts = _texts(batch)
    known = past.recall(grouped, past.tellings(earlier), (means @ told.T).toarray())
    for place, group in enumerate(batch.groups):
        same = [[batch.articles[number] for number in copy] for copy in _copies(group, texts)]
        top = _top(means, place)
        described = Group(
            copies=tuple(map(tuple, same)),
            words=tuple(batch.terms[column] for column in top),
            heat=float(shares[top].mean()) if top else 0.0,
            news=past.untold(same, known[place].telling),
        )
        yield described, known[place]


def _texts(batch: _Batch) -> dict[int, int]:
    """For each article that has company in its group: which text it carries."""
    numbers = [number for group in batch.groups if len(group) > 1 for number in group]
    return dict(zip(numbers, copies.sets([batch.articles[number] for number in numbers]), strict=True))


def _copies(group: Sequence[int], texts: Mapping[int, int]) -> list[list[int]]:
    """The group again, articles with the same text together."""
    found: dict[int, list[int]] = {}
    for number in group:
        found.setdefault(texts.get(number, -1), []).append(number)
    return list(found.values())


def _means(batch: _Batch) -> Rows:
    """One unit row a group."""
    ends = np.cumsum([0, *map(len, batch.groups)])
    columns = np.concatenate([np.asarray(group) for group in batch.groups])
    member = sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(batch.groups), len(batch.articles)))
    return vectors.unit(sparse.csr_array(member @ batch.rows))


def _shares(batch: _Batch, desk: Desk) -> Dense:
    """For each word the share of the window's articles that carry it."""
    since = desk.now - timedelta(hours=desk.options.window_hours)
    young = [number for number, article in enumerate(batch.articles) if article.published > since]
    rows = batch.rows[np.asarray(young or range(len(batch.articles)))]
    return np.bincount(rows.indices, minlength=len(batch.terms)) / rows.shape[0]


def _top(means: Rows, place: int) -> list[int]:
    start, end = means.indptr[place], means.indptr[place + 1]
    order = np.lexsort((means.indices[start:end], -means.data[start:end]))[:TOP_WORDS]
    return [int(column) for column in means.indices[start:end][order]]


def _story(group: Group, known: Recalled, desk: Desk) -> Story:
    articles = group.articles
    lead = leading.lead_of(group, desk)
    points = (*signals.ledger(group, lead, desk), leading.point(group, lead, desk))
    printable = {article.url: desk.may_print(article) for article in articles}
    return Story(
        id=known.id,
        rank=0,
        score=math.fsum(point.points for point in points),
        lead=lead,
        articles=tuple(sorted(articles, key=lambda article: (-article.published.timestamp(), article.url))),
        ledger=points,
        sources=len({signals.outlet(article) for article in articles}),
        state=past.state(known.telling, group.news, printable),
    )
