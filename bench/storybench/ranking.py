"""Pools and picks in, how well the day's first ten stories agree with the picks out, for our way and the plain ones.

Each day (UTC) of a pool is ranked by the product itself, at its end, with the words of the 21 days before as
background.  All ways rank the same stories.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from digest.model import Story
from digest.stories import learn, profiles
from digest.stories.rank import rank_stories
from digest.stories.signals import RankOptions
from storybench import scores
from storybench.data import Folder, Pool
from storybench.relevance import Relevance
from storybench.scores import Ranked

Way = Callable[[Sequence[Story]], Sequence[Story]]

OPTIONS = profiles.PROFILES["balanced"]


@dataclass(frozen=True, kw_only=True)
class Day:
    day: date
    stories: Sequence[Story]  #: as the product ranks them
    relevant: frozenset[str]  #: ids
    strict: frozenset[str]  #: ids of those picked on the same day

    @property
    def learnable(self) -> learn.Day:
        return learn.Day(stories=self.stories, chosen=self.relevant)


def days_of(pool: Pool, judge: Relevance, *, limit: int | None) -> Iterator[Day]:
    """The days of a pool that have picks; with a limit so many of them, evenly spread."""
    known = set(judge.days())
    days = [day for day in pool.days if day in known]
    for day in days[:: max(1, len(days) // limit)][:limit] if limit else days:
        stories = rank_stories(
            pool.days[day],
            now=datetime.combine(day, time(), UTC) + timedelta(days=1),
            options=OPTIONS,
            sources={},
            background=pool.before(day),
        )
        yield Day(
            day=day,
            stories=stories,
            relevant=frozenset(one.id for one in stories if judge.picked(one.articles, day)),
            strict=frozenset(one.id for one in stories if judge.picked(one.articles, day, same_day=True)),
        )


def report(folder: Folder, *, limit: int | None) -> Mapping[str, Mapping[str, Ranked]]:
    """Prints a table for each pool and file of picks; the figures by their names, for charts."""
    found: dict[str, dict[str, Ranked]] = {}
    for name, picks in folder.picks.items():
        judge = Relevance(folder, picks)
        told = {pool.name: list(days_of(pool, judge, limit=limit)) for pool in folder.pools}
        told = {pool: days for pool, days in told.items() if days}
        if not told:
            print(f"{name}: no day of it is in a pool")
        for pool, days in told.items():
            found[f"{pool} v. {name}"] = _table(f"{pool} v. {name}", days)
        _learning(name, told, found)
    return found


def _table(title: str, days: Sequence[Day]) -> dict[str, Ranked]:
    stories = sum(len(day.stories) for day in days) / len(days)
    relevant = sum(len(day.relevant) for day in days) / len(days)
    print(f"\n{title}: {len(days)} days, {stories:.0f} stories a day, {relevant:.1f} of them relevant")
    print(f"{'P@10 / NDCG@10 / recall@10':<44}{'same day or before':>20}{'same day':>20}")
    found = {}
    for name, way in WAYS.items():
        found[name] = _line(name, way, days)
    print(f"ours / distinct sources: {found['ours: balanced'].ndcg / found['distinct sources'].ndcg:.2f}")
    return found


def _line(name: str, way: Way, days: Sequence[Day]) -> Ranked:
    both = [_mean(way, days, lambda day: day.relevant), _mean(way, days, lambda day: day.strict)]
    print(f"{name:<44}" + "".join(f"{_figures(one):>20}" for one in both))
    return both[0]


def _mean(way: Way, days: Sequence[Day], relevant: Callable[[Day], frozenset[str]]) -> Ranked:
    gains = ([story.id in relevant(day) for story in way(day.stories)] for day in days)
    return scores.mean([one for one in map(scores.ranked, gains) if one])


def _figures(one: Ranked) -> str:
    return "/".join(f"{value:.3f}".lstrip("0") for value in (one.precision, one.ndcg, one.recall))


def _learning(name: str, told: Mapping[str, Sequence[Day]], found: dict[str, dict[str, Ranked]]) -> None:
    """Weights learnt from one pool, on the days of each other one."""
    for teacher, lessons in told.items():
        learnt = learn.learn([day.learnable for day in lessons], OPTIONS)
        if isinstance(learnt, learn.TooLittle):
            print(f"\nlearnt from {teacher}: nothing, as {learnt.reason}")
            continue
        print(
            f"\nlearnt from {teacher}: {learnt.days} days, {learnt.chosen} stories; NDCG@10 of days held out "
            f"{learnt.before:.3f} → {learnt.after:.3f}"
        )
        for pool, days in told.items():
            if pool != teacher:
                line = f"learnt from {teacher}"
                found[f"{pool} v. {name}"][line] = _line(f"… on {pool}", _as(learnt.options), days)


def _as(options: RankOptions) -> Way:
    return lambda stories: learn.order(stories, OPTIONS, options)


def _by(key: Callable[[Story], float]) -> Way:
    return lambda stories: sorted(stories, key=lambda story: (-key(story), story.id))


def _shuffled(stories: Sequence[Story]) -> Sequence[Story]:
    return random.Random(1).sample(sorted(stories, key=lambda story: story.id), len(stories))


WAYS: Mapping[str, Way] = {
    "ours: balanced": list,
    "ours: world": _as(profiles.PROFILES["world"]),
    "ours: business": _as(profiles.PROFILES["business"]),
    "ours: balanced, without subjects": _as(profiles.options(
        "balanced", window_hours=24, weights={"subject": 0.0}, sections={}, subjects={}, words={}
    )),
    "distinct sources": _by(lambda story: story.sources + len(story.articles) / 1e4),
    "size": _by(lambda story: len(story.articles)),
    "newest first": _by(lambda story: max(one.published.timestamp() for one in story.articles)),
    "random": _shuffled,
}  # fmt: skip
