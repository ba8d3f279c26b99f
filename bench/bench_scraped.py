"""How well scraped text pages are told apart from the furniture around them, by language.

    python bench/bench_scraped.py [--data DIR]    without it, the sample pages of the tests

A page is a text file.  Its first line says what must be found: ``TIME SECTION | AUTHORS | CREDIT``.  Of the others the
first character is a mark: ``=`` a paragraph of the body, ``#`` the title, ``@`` the date, a space for furniture.
Precision and recall are of paragraphs.  Each page is read twice: with blank lines between its lines, and without.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest.intake import scraped
from digest.intake.origin import Origin
from digest.model import Article

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
SAMPLES = Path(__file__).parents[1] / "tests" / "intake" / "pages"
FIELDS = ("title", "time", "section", "authors", "credit")


@dataclass(frozen=True, kw_only=True)
class Page:
    name: str
    lines: tuple[str, ...]
    body: tuple[str, ...]
    fields: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Found:
    body: tuple[str, ...]
    fields: dict[str, str]


def pages(folder: Path) -> Iterator[Page]:
    for path in sorted(folder.glob("*.txt")):
        first, *marked = path.read_text(encoding="utf-8").splitlines()
        said, authors, credit = (part.strip() for part in first.split("|"))
        moment, _, section = said.partition(" ")
        yield Page(
            name=path.stem,
            lines=tuple(line[1:] for line in marked),
            body=tuple(line[1:] for line in marked if line[0] == "="),
            fields={
                "title": next(line[1:] for line in marked if line[0] == "#"),
                "time": f"{moment}:00+00:00",
                "section": section,
                "authors": authors,
                "credit": credit,
            },
        )


def found(page: Page, between: str) -> Found:
    (result,) = scraped.parse(between.join(page.lines), Origin(path="", now=NOW), stem=page.name)
    if not isinstance(result, Article):
        return Found(body=(), fields={})
    return Found(
        body=tuple(result.body.split("\n\n")),
        fields={
            "title": result.title,
            "time": result.published.isoformat(),
            "section": result.section,
            "authors": ", ".join(result.authors),
            "credit": result.image.credit if result.image else "",
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=SAMPLES, metavar="DIR", help="a folder of marked pages")
    parser.add_argument("--misses", action="store_true", help="show what was wrong")
    options = parser.parse_args()
    kept = true = right = 0
    fields = dict.fromkeys(FIELDS, 0)
    marked = list(pages(options.data))
    for page in marked:
        for between in ("\n\n", "\n"):
            got = found(page, between)
            kept, true, right = kept + len(got.body), true + len(page.body), right + len({*got.body} & {*page.body})
            for name in FIELDS:
                fields[name] += got.fields.get(name) == page.fields[name]
            if options.misses:
                show(page, got)
    print(f"{len(marked)} pages, each in two forms")
    print(f"paragraphs: precision {right / max(1, kept):.3f}, recall {right / true:.3f}")
    print(", ".join(f"{name} {count}/{2 * len(marked)}" for name, count in fields.items()))


def show(page: Page, got: Found) -> None:
    print(f"-- {page.name}")
    for text in (text for text in got.body if text not in page.body):
        print(f"   too much: {text[:110]}")
    for text in (text for text in page.body if text not in got.body):
        print(f"   lost:     {text[:110]}")
    for name in (name for name in FIELDS if got.fields.get(name) != page.fields[name]):
        print(f"   {name}: {got.fields.get(name)!r}, not {page.fields[name]!r}")


if __name__ == "__main__":
    main()
