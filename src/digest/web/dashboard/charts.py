"""Numbers in, SVG out: columns, a line, bars.  Pure.

Colours are the style sheet's, by class, so that a chart is light and dark, and no style stands in markup.  What a chart
shows is told in its title and, by whoever shows it, in a table beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from digest.web.dashboard.scale import short, steps

WIDTH, HEIGHT = 460, 190
LEFT, RIGHT, TOP, BOTTOM = 42, 8, 10, 24  #: room for what stands around a chart
ROW, NAME, COUNT = 26, 150, 56  #: of bars: the height of one, room for its name and for its number
LONGEST = 22  #: characters of a name that have room
STRIP = 4  #: the width of a day in a strip


@dataclass(frozen=True, kw_only=True)
class Series:
    """Numbers of one kind."""

    name: str
    kind: str  #: the class that has its colour
    values: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Something below a chart."""

    place: float  #: from 0.0 at the left to 1.0 at the right
    text: str


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What each chart has: a name in the page, what it shows, and what stands below it."""

    name: str
    title: str
    marks: Sequence[Mark] = ()
    labels: Sequence[str] = ()  #: of each number, shown when somebody points at it


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A row of bars, one for each kind."""

    name: str
    parts: Sequence[float]


def columns(frame: Frame, above: Sequence[Series], below: Sequence[Series] = ()) -> str:
    """Columns of several kinds upon each other, and others hanging down from the line."""
    up, down = _stacked(above), _stacked(below)
    axis = _Axis(steps(-max(down, default=0), max(up, default=0)))
    drawn = [*axis.lines(), *_marks(frame), *_stack(frame, axis, above, 1), *_stack(frame, axis, below, -1)]
    return _svg(frame, [*drawn, axis.base()])


def line(frame: Frame, series: Series) -> str:
    """Not from zero: what is looked at is the change.  The numbers at its side say so."""
    values = series.values
    axis = _Axis(steps(min(values, default=0), max(values, default=0)))
    points = [(_x((at + 0.5) / len(values)), axis.y(value)) for at, value in enumerate(values)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = [f'<polyline class="{series.kind} path" points="{path}"/>'] if len(points) > 1 else []
    dots = [
        f'<circle class="{series.kind}" cx="{x:.1f}" cy="{y:.1f}" r="{3 if x == points[-1][0] else 1.5}">'
        f"{_told(frame, at, series, values[at])}</circle>"
        for at, (x, y) in enumerate(points)
    ]
    return _svg(frame, [*axis.lines(), *_marks(frame), *drawn, *dots])


def bars(frame: Frame, rows: Sequence[Bar], kinds: Sequence[tuple[str, str]]) -> str:
    """Bars from left to right, a row each, the parts of a row side by side.  `kinds`: name and class of each part."""
    most = max((sum(row.parts) for row in rows), default=0) or 1
    drawn = [
        piece for at, row in enumerate(rows) for piece in _bar(row, kinds, at * ROW, (WIDTH - NAME - COUNT) / most)
    ]
    return _svg(frame, drawn, height=len(rows) * ROW)


def share(frame: Frame, parts: Sequence[Series]) -> str:
    """One bar that is all there is, divided; each of `parts` has one number."""
    whole = sum(one.values[0] for one in parts)
    drawn, left = [], 0.0
    for one in parts:
        width = 100 * one.values[0] / whole if whole else 0.0
        drawn += [f'<rect class="{one.kind}" x="{left:.3f}" y="0" width="{width:.3f}" height="4"/>'] if width else []
        left += width
    return _svg(frame, drawn, width=100, height=4, stretched=True)


def strip(frame: Frame, series: Series) -> str:
    """Columns as small as words, for a table: the highest as high as the row, none for nothing."""
    most = max(series.values, default=0) or 1
    drawn = [
        f'<rect class="{series.kind}" x="{at * STRIP}" y="{16 - 15 * value / most:.1f}" width="{STRIP - 1}" '
        f'height="{15 * value / most:.1f}"/>'
        for at, value in enumerate(series.values)
        if value
    ]
    ground = f'<path class="base" d="M0 15.5H{len(series.values) * STRIP}"/>'
    return _svg(frame, [*drawn, ground], width=len(series.values) * STRIP, height=16)


# --- pieces ----------------------------------------------------------------------------------------------------------


class _Axis:
    """Up and down: round numbers at the left, and a thin line at each."""

    def __init__(self, at: Sequence[int]) -> None:
        self._at, self._low, self._high = at, at[0], at[-1]

    def y(self, value: float) -> float:
        room = HEIGHT - TOP - BOTTOM
        return TOP + room * (self._high - value) / (self._high - self._low)

    def lines(self) -> Iterator[str]:
        for value in self._at:
            y = self.y(value)
            yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            yield f'<text x="{LEFT - 6}" y="{y + 3.5:.1f}" text-anchor="end">{short(abs(value))}</text>'

    def base(self) -> str:
        """The line from which columns stand up, and hang down."""
        return f'<path class="base" d="M{LEFT} {self.y(max(self._low, 0)):.1f}H{WIDTH - RIGHT}"/>'


def _stacked(series: Sequence[Series]) -> list[float]:
    return [sum(values) for values in zip(*(one.values for one in series), strict=True)]


def _stack(frame: Frame, axis: _Axis, series: Sequence[Series], way: int) -> Iterator[str]:
    number = len(series[0].values) if series else 0
    width = (WIDTH - LEFT - RIGHT) / max(number, 1)
    for at in range(number):
        reached = 0.0
        for one in series:
            value = one.values[at]
            ends = axis.y(way * reached), axis.y(way * (reached + value))
            reached += value
            if value:
                yield (
                    f'<rect class="{one.kind}" x="{LEFT + at * width:.2f}" y="{min(ends):.2f}" '
                    f'width="{max(width - _gap(width), 0.5):.2f}" height="{abs(ends[0] - ends[1]):.2f}">'
                    f"{_told(frame, at, one, value)}</rect>"
                )


def _gap(width: float) -> float:
    return 1.0 if width > 4 else width / 4


def _bar(row: Bar, kinds: Sequence[tuple[str, str]], top: int, scale: float) -> Iterator[str]:
    name = row.name if len(row.name) <= LONGEST else f"{row.name[: LONGEST - 1]}…"
    yield f'<text x="{NAME - 8}" y="{top + 17}" text-anchor="end">{escape(name)}</text>'
    left = float(NAME)
    for (told, kind), value in zip(kinds, row.parts, strict=True):
        if value:
            words = escape(f"{row.name}: {value:,.0f} {told}")
            yield (
                f'<rect class="{kind}" x="{left:.1f}" y="{top + 5}" width="{max(value * scale, 1):.1f}" height="16">'
                f"<title>{words}</title></rect>"
            )
            left += value * scale
    yield f'<text x="{left + 6:.1f}" y="{top + 17}" class="number">{short(sum(row.parts))}</text>'


def _marks(frame: Frame) -> Iterator[str]:
    for mark in frame.marks:
        x = _x(mark.place)
        anchor = "start" if mark.place < 0.04 else "end" if mark.place > 0.94 else "middle"
        yield f'<path class="grid" d="M{x:.1f} {HEIGHT - BOTTOM}v4"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT - 7}" text-anchor="{anchor}">{escape(mark.text)}</text>'


def _x(place: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * place


def _told(frame: Frame, at: int, series: Series, value: float) -> str:
    label = f"{frame.labels[at]}: " if frame.labels else ""
    number = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return f"<title>{escape(f'{label}{number} {series.name}')}</title>"


def _svg(
    frame: Frame, drawn: Sequence[str], *, width: int = WIDTH, height: int = HEIGHT, stretched: bool = False
) -> str:
    shape = ' preserveAspectRatio="none"' if stretched else ""
    head = f'<svg class="chart" viewBox="0 0 {width} {height}"{shape} role="img" aria-labelledby="{frame.name}-title">'
    return f'{head}<title id="{frame.name}-title">{escape(frame.title)}</title>{"".join(drawn)}</svg>'
