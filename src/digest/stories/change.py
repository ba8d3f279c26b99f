"""A story, how it stands to the edition, and the weights in; the least change that would turn that around, out.  Pure.

Each signal has a form: how many points it gives for how much of it.  Turned around, the form tells how much more of it,
or less, is worth the points that are wanted.  What of all that is the easiest to imagine is named.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from digest.model import Bar, Point, Standing, Story
from digest.stories.interest import MOST as MOST_LIKED
from digest.stories.signals import HOTTEST, RankOptions

HAIR = 0.001  #: points by which it has to be more
MOST = 50  #: sources or places; more than this nobody can wish for

# One step of each signal: what is as easy to imagine as one more source.
HOURS, WEIGHT, PLACES, HEAT = 3.0, 0.5, 3.0, 0.5
REALISTIC = 6  #: steps


@dataclass(frozen=True, kw_only=True)
class Change:
    """What would have to be different."""

    is_in: bool  #: as it is
    points: float | None  #: that it lacks, or could lose; None if points do not decide
    signal: str  #: the one that would turn it around, "" for none
    before: float | None = None  #: value of that signal
    after: float | None = None
    sentence: str


@dataclass(frozen=True, kw_only=True)
class _Way:
    signal: str
    before: float
    after: float
    steps: float  #: how far it is to imagine
    words: str


def change(story: Story, standing: Standing, options: RankOptions) -> Change:
    """The least change that would bring a story in, or that would put it out."""
    if standing.gap is None:
        return _without_points(standing)
    ways = [way for way in _ways(story, standing.gap, options, -1 if standing.is_in else 1) if way.steps <= REALISTIC]
    best = min(ways, key=lambda way: way.steps, default=None)
    if standing.is_in:
        sentence = f"It could lose {_points(standing.gap)} and still be in{_but(best)}."
    else:
        example = f", for instance {best.words}" if best else ""
        sentence = f"{_points(standing.gap).capitalize()} more would have brought it in{example}, or an editor's pin."
    return Change(
        is_in=standing.is_in,
        points=standing.gap,
        signal=best.signal if best else "" if standing.is_in else "editor",
        before=best.before if best else None,
        after=best.after if best else None,
        sentence=sentence,
    )


_REMEDIES = {
    Bar.SIGNAL_ONLY: ("unpublishable", "An article on it from a source that may be printed would make it a candidate."),
    Bar.DROPPED: ("editor", "Withdrawing the editor's decision would make it a candidate."),
    Bar.REPEAT: ("news", "A newer article on it, or an editor's pin, would make it a candidate."),
    Bar.SECTION_CLOSED: ("section", "A higher limit of its section, or an editor's pin, would make it a candidate."),
}


def _without_points(standing: Standing) -> Change:
    if standing.bar is None:
        return Change(is_in=True, points=None, signal="editor", sentence="Only an editor's drop would put it out.")
    signal, sentence = _REMEDIES.get(standing.bar, ("editor", "An editor's pin would bring it in."))
    return Change(is_in=False, points=None, signal=signal, sentence=sentence)


def _points(gap: float) -> str:
    return "a hair" if gap < 0.05 else f"{gap:.1f} points"


def _but(way: _Way | None) -> str:
    return f"; {way.words} would put it out" if way else ""


# --- the forms -------------------------------------------------------------------------------------------------------


def _ways(story: Story, gap: float, options: RankOptions, sign: int) -> Iterator[_Way]:
    """What is worth `gap` points, more (sign 1) or less (sign -1), of each signal whose form is known."""
    points = {point.signal: point for point in story.ledger}
    for signal, form in _FORMS.items():
        if signal in points and (way := form(points, gap + HAIR, options, sign)):
            yield way


def _sources(points: dict[str, Point], gap: float, _options: RankOptions, sign: int) -> _Way | None:
    """Each with an article of its own: it counts for the size too."""
    growing = [point for name in ("coverage", "size") if (point := points.get(name)) and point.value > 0]
    own = int(points["coverage"].value)
    for count in range(1, MOST + 1 if sign > 0 else own):
        worth = [
            point.points * (math.log1p(max(0.0, point.value + sign * count)) / math.log1p(point.value) - 1)
            for point in growing
        ]
        if sign * sum(worth) >= gap:
            words = f"{'one' if count == 1 else count} {'more' if sign > 0 else 'fewer'} source{'s' * (count > 1)}"
            return _Way(signal="coverage", before=own, after=own + sign * count, steps=count, words=words)
    return None


def _freshness(points: dict[str, Point], gap: float, options: RankOptions, sign: int) -> _Way | None:
    now, hours = points["freshness"].points, points["freshness"].value
    then = now + sign * gap
    if now <= 0 or then <= 0:
        return None
    moved = options.half_life_hours * abs(math.log2(then / now))
    after = hours - sign * moved
    if after < 0:
        return None
    words = f"an article {moved:.1f} hours {'newer' if sign > 0 else 'older than its newest'}"
    return _Way(signal="freshness", before=hours, after=after, steps=moved / HOURS, words=words)


def _prominence(points: dict[str, Point], gap: float, options: RankOptions, sign: int) -> _Way | None:
    point = points["prominence"]
    places = range(int(point.value) - 1, 0, -1) if point.value else range(MOST, 0, -1)
    for place in places if sign > 0 else ():
        if options.weight("prominence") / (1 + (place - 1) / 3) - point.points >= gap:
            steps = (point.value - place) / PLACES if point.value else 1 + PLACES / place
            return _Way(
                signal="prominence", before=point.value, after=place, steps=steps, words=f"place {place} in a source"
            )
    return None


def _section(points: dict[str, Point], gap: float, options: RankOptions, sign: int) -> _Way | None:
    before, weight = points["section"].value, options.weight("section")
    if weight <= 0:
        return None
    after = before + sign * gap / weight
    words = f"a weight of {after:+.1f} for its section"
    return _Way(signal="section", before=before, after=after, steps=1 + gap / WEIGHT, words=words)


def _source(points: dict[str, Point], gap: float, options: RankOptions, sign: int) -> _Way | None:
    before = points["source"].value
    weight = options.weight("source")
    after = before + sign * gap / weight if weight > 0 else -1
    words = f"a weight of {after:.1f} for its best source"
    return (
        _Way(signal="source", before=before, after=after, steps=1 + gap / WEIGHT, words=words) if after >= 0 else None
    )


def _hot_terms(points: dict[str, Point], gap: float, options: RankOptions, sign: int) -> _Way | None:
    before, weight = points["hot_terms"].value, options.weight("hot_terms")
    after = min(max(before, 0.0), HOTTEST) + sign * gap / weight if weight > 0 else -1
    if not before or not 0 <= after <= HOTTEST:
        return None
    words = f"its words {math.exp(after):.1f} times as frequent as usual, not {math.exp(before):.1f}"
    return _Way(signal="hot_terms", before=before, after=after, steps=1 + abs(after - before) / HEAT, words=words)


def _interest(points: dict[str, Point], gap: float, options: RankOptions, sign: int) -> _Way | None:
    before, weight = points["interest"].value, options.weight("interest")
    after = before + sign * gap / weight if weight > 0 else MOST_LIKED + 1
    if not before or abs(after) > MOST_LIKED:
        return None
    words = f"its like opened {math.exp(after):.1f} times as often as usual, not {math.exp(before):.1f}"
    return _Way(signal="interest", before=before, after=after, steps=1 + abs(after - before) / HEAT, words=words)


_FORMS: dict[str, Callable[[dict[str, Point], float, RankOptions, int], _Way | None]] = {
    "coverage": _sources,
    "freshness": _freshness,
    "prominence": _prominence,
    "section": _section,
    "source": _source,
    "hot_terms": _hot_terms,
    "interest": _interest,
}
