"""Moments in, lines over time as SVG out: how much of each kind was there by then.  Readable on white and on black."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT, LEFT, TOP, LEGEND = 760, 300, 50, 16, 20
OTHERS, TEXT = "#8a94a6", "#7a7f87"


@dataclass(frozen=True, kw_only=True)
class Line:
    name: str  #: "" is not in the legend
    moments: Sequence[float]  #: seconds, in order: when each of them was there
    colour: str = OTHERS
    dashed: bool = False


def write(path: Path, title: str, lines: Sequence[Line], *, marks: Mapping[str, float]) -> None:
    """`marks`: seconds at which a word stands beside an upright line."""
    end = max([*(one.moments[-1] for one in lines if one.moments), *marks.values()])
    named = [one for one in lines if one.name]
    bottom = TOP + HEIGHT
    body = [
        f'<text x="0" y="12" font-weight="bold">{escape(title)}</text>',
        *_axes(end, bottom),
        *(part for word, at in marks.items() for part in _mark(word, _x(at, end), bottom)),
        *(_line(one, end) for one in lines),
        *(part for place, one in enumerate(named) for part in _legend(one, bottom + 44 + place * LEGEND)),
    ]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 44 + len(named) * LEGEND}" '
    text = "\n".join(body)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{head}font-family="sans-serif" font-size="13" fill="{TEXT}">\n{text}\n</svg>\n', encoding="utf-8")


def _x(at: float, end: float) -> float:
    return LEFT + at / end * (WIDTH - LEFT - 10)


def _y(share: float) -> float:
    return TOP + 8 + (1 - share) * (HEIGHT - 8)


def _axes(end: float, bottom: int) -> list[str]:
    step = next(one for one in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3600) if end / one <= 12)
    found = [f'<path d="M{LEFT} {_y(1):.1f}V{bottom}H{WIDTH - 10}" fill="none" stroke="{TEXT}"/>']
    found += [
        f'<text x="{_x(second, end):.1f}" y="{bottom + 18}" text-anchor="middle">{second} s</text>'
        for second in range(0, int(end) + 1, step)
    ]
    return found + [
        f'<text x="{LEFT - 6}" y="{_y(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>' for share in (0, 0.5, 1)
    ]


def _mark(word: str, x: float, bottom: int) -> list[str]:
    return [
        f'<path d="M{x:.1f} {TOP + 8}V{bottom}" stroke="{TEXT}" stroke-dasharray="2 4"/>',
        f'<text x="{x + 4:.1f}" y="{bottom - 8}">{escape(word)}</text>',
    ]


def _line(one: Line, end: float) -> str:
    """One corner for each pixel: so long a line has no more to show."""
    corners = {round(_x(at, end)): _y((number + 1) / len(one.moments)) for number, at in enumerate(one.moments)}
    points = " ".join(f"{x},{y:.1f}" for x, y in [(LEFT, _y(0)), *corners.items()])
    dashes = ' stroke-dasharray="6 4"' if one.dashed else ""
    return f'<polyline points="{points}" fill="none" stroke="{one.colour}" stroke-width="2"{dashes}/>'


def _legend(one: Line, y: int) -> list[str]:
    dashes = ' stroke-dasharray="6 4"' if one.dashed else ""
    return [
        f'<path d="M{LEFT} {y - 4}h28" stroke="{one.colour}" stroke-width="2"{dashes}/>',
        f'<text x="{LEFT + 36}" y="{y}">{escape(one.name)}</text>',
    ]
