"""Days of ranked stories and which of them a desk chose in, weights that rank as that desk does out.  Pure.

List-wise (a conditional logit; Xia et al., ICML 2008): each chosen story stands against all of its day that were not
chosen, and should have the most points.  So what stands high in the day weighs most, and not the many that no edition
would take.  What moves a weight away from the profile costs, the more the fewer choices there are.

A quarter of the days is held out, each in turn, and says what was gained; what is handed out is fitted to all.  Each
quarter is one stretch of time: events go on for days, and the neighbours of a day that is tried would give it away.

The fit has one minimum and starts at the profile: the same choices give the same weights.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize, minimize_scalar

from digest.model import Story
from digest.stories import subjects
from digest.stories.signals import WEIGHTS, RankOptions

LEAST_DAYS = 12
LEAST_CHOSEN = 40  #: stories
LEAST_GAIN = 0.01  #: of NDCG@10 on the days held out
PARTS = 4  #: of the days, in turn held out
RIVALS = 500  #: stories of a day that each chosen one is compared with
LEAST_DAYS_OF_A_WORD = 3
STEP = 0.05  #: what a word moves by less than this is not handed out
BOUND = 10.0  #: of what the configuration takes
LOUDEST = 4.0  #: times that the choices may follow the profile more, or less, closely than its points say

#: What a weight's square distance from the profile costs, in nats: as much as if such weights usually lay .16 from it,
#: and words .4.  Chosen within 2022 (docs/ranking.md), for 15 days of lessons as for 120.
STIFF = 20.0
STIFF_WORD = 3.0

_SIGNALS = tuple(signal for signal in WEIGHTS if signal not in {"subject", "interest"})  # of the desk, not readers

# Names of weights: no word has these marks, and "run" and "court" are words too.
_SIGNAL, _SUBJECT = "signal:", "subject:"

Vector = NDArray[np.float64]
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]
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


@dataclass(frozen=True, kw_only=True)
class _Lessons:
    """Stories as rows of what each weight is multiplied with, day after day; each day has a chosen one."""

    rows: Rows
    names: Sequence[str]  #: of the weights
    chosen: Flags
    day: Numbers  #: of each row

    @cached_property
    def starts(self) -> Numbers:
        """The first row of each day."""
        return np.flatnonzero(np.diff(self.day, prepend=-1))

    @cached_property
    def place(self) -> Numbers:
        """Of each row's day among the days."""
        return np.cumsum(np.diff(self.day, prepend=-1) != 0) - 1

    def of(self, days: Iterable[int]) -> "_Lessons":
        """Those of some days only, and the words that are not of one event in these."""
        here = np.isin(self.day, list(days))
        rows, day = sparse.csr_array(self.rows[np.flatnonzero(here)]), self.day[here]
        kept = np.flatnonzero(_lasting(rows, day, self.names))
        return _Lessons(
            rows=sparse.csr_array(rows[:, kept]),
            names=[self.names[column] for column in kept.tolist()],
            chosen=self.chosen[here],
            day=day,
        )


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
    lessons, languages = _lessons(told, options), _languages(told)
    before, after = _held_out(told, options, lessons, languages)
    if not _gained(before, after):
        return TooLittle(
            reason=f"what {len(told)} days teach does not hold for certain on days left out: NDCG@10 "
            f"{before.mean():.3f} before, {after.mean():.3f} after"
        )
    return Learnt(
        options=_fitted(lessons.of(range(len(told))), options, languages),
        days=len(told),
        chosen=chosen,
        before=float(before.mean()),
        after=float(after.mean()),
    )


def _held_out(
    days: Sequence[Day], options: RankOptions, lessons: _Lessons, languages: Mapping[str, str]
) -> tuple[Vector, Vector]:
    """NDCG@10 of each day with the options given, and with those that the other parts of the days teach."""
    before, after = np.zeros(len(days)), np.zeros(len(days))
    for part in np.array_split(np.arange(len(days)), PARTS):
        tried = _fitted(lessons.of(set(range(len(days))).difference(part.tolist())), options, languages)
        for number in part.tolist():
            before[number] = _ndcg(days[number], order(days[number].stories, options, options))
            after[number] = _ndcg(days[number], order(days[number].stories, options, tried))
    return before, after


def _gained(before: Vector, after: Vector) -> bool:
    """Whether it is better by more than chance would have it: by twice the standard error of the mean."""
    gain = after - before
    return bool(gain.mean() >= max(LEAST_GAIN, 2 * gain.std(ddof=1) / math.sqrt(len(gain))))


def fit(days: Sequence[Day], options: RankOptions) -> RankOptions:
    """The options that rank best as was chosen, and yet lie near those given.  Each day has a chosen story."""
    return _fitted(_lessons(days, options).of(range(len(days))), options, _languages(days))


def _fitted(lessons: _Lessons, options: RankOptions, languages: Mapping[str, str]) -> RankOptions:
    start = np.array([_given(name, options) for name in lessons.names])
    # How closely the choices follow the profile is no reason to change what its weights are to each other: else a
    # signal that these days say nothing of, such as sections, would weigh more or less than before beside the rest.
    loud = _loudness(lessons, start)
    moved = _minimum(lessons, loud * start) / loud
    return _moved(options, lessons, moved, languages)


def _given(name: str, options: RankOptions) -> float:
    if name.startswith(_SIGNAL):
        return options.weight(name.removeprefix(_SIGNAL))
    return options.subjects.get(name.removeprefix(_SUBJECT), 0.0) if name.startswith(_SUBJECT) else 0.0


def _is_no_word(name: str) -> bool:
    return ":" in name


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


def _lasting(rows: Rows, day: Numbers, names: Sequence[str]) -> Flags:
    """Which columns are of words that are met on enough days not to be of one event, or of no words."""
    first = np.flatnonzero(np.diff(day, prepend=-1))
    met = np.zeros(len(names), dtype=np.intp)
    for start, end in pairwise([*first.tolist(), len(day)]):
        met[np.unique(rows.indices[rows.indptr[start] : rows.indptr[end]])] += 1
    least = max(LEAST_DAYS_OF_A_WORD, len(first) // 20)
    return np.array([_is_no_word(name) or days >= least for name, days in zip(names, met.tolist(), strict=True)])


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


def _lessons(days: Sequence[Day], options: RankOptions) -> _Lessons:
    told = [_compared(day) for day in days]
    words = {word for stories in told for story in stories for _, word in subjects.spoken(story.articles)}
    names = (*(_SIGNAL + one for one in _SIGNALS), *(_SUBJECT + one for one in subjects.SUBJECTS), *sorted(words))
    columns = {name: number for number, name in enumerate(names)}
    return _Lessons(
        rows=_rows([_row(story, options, columns) for stories in told for story in stories], len(names)),
        names=names,
        chosen=np.array([one.id in day.chosen for day, stories in zip(days, told, strict=True) for one in stories]),
        day=np.repeat(np.arange(len(days)), [len(stories) for stories in told]),
    )


def _compared(day: Day) -> Sequence[Story]:
    chosen = [story for story in day.stories if story.id in day.chosen]
    return [*chosen, *_rivals([story for story in day.stories if story.id not in day.chosen])]


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


def _loudness(lessons: _Lessons, start: Vector) -> float:
    """What the profile's points are best multiplied with, to tell how likely a story is to be chosen."""
    points: Vector = np.asarray(lessons.rows @ start, dtype=np.float64)
    most = math.log(LOUDEST)
    found = minimize_scalar(
        lambda louder: _surprise(lessons, math.exp(louder) * points)[0], bounds=(-most, most), method="bounded"
    )
    return math.exp(float(found.x))


def _minimum(lessons: _Lessons, start: Vector) -> Vector:
    """Weights that tell best what was chosen, at what it costs to move them."""
    stiff = np.array([STIFF if _is_no_word(name) else STIFF_WORD for name in lessons.names])
    turned = sparse.csr_array(lessons.rows.T)

    def loss(moved: Vector) -> tuple[float, Vector]:
        value, pull = _surprise(lessons, np.asarray(lessons.rows @ moved, dtype=np.float64))
        away = moved - start
        return value + float((stiff * away * away).sum()), np.asarray(turned @ pull + 2 * stiff * away)

    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300}).x, dtype=np.float64)


def _surprise(lessons: _Lessons, points: Vector) -> tuple[float, Vector]:
    """Minus the log of how likely the choices are with these points, and how it changes with each of them.

    Each chosen story is drawn from itself and all that were not chosen of its day, by exp(points).
    """
    place, chosen = lessons.place, lessons.chosen
    most = np.maximum.reduceat(points, lessons.starts)[place]
    odds = np.exp(np.maximum(points - most, -500.0))  # smaller numbers would become 0, which has no log
    rivals = np.bincount(place, weights=np.where(chosen, 0.0, odds))[place]
    total = rivals + odds
    drawn = np.bincount(place, weights=np.where(chosen, 1 / total, 0.0))[place]
    value = float((np.log(total[chosen]) - (points - most)[chosen]).sum())
    return value, np.where(chosen, odds / total - 1, odds * drawn)


def _moved(options: RankOptions, lessons: _Lessons, moved: Vector, languages: Mapping[str, str]) -> RankOptions:
    values = dict(zip(lessons.names, moved.tolist(), strict=True))
    by_subject = {one: _bounded(values[_SUBJECT + one]) for one in subjects.SUBJECTS}
    words = {
        word: _bounded(_base(word, languages[word], by_subject, options.words) + values[word])
        for word in lessons.names
        if not _is_no_word(word) and abs(values[word]) >= STEP
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
