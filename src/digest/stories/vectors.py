"""Words of articles in, unit rows of weighted words out.  Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Rows = sparse.csr_array[np.float64, tuple[int, int]]
Dense = NDArray[np.float64]

#: The past should come to so many times the window: else the words of a story that many tell today count as common,
#: and its articles fall apart.  Where it is shorter, its articles count several times (figures in docs/ranking.md).
PAST = 12
MOST_TIMES = 4

#: Beside the logarithm in the weight of a word: less would leave hardly anything of words that many articles have, more
#: would make them too much like rare ones (figures in docs/ranking.md).
PLAIN = 0.5
STOP_SHARE = 0.2  #: a word in more articles of its language than this is a stop word ...
STOP_FROM = 100  #: ... when there are at least so many articles to tell it by

#: A word is weighed as if so many articles more were known that do not have it.  While little is known, the words that
#: a window has would else count for much less than others; but few at first, as stop words cannot be told from rare
#: ones.
UNKNOWN = 3, 3_000
UNKNOWN_TIMES = 10  #: articles beyond `STOP_FROM`


@dataclass(frozen=True, kw_only=True)
class Text:
    """What an article is compared by."""

    words: Sequence[str]
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class Day:
    """Which words the texts of a day had."""

    day: date
    terms: Sequence[str]  #: the word of each column
    texts: Rows  #: a row a text, 1 where it has the word


@dataclass(frozen=True, kw_only=True)
class Background:
    """In how many of `total` earlier articles each word stood.  They make the weights of words steadier."""

    counts: Mapping[str, int] = field(default_factory=dict)
    total: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)  #: how many of the articles are in each
    days: Sequence[Day] = ()  #: the articles themselves, where they are known

    def articles(self, language: str) -> int:
        """How many there are to tell the weight of a word by: what is common in German may be rare in the window.

        Those that show no language are read in the commonest one, and count as of it.
        """
        shown = sorted({*self.languages} - {""})
        common = max(shown, key=self.languages.__getitem__, default="")
        if language in ("", common):
            return self.total - sum(self.languages[one] for one in shown if one != common)
        return self.languages.get(language, 0) or self.total


def background_of(texts: Iterable[Text]) -> Background:
    """The texts, as what is known of later ones."""
    counts, languages, total = Counter[str](), Counter[str](), 0
    for text in texts:
        counts.update(set(text.words))
        languages[text.language] += 1
        total += 1
    return Background(counts=counts, total=total, languages=languages)


def combined(*several: Background) -> Background:
    """The counts of all of them as one, without their days."""
    counts, languages = Counter[str](), Counter[str]()
    for one in sorted(several, key=lambda one: -len(one.counts)):  # the first is copied, the others are added up
        counts.update(one.counts)
        languages.update(one.languages)
    return Background(counts=counts, total=sum(one.total for one in several), languages=languages)


def day_of(day: date, texts: Sequence[Text]) -> Day:
    """The words of these texts, in order of the word."""
    terms = sorted({word for text in texts for word in text.words})
    column = {term: number for number, term in enumerate(terms)}
    had = [sorted({column[word] for word in text.words}) for text in texts]
    ends = np.cumsum([0, *map(len, had)])
    columns = np.array([number for own in had for number in own], dtype=np.intp)
    return Day(
        day=day,
        terms=terms,
        texts=sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(texts), len(terms))),
    )


def weighed_by(texts: Sequence[Text], earlier: Background) -> Background:
    """What the words of a window are weighed by: itself, and the earlier articles, one or several times."""
    times = min(MOST_TIMES, max(1, round(PAST * len(texts) / max(earlier.total, 1))))
    return combined(background_of(texts), *[earlier] * times)


def tfidf(texts: Sequence[Text], known: Background, terms: Sequence[str] = ()) -> tuple[Rows, list[str]]:
    """One unit row a text, with the word of each column: the `terms`, then what other words there are.

    Weight of a word: (1 + ln times in the text) x (`PLAIN` + ln((unknown + articles) / (1 + articles that have it))),
    of the articles in the text's language; none for stop words.
    """
    first = set(terms)
    named = [*terms, *sorted({word for text in texts for word in text.words if word not in first})]
    column = {term: number for number, term in enumerate(named)}
    totals = {language: known.articles(language) for language in {text.language for text in texts}}
    starts, columns, times, sizes = [0], list[int](), list[int](), list[int]()
    for text in texts:
        found = Counter(text.words)
        columns += map(column.__getitem__, found)
        times += found.values()
        starts.append(len(columns))
        sizes.append(totals[text.language])
    having = np.array([known.counts.get(term, 0) for term in named], dtype=np.float64)[columns]
    total = np.repeat(np.array(sizes, dtype=np.float64), np.diff(starts))
    rarity = (np.clip(UNKNOWN_TIMES * (total - STOP_FROM), *UNKNOWN) + total) / (1 + having)
    weights = (1 + np.log(np.array(times, dtype=np.float64))) * np.maximum(PLAIN + np.log(rarity), 0)
    weights[(total >= STOP_FROM) & (having > STOP_SHARE * total)] = 0.0
    rows = sparse.csr_array((weights, columns, starts), shape=(len(texts), len(named)))
    rows.eliminate_zeros()
    rows.sort_indices()
    return unit(rows), named


def unit(rows: Rows) -> Rows:
    """Rows of length 1; a row without words stays empty."""
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    length[length == 0] = 1.0
    return sparse.csr_array(sparse.diags_array(1 / length) @ rows)


def widened(rows: Rows, columns: int) -> Rows:
    """The same rows with further columns, in which they have nothing."""
    return sparse.csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], columns))


def rare(rows: Rows, most: int) -> Rows:
    """The rows without words that more than `most` of them have, of length 1 again."""
    often = np.bincount(rows.indices, minlength=rows.shape[1]) > most
    if not often.any():
        return rows
    kept = rows.copy()
    kept.data[often[kept.indices]] = 0.0
    kept.eliminate_zeros()
    return unit(kept)
