"""Days of ranked stories and which of them a desk chose in, weights that rank as that desk does out.  Pure.

Pairwise logistic regression (RankNet with a linear model; Burges et al., ICML 2005): of each pair of a chosen story and
another one of its day the chosen one should have more points.  What moves a weight away from the profile costs, so few
choices move it little.  A quarter of the days is held out, each in turn, and says what was gained; what is handed out
is fitted to all.

The fit has one minimum and starts at the profile: the same choices give the same weights.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from digest.model import Story
from digest.stories import subjects
from digest.stories.signals import WEIGHTS, RankOptions

LEAST_DAYS = 12
LEAST_CHOSEN = 40  #: stories
LEAST_GAIN = 0.01  #: of NDCG@10 on the days held out
PARTS = 4  #: of the days, in turn held out
RIVALS = 60  #: stories that each chosen one is compared with
LEAST_DAYS_OF_A_WORD = 3
MOST_WORDS = 400  #: that are handed out
STEP = 0.05  #: what a word moves by less than this is not handed out
BOUND = 10.0  #: of what the configuration takes

#: What it costs to move away from the profile.  Words are many and each is seen seldom, so they cost more.
STIFF = 0.0005
STIFF_WORD = 0.002

_SIGNALS = tuple(signal for signal in WEIGHTS if signal != "subject")

# Names of weights: no word has these marks, and "run" and "court" are words too.
_SIGNAL, _SUBJECT = "signal:", "subject:"

Vector = NDArray[np.float64]
Rows = sparse.csr_array[np.float64, tuple[int, int]]


@dataclass(frozen=True, kw_only=True)
class Day:
    """The stories of one day, ranked with the options that are learnt from, and the ids of those that were chosen."""

    stories: Sequence[Story]
    chosen: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """What was learnt, and what it is worth: mean NDCG@10 of the days, each held out once."""

    options: RankOptions
    days: int
    chosen: int
    before: float  #: with the options that were learnt from
    after: float


@dataclass(frozen=True, kw_only=True)
class TooLittle:
    """Why nothing was learnt."""

    reason: str


def learn(days: Sequence[Day], options: RankOptions) -> Learnt | TooLittle:
    """Weights for a desk, from its choices on some days, in order of time.

    Args:
        days: Those without a choice are passed over.
        options: The profile that the stories were ranked with.
    """
    told = [day for day in days if any(story.id in day.chosen for story in day.stories)]
    chosen = sum(story.id in day.chosen for day in told for story in day.stories)
    if len(told) < LEAST_DAYS or chosen < LEAST_CHOSEN:
        return TooLittle(
            reason=f"{len(told)} days with {chosen} chosen stories are too few: {LEAST_DAYS} days and {LEAST_CHOSEN} "
            "stories are the least"
        )
    before, after = _held_out(told, options)
    if not _gained(before, after):
        return TooLittle(
            reason=f"what {len(told)} days teach does not hold for certain on days left out: NDCG@10 "
            f"{before.mean():.3f} before, {after.mean():.3f} after"
        )
    return Learnt(
        options=fit(told, options),
        days=len(told),
        chosen=chosen,
        before=float(before.mean()),
        after=float(after.mean()),
    )


def _held_out(days: Sequence[Day], options: RankOptions) -> tuple[Vector, Vector]:
    """NDCG@10 of each day with the options given, and with those that the other parts of the days teach."""
    before, after = np.zeros(len(days)), np.zeros(len(days))
    for part in range(PARTS):
        tried = fit([day for number, day in enumerate(days) if number % PARTS != part], options)
        for number in range(part, len(days), PARTS):
            before[number] = _ndcg(days[number], order(days[number].stories, options, options))
            after[number] = _ndcg(days[number], order(days[number].stories, options, tried))
    return before, after


def _gained(before: Vector, after: Vector) -> bool:
    """Whether it is better by more than chance would have it: by twice the standard error of the mean."""
    gain = after - before
    return bool(gain.mean() >= max(LEAST_GAIN, 2 * gain.std(ddof=1) / math.sqrt(len(gain))))


def fit(days: Sequence[Day], options: RankOptions) -> RankOptions:
    """The options that rank best as was chosen, and yet lie near those given."""
    words = sorted(_common_words(days))
    names = (*(_SIGNAL + one for one in _SIGNALS), *(_SUBJECT + one for one in subjects.SUBJECTS), *words)
    columns = {name: number for number, name in enumerate(names)}
    stiff = np.full(len(names), STIFF)
    stiff[len(names) - len(words) :] = STIFF_WORD
    start = np.zeros(len(names))
    start[: len(_SIGNALS)] = [options.weight(signal) for signal in _SIGNALS]
    start[len(_SIGNALS) : len(names) - len(words)] = [options.subjects.get(one, 0.0) for one in subjects.SUBJECTS]
    moved = _minimum(_pairs(days, options, columns), start, stiff)
    return _moved(options, dict(zip(names, moved.tolist(), strict=True)), _languages(days))


def order(stories: Sequence[Story], ranked: RankOptions, learnt: RankOptions) -> list[Story]:
    """Stories that were ranked with some options, as others rank them."""
    return sorted(stories, key=lambda story: (-score(story, ranked, learnt), story.id))


def score(story: Story, ranked: RankOptions, learnt: RankOptions) -> float:
    """The points that a story, ranked with some options, has with others; the editor's aside."""
    counted = subjects.counted(story.articles, subjects=learnt.subjects, own=learnt.words)
    parts = [units * learnt.weight(signal) for signal, units in _units(story, ranked).items()]
    return math.fsum((*parts, learnt.weight("subject") * math.fsum(counted.values())))


def _ndcg(day: Day, stories: Sequence[Story]) -> float:
    """Järvelin & Kekäläinen 2002, with a gain of 1 for each chosen story."""
    gains = [story.id in day.chosen for story in stories]
    found = math.fsum(1 / math.log2(place + 2) for place, gain in enumerate(gains[:10]) if gain)
    return found / math.fsum(1 / math.log2(place + 2) for place in range(min(10, sum(gains))))


def _units(story: Story, options: RankOptions) -> dict[str, float]:
    """Points by signal for a weight of 1.  A signal of weight 0 tells nothing."""
    return {
        point.signal: point.points / options.weight(point.signal)
        for point in story.ledger
        if point.signal in _SIGNALS and options.weight(point.signal)
    }


def _common_words(days: Sequence[Day]) -> set[str]:
    """Words of chosen stories, or of many days, that are not of one event."""
    seen = Counter(word for day in days for word in _words_of(day))
    return {word for word, count in seen.items() if count >= max(LEAST_DAYS_OF_A_WORD, len(days) // 20)}


def _words_of(day: Day) -> set[str]:
    return {word for story in day.stories for one in story.articles for word in subjects.title_words(one.title)}


def _languages(days: Sequence[Day]) -> dict[str, str]:
    """The language that a word is read in: the first it was met in."""
    found: dict[str, str] = {}
    for day in days:
        for story in day.stories:
            for language, word in subjects.spoken(story.articles):
                found.setdefault(word, language)
    return found


def _row(story: Story, options: RankOptions, columns: Mapping[str, int]) -> dict[int, float]:
    """What each weight is multiplied with."""
    found = {columns[_SIGNAL + signal]: units for signal, units in _units(story, options).items()}
    for (language, word), share in subjects.spoken(story.articles).items():
        own = subjects.look_up(word, options.words) is not None
        for name in (word, "" if own else _SUBJECT + subjects.subject_of(word, language)):
            if name in columns:
                found[columns[name]] = found.get(columns[name], 0.0) + share * options.weight("subject")
    return found


def _pairs(days: Sequence[Day], options: RankOptions, columns: Mapping[str, int]) -> Rows:
    """One row for each pair of a day: the chosen story less the other one."""
    return sparse.csr_array(sparse.vstack([_pairs_of(day, options, columns) for day in days]))


def _pairs_of(day: Day, options: RankOptions, columns: Mapping[str, int]) -> Rows:
    chosen = [story for story in day.stories if story.id in day.chosen]
    others = _rivals([story for story in day.stories if story.id not in day.chosen])
    rows = _rows([_row(story, options, columns) for story in (*chosen, *others)], len(columns))
    first = np.repeat(np.arange(len(chosen)), len(others))
    second = len(chosen) + np.tile(np.arange(len(others)), len(chosen))
    return sparse.csr_array(rows[first] - rows[second])


def _rivals(others: Sequence[Story]) -> Sequence[Story]:
    """The best of the others, which are what an edition is filled from, and some of all the rest."""
    half = RIVALS // 2
    rest = others[half:]
    return [*others[:half], *rest[:: max(1, len(rest) // half)]]


def _rows(found: Sequence[Mapping[int, float]], width: int) -> Rows:
    ends = np.cumsum([0, *map(len, found)])
    columns = np.fromiter((column for row in found for column in row), dtype=np.intp)
    values = np.fromiter((value for row in found for value in row.values()), dtype=np.float64)
    return sparse.csr_array((values, columns, ends), shape=(len(found), width))


def _minimum(pairs: Rows, start: Vector, stiff: Vector) -> Vector:
    turned = sparse.csr_array(pairs.T)

    def loss(moved: Vector) -> tuple[float, Vector]:
        margin: Vector = np.asarray(pairs @ moved, dtype=np.float64)
        away = moved - start
        value = float(np.logaddexp(0.0, -margin).mean() + (stiff * away * away).sum())
        pull = -1 / (1 + np.exp(np.clip(margin, -500, 500))) / len(margin)
        return value, np.asarray(turned @ pull + 2 * stiff * away, dtype=np.float64)

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x, dtype=np.float64)


def _moved(options: RankOptions, values: Mapping[str, float], languages: Mapping[str, str]) -> RankOptions:
    by_subject = {one: _bounded(values[_SUBJECT + one]) for one in subjects.SUBJECTS}
    steps = {name: step for name, step in values.items() if ":" not in name}
    largest = sorted(steps, key=lambda word: (-abs(steps[word]), word))[:MOST_WORDS]
    words = {
        word: _bounded(_base(word, languages[word], by_subject, options.words) + steps[word])
        for word in sorted(largest)
        if abs(steps[word]) >= STEP
    }
    return replace(
        options,
        weights={**options.weights, **{signal: _bounded(values[_SIGNAL + signal]) for signal in _SIGNALS}},
        subjects=by_subject,
        words={**options.words, **words},
    )


def _base(word: str, language: str, by_subject: Mapping[str, float], own: Mapping[str, float]) -> float:
    points = subjects.look_up(word, own)
    return by_subject.get(subjects.subject_of(word, language), 0.0) if points is None else points


def _bounded(value: float) -> float:
    return round(min(max(value, -BOUND), BOUND), 3)
