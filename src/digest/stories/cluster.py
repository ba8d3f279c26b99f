"""How alike articles are in, groups of them out: one group, one story.  Pure.

Average-link agglomeration (UPGMA; Sokal & Michener 1958) over a sparse matrix: what is not in it counts as 0.  Done by
chains of nearest neighbours (Benzécri 1982), which give the same groups as always merging the two most alike, as no
merger brings a third group nearer to either.  Sums over pairs of groups are kept, the smaller group's moved into the
larger one's, so each pair is moved at most log n times.
"""

from itertools import pairwise

from digest.stories.vectors import Rows

#: Mean likeness from which two groups are one story.  From .40 to .48 the mean BCubed F1 over thirteen kinds of sets,
#: from bare titles to texts and days of loners, moves by less than .006 (docs/ranking.md).
CUT = 0.46


def groups(likeness: Rows, *, cut: float = CUT) -> list[list[int]]:
    """Row numbers by group, each in order, the groups by their first row.  `likeness`: symmetric, no diagonal."""
    chains = _Chains(likeness, cut)
    chains.run()
    found: dict[int, list[int]] = {}
    for number in range(likeness.shape[0]):
        found.setdefault(chains.group_of(number), []).append(number)
    return list(found.values())


class _Chains:
    def __init__(self, likeness: Rows, cut: float) -> None:
        self._cut = cut
        self._size = [1] * likeness.shape[0]
        self._parent = list(range(likeness.shape[0]))
        self._sums = _rows_of(likeness)

    def run(self) -> None:
        for start in range(len(self._sums)):
            chain = [start] if self._sums[start] else []
            while chain:
                self._step(chain)

    def group_of(self, number: int) -> int:
        while self._parent[number] != number:
            self._parent[number] = self._parent[self._parent[number]]
            number = self._parent[number]
        return number

    def _step(self, chain: list[int]) -> None:
        last = chain[-1]
        before = chain[-2] if len(chain) > 1 else -1
        nearest, mean = self._nearest(last, before)
        if mean < self._cut:
            chain.pop()  # and for good: a mean of others that are further away is no nearer
            self._forget(last)
        elif nearest == before:
            del chain[-2:]
            kept = self._merge(last, nearest)
            if not chain:
                chain.append(kept)
        else:
            chain.append(nearest)

    def _nearest(self, number: int, before: int) -> tuple[int, float]:
        """Of equals the one before in the chain, then the first: otherwise a chain could go round in circles."""
        sizes, own = self._size, self._size[number]
        best, most = -1, 0.0
        for other, total in self._sums[number].items():
            mean = total / (own * sizes[other])
            if mean > most or (mean == most and (other == before or (other < best and best != before))):
                best, most = other, mean
        return best, most

    def _forget(self, number: int) -> None:
        """Nothing will merge with it any more."""
        for other in self._sums[number]:
            del self._sums[other][number]
        self._sums[number] = {}

    def _merge(self, one: int, other: int) -> int:
        kept, gone = (one, other) if len(self._sums[one]) >= len(self._sums[other]) else (other, one)
        sums = self._sums[kept]
        del sums[gone]
        for third, total in self._sums[gone].items():
            if third == kept:
                continue
            sums[third] = sums.get(third, 0.0) + total
            back = self._sums[third]
            del back[gone]
            back[kept] = sums[third]
        self._sums[gone] = {}
        self._size[kept] += self._size[gone]
        self._parent[gone] = kept
        return kept


def _rows_of(likeness: Rows) -> list[dict[int, float]]:
    ends, columns, values = likeness.indptr.tolist(), likeness.indices.tolist(), likeness.data.tolist()
    return [dict(zip(columns[start:end], values[start:end], strict=True)) for start, end in pairwise(ends)]
