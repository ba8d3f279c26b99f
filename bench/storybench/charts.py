"""Figures in, bars as SVG out.  Colours are readable on white and on black."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from storybench.scores import Grouping, Ranked

WIDTH, LABELS, BAR, GAP = 760, 300, 16, 8
OURS, OTHERS, TEXT = "#2f7d4f", "#8a94a6", "#7a7f87"


def grouping(found: Mapping[str, Mapping[str, Grouping]], folder: Path | None) -> None:
    if folder and found:
        bars = {name: [(way, one.f1) for way, one in ways.items()] for name, ways in found.items()}
        _write(folder / "stories-clustering.svg", "BCubed F1", bars)


def ranking(found: Mapping[str, Mapping[str, Ranked]], folder: Path | None) -> None:
    if folder and found:
        bars = {name: [(way, one.ndcg) for way, one in ways.items()] for name, ways in found.items()}
        _write(folder / "stories-ranking.svg", "NDCG@10", bars)


def _write(path: Path, figure: str, groups: Mapping[str, Sequence[tuple[str, float]]]) -> None:
    lines, top = list[str](), 0
    for title, bars in groups.items():
        top += 30
        lines.append(f'<text x="0" y="{top}" font-weight="bold">{escape(title)}: {figure}</text>')
        for name, value in bars:
            top += BAR + GAP
            lines += _bar(name, value, top)
        top += GAP
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top + 10}" font-family="sans-serif" '
    body = "\n".join(lines)
    path.write_text(f'{head}font-size="13" fill="{TEXT}">\n{body}\n</svg>\n', encoding="utf-8")


def _bar(name: str, value: float, top: int) -> list[str]:
    width = value * (WIDTH - LABELS - 60)
    colour = OURS if name.startswith(("ours", "learnt")) else OTHERS
    return [
        f'<text x="{LABELS - 8}" y="{top}" text-anchor="end">{escape(name)}</text>',
        f'<rect x="{LABELS}" y="{top - 12}" width="{width:.1f}" height="{BAR}" fill="{colour}"/>',
        f'<text x="{LABELS + width + 6:.1f}" y="{top}">{value:.3f}</text>',
    ]
