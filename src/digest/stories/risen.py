"""Stories and the texts of the weeks before in, whether what they tell of came up with them out.  Pure.

“Israel” and “Gaza” are in common on any day of a long war; “Astronomer” and “kiss cam” are for one week.  How rare a
word is does not tell the two apart: a long affair has its own rare words.  So the days are asked: do many more texts
tell of what the two have in common since the older one than in the weeks before it?  Of all that was tried beyond the
words of the two themselves, nothing told the same story from the same affair as well (bench/README.md).  And a story
that has been told of on many days already rather is one more of an affair or of a series than what came of one event.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from digest.stories.vectors import Day, Dense, Rows, widened

SHARE = 0.5  #: of what they have in common that a text must have to tell of it
CORE = 0.4  #: of a story's words, by their squares, that a text must have to tell of the story
SOME = 0.005  #: of a day's texts, and one at least, that tell of a story on a day that counts
ROUNDING = 1e-9  #: by which sums of one processor may differ from another's
USUAL = 5.0  #: times as many texts tell of it since: a day of that is thought in front, as a short past proves little
FEW = 0.05  #: texts a day that are as good as none

Numbers = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Around:
    """What was published before, and with, the articles of a window."""

    terms: Sequence[str]  #: the word of each column of the window's rows
    today: Rows  #: a row an article of the window
    days: Sequence[Day] = ()  #: that are over


def in_common(these: Rows, those: Rows) -> Rows:
    """A row a pair: the words that both have, by how telling they are for both; each row sums to 1."""
    shared = sparse.csr_array(these.multiply(those)).sqrt()
    total: Dense = np.asarray(shared.sum(axis=1)).ravel()
    total[total == 0] = 1.0
    return sparse.csr_array(sparse.diags_array(1 / total) @ shared)


def risen(shared: Rows, since: Sequence[date], around: Around) -> Dense:
    """ln(share of texts that tell of it from a day on / share in the days before), for each pair.

    Args:
        shared: What each pair has in common.
        since: The day of each.
        around: The texts.  They are looked at a day at a time, which bounds the memory.
    """
    if not since:
        return np.zeros(0)
    column, width = _columns(shared, around), shared.shape[1]
    today = widened(sparse.csr_array(around.today.sign()), width)
    texts = [*(_texts(day, column, width) for day in around.days), today]
    few = FEW * len(texts) / max(1, sum(one.shape[0] for one in texts))
    shares = np.stack([_telling(shared, one, SHARE) for one in texts], axis=1)
    later = np.array([[day.day >= first for day in around.days] + [True] for first in since])
    after = (shares * later).sum(axis=1) / later.sum(axis=1)
    before = ((shares * ~later).sum(axis=1) + after / USUAL) / ((~later).sum(axis=1) + 1)
    return np.asarray(np.log((after + few) / (before + few)), dtype=np.float64)


def told_before(stories: Rows, numbers: Numbers, since: Sequence[date], around: Around) -> Dense:
    """Share of the days before a day on which some texts told of a story, for each pair; 0 where no day is known.

    Args:
        stories: A unit row a story.
        numbers: The story of each pair.
        since: The day of each pair.
        around: The texts.
    """
    if not since or not around.days:
        return np.zeros(len(since))
    own, place = np.unique(numbers, return_inverse=True)
    cores = sparse.csr_array(stories[own].power(2))
    column, width = _columns(cores, around), cores.shape[1]
    told = np.stack([_telling(cores, _texts(day, column, width), CORE) >= SOME for day in around.days], axis=1)
    earlier = np.array([[day.day < first for day in around.days] for first in since])
    return np.asarray((told[place] & earlier).sum(axis=1) / np.maximum(earlier.sum(axis=1), 1), dtype=np.float64)


def _columns(rows: Rows, around: Around) -> Mapping[str, int]:
    """The columns of the words that any row has."""
    return {around.terms[number]: number for number in np.unique(rows.indices).tolist()}


def _texts(day: Day, column: Mapping[str, int], width: int) -> Rows:
    """The texts in other columns, without the words that have none there."""
    places = np.array([column.get(term, -1) for term in day.terms], dtype=np.intp)[day.texts.indices]
    kept = places >= 0
    ends = np.concatenate([[0], np.cumsum(kept)])[day.texts.indptr]
    return sparse.csr_array((np.ones(int(ends[-1])), places[kept], ends), shape=(day.texts.shape[0], width))


def _telling(words: Rows, texts: Rows, least: float) -> Dense:
    """Which share of the texts has at least so much of each row."""
    held = sparse.csr_array(words @ texts.T)
    row = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
    found = np.bincount(row[held.data >= least - ROUNDING], minlength=held.shape[0])
    return found / max(1, texts.shape[0])
