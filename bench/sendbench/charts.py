"""Rates in, bars as SVG out, on a logarithmic scale.  Colours are readable on white and on black."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from statistics import median

WIDTH, LABELS, BAR, GAP = 760, 330, 16, 8
OURS, OTHERS, TEXT = "#2f7d4f", "#8a94a6", "#7a7f87"
LEAST = 10.0  #: messages a second at the left edge


def write(path: Path, tables: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    lines, top = list[str](), 0
    most = max(median(values) for rates in tables.values() for values in rates.values())
    for title, rates in tables.items():
        top += 30
        heading = f"{title}: messages a second, on a logarithmic scale"
        lines.append(f'<text x="0" y="{top}" font-weight="bold">{escape(heading)}</text>')
        for name, values in sorted(rates.items(), key=lambda one: -median(one[1])):
            top += BAR + GAP
            lines += _bar(name, median(values), most, top)
        top += GAP
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 10}" font-family="sans-serif" '
    body = "\n".join(lines)
    path.write_text(f'{head}font-size="13" fill="{TEXT}">\n{body}\n</svg>\n', encoding="utf-8")


def _bar(name: str, rate: float, most: float, top: int) -> list[str]:
    width = math.log(max(rate, LEAST) / LEAST) / math.log(most / LEAST) * (WIDTH - LABELS - 70)
    colour = OURS if name.startswith("ours") else OTHERS
    return [
        f'<text x="{LABELS - 8}" y="{top}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LABELS}" y="{top - 12}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>',
        f'<text x="{LABELS + width + 6:.1f}" y="{top}">{rate:,.0f}</text>',
    ]
