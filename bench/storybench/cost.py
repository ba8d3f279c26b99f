"""Numbers of articles in, what they cost to be grouped and ranked out: seconds of the processor, and memory.

Each number is measured in a process of its own, the smaller ones several times, and the quickest counts, as other
programs disturb.  Growth from one number to the next is printed beside what n log n would be.
"""

import math
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from digest.model import Article
from digest.stories import grouping
from digest.stories.rank import rank_grouping
from digest.stories.signals import RankOptions
from digest.stories.vectors import Background
from storybench.data import Folder, Pool
from storybench.generated import NOW, generated

SIZES = (700, 10_000, 100_000)
DAY, NEW = 10_000, 50  #: of which so many come later
REPEATED = 5_000  #: articles in all that are ranked for one line

T = TypeVar("T")

Cost = tuple[float, float, int]  #: seconds for groups, for ranks, stories


def report(folder: Folder, sizes: Sequence[int] = SIZES) -> None:
    print(f"\n{'articles':<42} {'groups s':>9} {'ranks s':>8} {'both s':>8} {'stories':>8} {'peak MB':>8}")
    for pool in folder.pools:
        _line(f"a day of {pool.name}", _best(*_day(pool, SIZES[0])))
    totals = [_alone(size) for size in sizes]
    for (size, seconds), (larger, more) in pairwise(zip(sizes, totals, strict=True)):
        bound = larger * math.log(larger) / (size * math.log(size))
        print(f"{size:,} to {larger:,}: {more / seconds:.1f} times the seconds; n log n would be {bound:.1f}")
    print(f"a day of {DAY:,}, updated with {NEW}: {_apart(_updated, DAY):.2f} s")


def _alone(size: int) -> float:
    cost, peak = _apart(_generated, size)
    _line(f"{size:,} generated", cost, peak)
    return cost[0] + cost[1]


def _apart(measure: Callable[[int], T], size: int) -> T:
    with multiprocessing.get_context("forkserver").Pool(1) as pool:  # whose memory is its own
        return pool.apply(measure, (size,))


def _line(name: str, cost: Cost, peak: int | None = None) -> None:
    groups, ranks, stories = cost
    memory = "" if peak is None else f"{peak:8}"
    print(f"{name:<42} {groups:9.2f} {ranks:8.2f} {groups + ranks:8.2f} {stories:8} {memory}", flush=True)


def _generated(size: int) -> tuple[Cost, int]:
    cost = _best(generated(size).articles, NOW, None)
    return cost, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _day(pool: Pool, size: int) -> tuple[Sequence[Article], datetime, Background]:
    """The day that comes nearest to that size."""
    day = min(pool.days, key=lambda one: (abs(len(pool.days[one]) - size), one))
    return pool.days[day], datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1), pool.before(day)


def _best(articles: Sequence[Article], now: datetime, background: Background | None) -> Cost:
    costs = [_once(articles, now, background) for _ in range(max(1, REPEATED // len(articles)))]
    return min(costs, key=lambda cost: cost[0] + cost[1])


def _once(articles: Sequence[Article], now: datetime, background: Background | None) -> Cost:
    options, started = RankOptions(), time.process_time()
    batch = grouping.group(articles, window=options.merge_hours, background=background)
    grouped = time.process_time()
    stories = rank_grouping(batch, now=now, options=options, sources={})
    return grouped - started, time.process_time() - grouped, len(stories)


def _updated(size: int) -> float:
    """Seconds for the last of the articles, the quickest of several times."""
    articles = generated(size).articles
    before = grouping.group(articles[:-NEW], window=RankOptions().merge_hours)
    return min(_seconds(before, articles[-NEW:]) for _ in range(5))


def _seconds(before: grouping.Grouping, new: Sequence[Article]) -> float:
    started = time.process_time()
    grouping.update(before, new)
    return time.process_time() - started
