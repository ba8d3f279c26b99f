"""Numbers and moments in, the axes of a chart out: round steps, and marks where a clock on the wall is round.  Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

MINUTE = timedelta(minutes=1)
DAY = 24 * 60  #: minutes
WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, DAY)  #: minutes, of a bucket and between two marks
QUARTER = 15  #: minutes: by multiples of it, clocks of the world differ from UTC
COLUMNS = 72  #: at most, in a chart
MARKS = 5  #: at most, below a chart
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def steps(low: float, high: float, *, most: int = 4) -> tuple[int, ...]:
    """Round whole numbers, the first not above `low` and the last not below `high`: two at least."""
    step = _round(max(math.ceil((high - low) / most), 1))
    first, last = math.floor(low / step), math.ceil(high / step)
    return tuple(step * number for number in range(first, max(last, first + 1) + 1))


def _round(least: int) -> int:
    power: int = 10 ** (len(str(least)) - 1)
    return next(number * power for number in (1, 2, 5, 10) if number * power >= least)


def short(number: float) -> str:
    """For an axis, where there is little room: 950, 9,500, 12k, 1.5M."""
    if abs(number) < 10_000:
        return f"{number:,.0f}"
    size, letter = next(one for one in _LARGE if abs(number) >= one[0])
    return f"{number / size:,.4g}{letter}" if abs(number) < 1e16 else f"{number:.1e}"


@dataclass(frozen=True, kw_only=True)
class Buckets:
    """A span of time, cut into equal parts.  They are counted in UTC: no clock change makes one longer."""

    start: datetime
    width: timedelta
    number: int

    @property
    def minutes(self) -> int:
        """Of one."""
        return self.width // MINUTE

    def starts(self) -> list[datetime]:
        return [self.start + number * self.width for number in range(self.number)]

    def summed(self, counts: Mapping[datetime, int]) -> list[int]:
        """What falls into each."""
        found = [0] * self.number
        for moment, count in counts.items():
            found[(moment - self.start) // self.width] += count
        return found

    def place(self, moment: datetime) -> float:
        """Where it is, from 0.0 at the start to 1.0 at the end."""
        return (moment - self.start) / (self.number * self.width)


def buckets(first: datetime, last: datetime, *, most: int = COLUMNS) -> Buckets:
    """As narrow as `most` of them allow; both moments are within."""
    minutes = (last - first) // MINUTE + 1
    width = next((one for one in WIDTHS if minutes <= one * (most - 1)), DAY * math.ceil(minutes / DAY / (most - 1)))
    start = _floor(first, width)
    return Buckets(start=start, width=width * MINUTE, number=(last - start) // (width * MINUTE) + 1)


def marks(span: Buckets, zone: tzinfo, *, most: int = MARKS) -> list[tuple[datetime, str]]:
    """Moments at which a clock of that zone is round, and what it shows; of midnight the date."""
    for step in [one for one in WIDTHS if span.number * span.minutes <= one * (most + 1)] or [DAY]:
        found = list(_rounds(span, zone, step))
        if len(found) <= most:
            break
    else:
        found = found[:: math.ceil(len(found) / most)]
    return [(moment, _shown(moment.astimezone(zone))) for moment in found]


def _rounds(span: Buckets, zone: tzinfo, step: int) -> Iterator[datetime]:
    """Tried every quarter of an hour at least, as an hour may be there twice, or not at all."""
    stride, end = math.gcd(step, QUARTER), span.start + span.number * span.width
    moment = _floor(span.start, stride)
    while moment < end:
        here = moment.astimezone(zone)
        if moment >= span.start and (here.hour * 60 + here.minute) % step == 0:
            yield moment
        moment += stride * MINUTE


def _floor(moment: datetime, minutes: int) -> datetime:
    seconds = minutes * 60
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


def _shown(here: datetime) -> str:
    return f"{here.day} {here:%b}" if (here.hour, here.minute) == (0, 0) else f"{here:%H:%M}"
