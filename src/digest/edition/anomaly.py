"""A draft and the last editions in, what looks wrong with the day out.  Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from digest.counting import counted
from digest.model import Item

FEWEST = 0.5  #: of the stories asked for, or usual
KNOWN = 5  #: editions that are needed to say what is usual
SPREAD = 3 * 1.4826  #: of the median deviation, which times 1.4826 is the standard deviation of a bell curve
LEAST = 1.0  #: points that are no deviation, however alike the last editions were: two sources more or less


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What an edition was like.  Points are without those of pins."""

    stories: int
    lead: float  #: points of its best story
    points: float  #: of its stories, on average


def shape(points: Sequence[float]) -> Shape:
    """That of an edition whose stories have these points."""
    count = len(points)
    return Shape(stories=count, lead=max(points, default=0.0), points=sum(points) / count if count else 0.0)


def anomalies(
    items: Sequence[Item],
    own: Shape,
    *,
    asked: int,
    past: Sequence[Shape],
    publishers: Collection[str] = (),
    conflicts: Sequence[str] = (),
    errors: Mapping[str, int] | None = None,
) -> tuple[str, ...]:
    """A sentence for each reason why a person should look at an edition before it goes.

    Args:
        items: The stories of the edition.
        own: What it is like.
        asked: How many the newsletter wants.
        past: The last editions of the same cadence.
        publishers: The configured sources that may be printed.  Where there are not several, one source is no wonder.
        conflicts: What editors decided and does not hold.
        errors: What `digest lint` found, and how often.
    """
    found = [_few(own, asked, past), _one_source(items, publishers), *_unusual(own, past)]
    found += [f"a decision does not hold: {one}" for one in conflicts]
    found += [f"digest lint: {name}, {counted(count, 'error')}" for name, count in (errors or {}).items()]
    return tuple(one for one in found if one)


def _few(own: Shape, asked: int, past: Sequence[Shape]) -> str:
    """A newsletter that never fills its places is not told so every day."""
    usual = median(one.stories for one in past) if len(past) >= KNOWN else asked
    if own.stories >= FEWEST * min(asked, usual):
        return ""
    return f"{counted(own.stories, 'story', 'stories')}, where {min(asked, usual):g} are usual"


def _one_source(items: Sequence[Item], publishers: Collection[str]) -> str:
    sources = {item.source or urlsplit(item.url).hostname or "" for item in items}
    if len(items) < 2 or len(sources) > 1 or len(publishers) < 2:
        return ""
    return f"all {len(items)} stories are from one source, {sources.pop()}"


def _unusual(own: Shape, past: Sequence[Shape]) -> list[str]:
    if len(past) < KNOWN or not own.stories:
        return []
    looks: Mapping[str, Callable[[Shape], float]] = {
        "the best story has": lambda one: one.lead,
        "stories have on average": lambda one: one.points,
    }
    return [_far(name, look(own), [look(one) for one in past]) for name, look in looks.items()]


def _far(name: str, value: float, usual: Sequence[float]) -> str:
    middle = median(usual)
    allowed = max(LEAST, SPREAD * median(abs(one - middle) for one in usual))
    if abs(value - middle) <= allowed:
        return ""
    return f"{name} {value:.1f} points, where {middle:.1f} are usual (give or take {allowed:.1f})"
