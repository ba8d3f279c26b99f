"""Rows of words and the hours of their articles in, groups of articles out: one group, one story.  Pure.

Average-link agglomeration on cosine distance (UPGMA; Sokal & Michener 1958).  Articles further apart in time than the
window count as having nothing in common.  Up to `DENSE` articles all pairs are compared at once.  Above that the rows
fall apart into the connected components of "more alike than the cut" first, which changes nothing in the result: groups
whose mean likeness reaches the cut have at least one pair that does.  A component still too large is grouped in blocks
in order of time, then the means of those groups are grouped again; so memory stays bounded, and only there is the
result an approximation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse.csgraph import connected_components

from digest.stories.vectors import Dense, Mixed

DENSE = 5000  #: articles compared all with all: the process peaks near 500 MB

#: Mean cosine from which two groups are one story.  One cut for titles and for texts: smoothing by cosine evens out
#: what their length does (measured from .36 to .45 on four sets: BCubed F1 moves by .06 at most).
CUT = 0.42


@dataclass(frozen=True, kw_only=True)
class _Points:
    """What is grouped: rows, their hours, and how alike the members of a group must be on average."""

    rows: Mixed
    hours: Dense
    cut: float
    window: float

    def some(self, chosen: NDArray[np.intp]) -> "_Points":
        return _Points(rows=self.rows.some(chosen), hours=self.hours[chosen], cut=self.cut, window=self.window)


def groups(rows: Mixed, hours: Sequence[float], *, window: float, cut: float = CUT) -> list[list[int]]:
    """Row numbers by group, each in order, the groups by their first row."""
    points = _Points(rows=rows, hours=np.asarray(hours, dtype=np.float64), cut=cut, window=window)
    return _gather(_labels(points))


def _labels(points: _Points) -> NDArray[np.intp]:
    count = len(points.rows)
    if count <= DENSE:
        return _agglomerate(points)
    labels = np.zeros(count, dtype=np.intp)
    taken = 0
    for part in map(np.asarray, _gather(_components(points))):
        inner = _agglomerate(points.some(part)) if len(part) <= DENSE else _in_blocks(points.some(part))
        labels[part] = inner + taken
        taken = int(labels[part].max()) + 1
    return labels


def _agglomerate(points: _Points) -> NDArray[np.intp]:
    count = len(points.rows)
    if count < 2:
        return np.zeros(count, dtype=np.intp)
    tree = linkage(_distances(points), "average")
    return fcluster(tree, 1 - points.cut, "distance").astype(np.intp) - 1


def _distances(points: _Points) -> Dense:
    """Distances of all pairs, in the condensed order of scipy: row by row, right of the diagonal."""
    count = len(points.rows)
    condensed = np.empty(count * (count - 1) // 2)
    filled = 0
    for start, block in points.rows.similarities():
        apart = np.abs(points.hours[start : start + len(block), None] - points.hours[None, :]) > points.window
        block[apart] = 0.0
        for offset, row in enumerate(block):
            right = row[start + offset + 1 :]
            condensed[filled : filled + len(right)] = right
            filled += len(right)
    return np.clip(1 - condensed, 0.0, 1.0)


def _components(points: _Points) -> NDArray[np.intp]:
    count = len(points.rows)
    starts, columns = [np.zeros(1, dtype=np.intp)], list[NDArray[np.intp]]()
    for start, block in points.rows.similarities():
        apart = np.abs(points.hours[start : start + len(block), None] - points.hours[None, :]) > points.window
        near, column = np.nonzero((block >= points.cut) & ~apart)
        starts.append(starts[-1][-1] + np.cumsum(np.bincount(near, minlength=len(block))))
        columns.append(column)
    ones = np.ones(sum(map(len, columns)), dtype=np.int8)
    graph = sparse.csr_array((ones, np.concatenate(columns), np.concatenate(starts)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    return labels.astype(np.intp)


def _in_blocks(points: _Points) -> NDArray[np.intp]:
    """Blocks in order of time, then the means of their groups; again until one block holds all or nothing merges."""
    count = len(points.rows)
    if count <= DENSE:
        return _agglomerate(points)
    labels = np.zeros(count, dtype=np.intp)
    taken = 0
    for block in np.array_split(np.argsort(points.hours, kind="stable"), -(-count // DENSE)):
        labels[block] = _agglomerate(points.some(block)) + taken
        taken = int(labels[block].max()) + 1
    if taken > 0.9 * count:
        return labels
    size = np.bincount(labels)
    member = sparse.csr_array((1 / size[labels], (labels, np.arange(count))), shape=(taken, count))
    # Not unit length: the product of two means is the mean likeness of their members, which is average link.
    means = _Points(
        rows=points.rows.mixed(member),
        hours=np.asarray(member @ points.hours),
        cut=points.cut,
        window=points.window,
    )
    return _in_blocks(means)[labels]


def _gather(labels: NDArray[np.intp]) -> list[list[int]]:
    found: dict[int, list[int]] = {}
    for number, label in enumerate(labels.tolist()):
        found.setdefault(label, []).append(number)
    return list(found.values())
