"""The texts in, `articles.jsonl` out: one object a line, oldest first.

A text file holds events (``# name``; ``# -`` for articles that stand alone) and their articles:

    ## Title
    source | day hour:minute | section | prominence | authors, | image
    > Summary.

    Body, a blank line between paragraphs.

    python samples/make_articles.py [FILE]

The day is one of the three before the anchor, the prominence 1 (front page) to 3; the last two fields may be empty.
"""

import json
import re
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from drawing import town, trade, works  # noqa: F401 - they register their pictures
from drawing.paper import ALT, HEIGHT, WIDTH

HERE = Path(__file__).parent
SPELT = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "", "'": ""}
GERMAN = {"Alstrander Tageblatt", "Die Werkbank"}
KEYS = {
    "ledger": "The Meridian Ledger",
    "wire": "Harbour Wire",
    "tageblatt": "Alstrander Tageblatt",
    "werkbank": "Die Werkbank",
    "lantern": "Capital Lantern",
    "quay": "Quay & Exchange",
    "square": "The Public Square",
    "lattice": "Lattice Review",
}


@dataclass(frozen=True, kw_only=True)
class Text:
    """One article as it was written."""

    event: str  #: "" when it stands alone
    title: str
    source: str
    published: str  #: ISO 8601, UTC
    section: str
    prominence: int
    authors: tuple[str, ...]
    image: str
    summary: str
    body: str


def texts() -> list[Text]:
    """Every article of every text file, oldest first."""
    found = [one for path in sorted((HERE / "texts").glob("*.md")) for one in _read(path.read_text(encoding="utf-8"))]
    return sorted(found, key=lambda one: (one.published, one.source, one.title))


def _read(page: str) -> Iterator[Text]:
    event = ""
    for block in re.split(r"^(?=##? )", page, flags=re.MULTILINE):
        if block.startswith("# "):
            event = block[2:].strip().strip("-")
        elif block.startswith("## "):
            yield _article(event, block)


def _article(event: str, block: str) -> Text:
    title, head, summary, body = block[3:].split("\n", 3)
    source, moment, section, prominence, authors, image = (field.strip() for field in head.split("|"))
    day, clock = moment.split()
    return Text(
        event=event,
        title=title.strip(),
        source=KEYS[source],
        published=f"2026-11-{day}T{clock}:00Z",
        section=section,
        prominence=int(prominence),
        authors=tuple(name.strip() for name in authors.split(",") if name.strip()),
        image=image,
        summary=summary.removeprefix("> ").strip(),
        body=body.strip(),
    )


def rows(articles: list[Text]) -> Iterator[dict[str, object]]:
    """The articles as objects of the JSON lines format."""
    homes = {one["name"]: one["url"].rpartition("/")[0] for one in sources()}
    places = _positions(articles)
    for one in articles:
        row: dict[str, object] = {
            "url": f"{homes[one.source]}/{slug(one.section)}/{slug(one.title)}",
            "title": one.title,
            "published": one.published,
            "source": one.source,
            "section": one.section,
            "language": "de" if one.source in GERMAN else "en",
            "summary": one.summary,
            "body": one.body,
            "authors": list(one.authors),
            "position": places[one],
        }
        if one.image:
            row["image"] = image(one.image)
        yield row


def _positions(articles: list[Text]) -> dict[Text, int]:
    """The place of each in its source on its day: by prominence, then the newest first."""
    taken: Counter[tuple[str, str]] = Counter()
    places = {}
    for one in sorted(articles, key=lambda one: (-one.prominence, one.published), reverse=True):
        column = one.source, one.published[:10]
        places[one] = taken[column]
        taken[column] += 1
    return places


def image(name: str) -> dict[str, object]:
    return {
        "url": f"https://images.example.org/{name}.png",
        "alt": ALT[name],
        "credit": "Illustration: digest samples",
        "width": WIDTH,
        "height": HEIGHT,
    }


def sources() -> list[dict[str, str]]:
    return list(tomllib.loads((HERE / "sources.toml").read_text(encoding="utf-8"))["sources"])


def slug(text: str) -> str:
    """Lower-case ASCII words with hyphens."""
    spelt = text.lower().translate({ord(letter): spelling for letter, spelling in SPELT.items()})
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


def lines() -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows(texts()))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "articles.jsonl"
    target.write_text(lines(), encoding="utf-8")
