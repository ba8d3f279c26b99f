"""How often the stories of earlier editions were opened in, what readers like to open out.  Pure.

Only sums over many readers count.  A story high in an edition is opened more often, whatever it tells: so each is
compared with what stories in its place usually have.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

READERS = 100  #: an edition of fewer does not count: its sums would tell of single people
CLICKS = 50  #: of a section, a source or a story, before they say something
PRIOR = 25.0  #: clicks, as many as usual, that are thought to have come before, so that few prove little
MOST = math.log(3)  #: three times as often as usual, or a third; more than that is chance


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A story of an edition that went out."""

    place: int  #: in the edition, from 0
    url: str
    section: str
    source: str
    clicks: int


@dataclass(frozen=True, kw_only=True)
class Interest:
    """ln(how many times as often as usual they are opened); only of what enough readers opened."""

    sections: Mapping[str, float] = field(default_factory=dict)  #: by name, in small letters
    sources: Mapping[str, float] = field(default_factory=dict)
    stories: Mapping[str, float] = field(default_factory=dict)  #: by the address of the lead article


UNKNOWN = Interest()  #: of nothing


def interest(editions: Iterable[tuple[int, Sequence[Opened]]]) -> Interest:
    """From editions whose clicks were counted, each with how many readers it had."""
    counted = [(readers, stories) for readers, stories in editions if readers >= READERS]
    usual = _usual(counted)
    rows = [(one, usual[one.place] * readers) for readers, stories in counted for one in stories]
    return Interest(
        sections=_by((one.section.casefold(), one.clicks, expected) for one, expected in rows),
        sources=_by((one.source, one.clicks, expected) for one, expected in rows),
        stories=_by((one.url, one.clicks, expected) for one, expected in rows),
    )


def _usual(editions: Sequence[tuple[int, Sequence[Opened]]]) -> dict[int, float]:
    """By place, the clicks that a story has of each reader."""
    clicks: dict[int, int] = {}
    readers: dict[int, int] = {}
    for number, stories in editions:
        for one in stories:
            clicks[one.place] = clicks.get(one.place, 0) + one.clicks
            readers[one.place] = readers.get(one.place, 0) + number
    return {place: clicks[place] / readers[place] for place in clicks}


def _by(rows: Iterable[tuple[str, int, float]]) -> dict[str, float]:
    clicks: dict[str, int] = {}
    expected: dict[str, float] = {}
    for name, number, usual in rows:
        clicks[name] = clicks.get(name, 0) + number
        expected[name] = expected.get(name, 0.0) + usual
    enough = (name for name in clicks if name and max(clicks[name], expected[name]) >= CLICKS)
    return {name: bounded(math.log((clicks[name] + PRIOR) / (expected[name] + PRIOR))) for name in enough}


def bounded(value: float) -> float:
    return min(max(value, -MOST), MOST)
