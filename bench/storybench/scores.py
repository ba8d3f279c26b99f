"""Groups, or ranked stories, against the truth in, figures between 0 and 1 out."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """BCubed: Bagga & Baldwin 1998.  NMI: mutual information over the mean entropy.  Pairs: F1 of "the same story"."""

    precision: float
    recall: float
    nmi: float
    pairs: float

    @property
    def f1(self) -> float:
        return _f1(self.precision, self.recall)


def grouping(truth: Sequence[str], found: Sequence[int]) -> Grouping:
    count = len(truth)
    both, true, own = Counter(zip(truth, found, strict=True)), Counter(truth), Counter(found)
    shared = math.fsum(
        n / count * math.log(n * count / (true[story] * own[group])) for (story, group), n in both.items()
    )
    entropy = (_entropy(true, count) + _entropy(own, count)) / 2
    together = _pairs(both)
    return Grouping(
        precision=sum(n**2 / own[group] for (_, group), n in both.items()) / count,
        recall=sum(n**2 / true[story] for (story, _), n in both.items()) / count,
        nmi=shared / entropy if entropy else 1.0,
        pairs=_f1(together / max(1, _pairs(own)), together / max(1, _pairs(true))),
    )


def _entropy(sizes: Counter[str] | Counter[int], count: int) -> float:
    return -math.fsum(n / count * math.log(n / count) for n in sizes.values())


def _pairs(sizes: Counter[str] | Counter[int] | Counter[tuple[str, int]]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Of the first ten stories: how many are relevant, how early they stand, and how many of all relevant ones."""

    precision: float
    ndcg: float
    recall: float


def ranked(gains: Sequence[bool]) -> Ranked | None:
    """None for a day on which nothing is relevant.  Gain 1 (Järvelin & Kekäläinen 2002)."""
    relevant = sum(gains)
    if not relevant:
        return None
    first = gains[:10]
    ideal = math.fsum(1 / math.log2(place + 2) for place in range(min(10, relevant)))
    return Ranked(
        precision=sum(first) / 10,
        ndcg=math.fsum(1 / math.log2(place + 2) for place, gain in enumerate(first) if gain) / ideal,
        recall=sum(first) / relevant,
    )


def mean(days: Sequence[Ranked]) -> Ranked:
    count = max(1, len(days))
    return Ranked(
        precision=math.fsum(day.precision for day in days) / count,
        ndcg=math.fsum(day.ndcg for day in days) / count,
        recall=math.fsum(day.recall for day in days) / count,
    )
