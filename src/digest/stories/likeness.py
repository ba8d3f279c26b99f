"""Unit rows of words in, how alike each two articles are by themselves and by their neighbours out.  Pure.

Titles of one story often share few words, but they share neighbours.  So each article is mixed with the articles
nearest to it, and the mixtures are compared.  How many neighbours depends on how much there is to read: a
handful for texts, dozens for bare titles.  That, and neighbours counting by how near they are, is why one cut fits
titles and texts, curated sets and days full of loners (figures in bench/README.md).

All of it is sparse: two articles that share no rarer word are never compared, so time grows with the pairs that are
alike, not with all.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from digest.stories.vectors import Dense, Rows, rare

NEIGHBOURS = 2_300  #: of an article of one word; one of n different words takes n^1.5 times fewer: 44 of 14, 9 of 40
LEAST = 0.05, 0.1  #: cosine below which two articles count as unlike: in a window of up to `MANY`, in a huge one
NEAR = 0.12  #: cosine from which one is the other's neighbour
SHARPNESS = 1.5  #: a neighbour counts by its cosine to this power: 1 lets loners melt together, 2 splits stories
FAINT = 0.2  #: mixtures less alike than this count as unlike; changes nothing in the groups (measured)
COMMON = 1_000  #: articles: a word in more of a window's is as good as a stop word, and would cost the square of them
MANY = 10_000  #: articles of a window; in a larger one more are alike by chance, and less of it is looked at
BLOCK = 512  #: rows multiplied at once: bounds the memory
STEPS = 2**20  #: likeness is rounded to so many steps, so that the last bit of a processor's sums decides nothing

Numbers = NDArray[np.intp]


@dataclass(frozen=True, kw_only=True)
class Points:
    """Articles as they are compared."""

    rows: Rows
    hours: Dense  #: when each was published
    window: float  #: hours: articles further apart have nothing in common


def mixed(points: Points) -> Rows:
    """How alike the mixtures are: symmetric, without the diagonal, nothing below `FAINT`."""
    rows = rare(points.rows, _most(points.rows.shape[0]))
    alike = _products(rows, rows.T.tocsr(), points, _least(rows.shape[0]))
    shares = _shares(alike, np.diff(rows.indptr))
    blended = sparse.csr_array(shares @ alike)
    length = np.sqrt(np.asarray(blended.multiply(shares).sum(axis=1)).ravel())
    length[length == 0] = 1.0
    scale = sparse.diags_array(1 / length)
    found = _products(sparse.csr_array(scale @ blended), sparse.csr_array((scale @ shares).T), points, FAINT)
    found.setdiag(0)
    found.eliminate_zeros()
    return found


def _most(count: int) -> int:
    """How many of so many articles may have a word.

    Without the fourth root the words between would make the cost grow faster than n log n.
    """
    return int(COMMON * min(1.0, (MANY / max(count, 1)) ** 0.25))


def _least(count: int) -> float:
    """How alike two of so many articles have to be: with the root of their number, or memory would grow with pairs."""
    small, large = LEAST
    return min(large, small * math.sqrt(max(1.0, count / MANY)))


def _products(rows: Rows, turned: Rows, points: Points, least: float) -> Rows:
    """The products of all rows with all columns that reach `least`, of articles close enough in time."""
    count = rows.shape[0]
    if not count:
        return rows
    ends, columns, values = [np.zeros(1, dtype=np.intp)], list[Numbers](), list[Dense]()
    for start in range(0, count, BLOCK):
        block = sparse.csr_array(rows[start : start + BLOCK] @ turned)
        likely = np.flatnonzero(block.data > least - 1 / STEPS)  # one in hundreds: the rest is not looked at again
        row = np.searchsorted(block.indptr, likely, side="right") - 1
        column, value = block.indices[likely].astype(np.intp), np.round(block.data[likely] * STEPS) / STEPS
        near = np.abs(points.hours[start + row] - points.hours[column]) <= points.window
        kept = np.flatnonzero((value >= least) & near)
        kept = kept[np.lexsort((column[kept], row[kept]))]
        ends.append(ends[-1][-1] + np.cumsum(np.bincount(row[kept], minlength=block.shape[0])))
        columns.append(column[kept])
        values.append(value[kept])
    parts = (np.concatenate(values), np.concatenate(columns), np.concatenate(ends))
    return sparse.csr_array(parts, shape=(count, count))


def _shares(alike: Rows, words: Numbers) -> Rows:
    """What each mixture is made of: the article itself, and its nearest neighbours by how near they are."""
    count = alike.shape[0]
    row = np.repeat(np.arange(count), np.diff(alike.indptr))
    near = (alike.data >= NEAR) & (row != alike.indices)
    row, column, value = row[near], alike.indices[near], alike.data[near]
    order = np.lexsort((column, -value, row))  # of equals the first
    row, column, value = row[order], column[order], value[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=count))])
    kept = np.arange(len(row)) - starts[row] < np.ceil(NEIGHBOURS / np.maximum(words, 1) ** 1.5)[row]
    pull = sparse.coo_array((value[kept] ** SHARPNESS, (row[kept], column[kept])), shape=(count, count))
    return sparse.csr_array(pull.tocsr() + sparse.eye_array(count))
