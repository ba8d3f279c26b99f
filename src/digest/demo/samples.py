"""The sample articles, moved to the present.  They are invented, and dated before a fixed anchor."""

import csv
import json
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from digest.assets import SAMPLES

IMAGES = "https://images.example.org/"  #: where the sample articles say their pictures are

NAMES = ("Ada", "Bela", "Chidi", "Dora", "Emil", "Fatima", "Goran", "Hana", "Ines", "Jonas", "Kaia", "Lev", "Mira")


def sources() -> list[dict[str, Any]]:
    table = tomllib.loads((SAMPLES / "sources.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = table["sources"]
    return found


def rows(now: datetime) -> Iterator[dict[str, Any]]:
    """The sample articles, the newest published just before `now`."""
    anchor = datetime.fromisoformat((SAMPLES / "anchor.txt").read_text(encoding="utf-8").strip())
    shift = now - anchor
    for line in (SAMPLES / "articles.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        row["published"] = (datetime.fromisoformat(row["published"]) + shift).isoformat()
        yield row


def write_articles(path: Path, now: datetime) -> int:
    """Write them where `digest import` can read them.  How many there are."""
    found = list(rows(now))
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found), encoding="utf-8")
    return len(found)


def write_markets(path: Path, now: datetime) -> None:
    """The sample market table, its prices as of an hour ago."""
    as_of = (now - timedelta(hours=1)).replace(second=0, microsecond=0)
    with (SAMPLES / "markets.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(table[0]))
        writer.writeheader()
        writer.writerows(row | ({"as_of": as_of.isoformat()} if "as_of" in row else {}) for row in table)


def write_readers(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("email", "name"))
        for number in range(1, count + 1):
            name = NAMES[number % len(NAMES)]
            writer.writerow((f"{name.lower()}.{number:03}@example.net", f"{name} {number}"))
