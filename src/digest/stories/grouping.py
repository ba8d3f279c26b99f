"""Articles in, those that report the same together out; and the same day again when more have come.  Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from scipy import sparse

from digest.model import Article
from digest.stories import cluster, likeness, vectors
from digest.stories.likeness import Points
from digest.stories.vectors import Background, Rows, Text
from digest.stories.words import language_of, words, words_of

TOUCHED = 5  #: nearest articles of a new one whose stories are told anew with it


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Articles, ordered by address, and which of them report the same."""

    articles: Sequence[Article]
    rows: Rows  #: one a article, not mixed with any other
    terms: Sequence[str]  #: the word of each column
    groups: Sequence[Sequence[int]]  #: numbers of articles, each in order, by their first
    known: Background  #: by which the words were weighed
    earlier: Background  #: the part of it that was known before them
    window: float  #: hours
    language: str  #: that most of the articles are in


def texts_of(
    articles: Sequence[Article], language: str = "", earlier: Mapping[str, int] = MappingProxyType({})
) -> tuple[list[Text], str]:
    """What they are compared by, and the language in which those are read that show none.

    Args:
        articles: In whatever languages.
        language: The one of most articles, where it is known.  Else it is the one with the largest share of these and
            of the earlier ones together: headlines without small words show none, and a few others would speak for all.
        earlier: How many of the earlier articles are in each.
    """
    shown = [language_of(article) for article in articles]
    common = language or _commonest(Counter(shown), earlier)
    return [
        Text(words=words_of(one, tag or common), language=tag) for one, tag in zip(articles, shown, strict=True)
    ], common


def _commonest(*several: Mapping[str, int]) -> str:
    shares = dict[str, float]()
    for counts in several:
        for tag, count in counts.items():
            shares[tag] = shares.get(tag, 0.0) + count / sum(counts.values())
    return max(sorted({*shares} - {""}), key=shares.__getitem__, default="")


def text_of_words(text: str, language: str) -> Text:
    """A text that belongs to no article."""
    return Text(words=words(text, language), language=language)


def group(articles: Sequence[Article], *, window: float, background: Background | None = None) -> Grouping:
    """All at once.  In whatever order they come, the result is the same.

    Args:
        articles: No two with the same address.
        window: Hours; articles further apart are never compared.
        background: Words of earlier articles.
    """
    ordered = sorted(articles, key=_url)
    earlier = background or Background()
    texts, language = texts_of(ordered, earlier=earlier.languages)
    known = vectors.weighed_by(texts, earlier)
    rows, terms = vectors.tfidf(texts, known)
    groups = _groups(rows, ordered, window)
    return Grouping(
        articles=ordered,
        rows=rows,
        terms=terms,
        groups=groups,
        known=known,
        earlier=earlier,
        window=window,
        language=language,
    )


def update(before: Grouping, new: Sequence[Article]) -> Grouping:
    """With further articles; only the stories next to them are told anew, and words weigh what they weighed.

    Not the same as all at once, though nearly (bench/README.md says how nearly, and how much faster).

    Args:
        before: The day so far.
        new: Articles whose addresses it does not have.
    """
    if not new:
        return before
    count = len(before.articles)
    texts, _ = texts_of(sorted(new, key=_url), before.language)
    added, terms = vectors.tfidf(texts, before.known, before.terms)
    old = vectors.widened(before.rows, len(terms))
    rows = sparse.csr_array(sparse.vstack([old, added]))
    articles = [*before.articles, *sorted(new, key=_url)]
    touched = _touched(before, added, old)
    loose = np.array([*(number for place in touched for number in before.groups[place]), *range(count, len(articles))])
    anew = _groups(rows[loose], [articles[number] for number in loose], before.window)
    kept = [group for place, group in enumerate(before.groups) if place not in touched]
    groups = kept + [[int(loose[number]) for number in group] for group in anew]
    return _ordered(replace(before, articles=articles, rows=rows, terms=terms, groups=groups))


def _url(article: Article) -> str:
    return article.url


def _groups(rows: Rows, articles: Sequence[Article], window: float) -> list[list[int]]:
    hours = np.array([article.published.timestamp() / 3600 for article in articles], dtype=np.float64)
    return cluster.groups(likeness.mixed(Points(rows=rows, hours=hours, window=window)))


def _touched(before: Grouping, added: Rows, old: Rows) -> set[int]:
    """Places of the groups that hold the nearest articles of the new ones."""
    place = {number: place for place, group in enumerate(before.groups) for number in group}
    near = sparse.csr_array(added @ old.T)
    touched = set[int]()
    for start, end in zip(near.indptr, near.indptr[1:], strict=False):
        columns, values = near.indices[start:end], near.data[start:end]
        best = np.lexsort((columns, -values))[:TOUCHED]
        touched |= {place[int(columns[one])] for one in best if values[one] >= likeness.NEAR}
    return touched


def _ordered(found: Grouping) -> Grouping:
    """Again by address, as if they had come at once."""
    order = sorted(range(len(found.articles)), key=lambda number: found.articles[number].url)
    place = {number: rank for rank, number in enumerate(order)}
    groups = sorted(sorted(place[number] for number in group) for group in found.groups)
    return replace(
        found, articles=[found.articles[number] for number in order], rows=found.rows[np.array(order)], groups=groups
    )
