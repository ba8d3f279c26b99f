"""How fast `digest import` takes in a file of JSON lines, beside the least that any program would have to do.

    python bench/bench_import.py                        50,000, 100,000 and 200,000 articles
    python bench/bench_import.py --articles 1000000     the full run
    python bench/bench_import.py --order none           articles in no order, which is the worst there is

Fifty sites wrote a thousand articles a day between them, each under an address with the month and a slug, and the file
has them in order of time, as an archive does.  In no order every index takes every article in another place.

Each size is imported twice by a process of its own, into a new SQLite file: the second run knows every article, as
after a Ctrl-C. The reference parses the same lines with `json.loads` and stores them with one `executemany` for each
thousand, in the same table with the same promise to the disk; it neither cleans nor checks, nor tells a duplicate.
Peak memory is that of both processes in the first run.  Processor time is that of the first run for each article: of
the process that writes, of the one that reads, and of the reference.  `2 cores/s` is what follows from the larger of
the two: the articles that would be stored in a second if each had a core to itself; it tells more than the clock does
where other programs run.  The ratio is that of the seconds.  A million articles take 2.4 GB for the file and up to 4.5
GB for each of the two databases.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sqlite3
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from pydantic import SecretStr

from digest import config
from digest.garbage import look_seldom
from digest.pipeline.articles import import_paths
from digest.store import migrate
from digest.store.database import Database, sqlite_module

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
A_DAY = 1_000  #: articles
COLUMNS = ("url", "title", "published", "source", "section", "language", "summary", "body", "image", "authors")


def write(path: Path, articles: int, *, ordered: bool) -> None:
    """Articles of some 300 words, one in four with letters and quotation marks beyond ASCII."""
    rng = random.Random(7)
    words = ["".join(rng.choices("abcdefghijklmnoprstuvwz", k=rng.randint(2, 10))) for _ in range(5_000)]
    foreign = [*words[:4_800], *(f"{word}ü" for word in words[:100]), *(f"“{word}”" for word in words[:100])]
    numbers = range(articles) if ordered else rng.sample(range(articles), articles)

    def sentence(length: int, known: list[str]) -> str:
        return " ".join(rng.choices(known, k=length)).capitalize() + "."

    with path.open("w", encoding="utf-8") as file:
        for number in numbers:
            known = words if number % 4 else foreign
            paragraphs = (" ".join(sentence(18, known) for _ in range(3)) for _ in range(5))
            published = NOW - timedelta(days=(articles - number) / A_DAY)
            slug = "-".join(rng.choices(words, k=5))
            row = {
                "url": f"https://news{number % 50}.example.org/{published:%Y/%m}/{slug}-{number}?utm_source=feed",
                "title": sentence(9, known)[:-1],
                "published": published.isoformat(timespec="seconds"),
                "source": f"Wire {number % 50}",
                "section": "Economy",
                "language": "en",
                "summary": sentence(25, known),
                "body": "\n\n".join(paragraphs),
                "authors": [sentence(2, words)[:-1]],
                "image": {"url": f"https://img.example.org/{number}.jpg", "alt": sentence(6, known), "width": 1200},
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def ours(path: Path, folder: Path) -> dict[str, float]:
    look_seldom()  # as the program does
    url = f"sqlite:///{folder / 'ours.db'}"
    database = Database(url)
    migrate.upgrade(database)
    settings = config.Settings(database=config.Database(url=SecretStr(url)))
    seconds, writer, reader, peaks = [], [], [], []
    for _ in range(2):
        begun, wrote, did_read = time.perf_counter(), cpu(resource.RUSAGE_SELF), cpu(resource.RUSAGE_CHILDREN)
        done = import_paths(settings, database, [path], now=NOW)
        seconds.append(time.perf_counter() - begun)
        writer.append(cpu(resource.RUSAGE_SELF) - wrote)
        reader.append(cpu(resource.RUSAGE_CHILDREN) - did_read)
        peaks.append(peak())  # of the first: what a process is started from counts as its own
    assert done.duplicate == done.read
    disk = sum(one.stat().st_size for one in folder.glob("ours.db*")) / 2**20
    return {
        "first": seconds[0],
        "again": seconds[1],
        "writer": writer[0],
        "reader": reader[0],
        "peak": peaks[0],
        "disk": disk,
    }


def reference(path: Path, folder: Path) -> dict[str, float]:
    """The standard library alone, with the columns of ours that the file has."""
    db = sqlite_module().connect(folder / "reference.db")
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(f"CREATE TABLE articles ({', '.join(f'{name} TEXT' for name in COLUMNS)}, PRIMARY KEY (url))")
    db.execute("CREATE INDEX by_published ON articles (published)")
    begun = time.perf_counter()
    with path.open(encoding="utf-8") as file:
        while lines := list(islice(file, 1_000)):
            rows = [json.loads(line) for line in lines]
            values = [
                tuple(json.dumps(row[name]) if name in {"image", "authors"} else row[name] for name in COLUMNS)
                for row in rows
            ]
            with db:
                db.executemany(f"INSERT OR REPLACE INTO articles VALUES ({','.join('?' * len(COLUMNS))})", values)
    return {"first": time.perf_counter() - begun, "cpu": cpu(resource.RUSAGE_SELF)}


def cpu(whose: int) -> float:
    """Seconds of the processor so far, of this process or of those that it has started and that have ended."""
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    """MB: that of this process and the largest that it has started."""
    used = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(one.ru_maxrss for one in used) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, action="append", help="how many; may be given several times")
    parser.add_argument("--order", choices=["time", "none"], default="time", help="that the file is in (time)")
    arguments = parser.parse_args()
    sizes = arguments.articles or [50_000, 100_000, 200_000]
    print(f"SQLite {sqlite_module().sqlite_version} (the system's: {sqlite3.sqlite_version})")
    print(
        f"{'articles':>10} {'MB':>6} | {'stored/s':>9} {'again/s':>9} {'writer µs':>9} {'reader µs':>9}"
        f" {'2 cores/s':>9} {'peak MB':>8} {'disk MB':>8} |"
        f" {'reference/s':>11} {'CPU µs':>7} {'ratio':>6}"
    )
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-import-") as name:
            folder = Path(name)
            path = folder / "articles.jsonl"
            write(path, size, ordered=arguments.order == "time")
            with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
                own, plain = (pool.apply(one, (path, folder)) for one in (ours, reference))
            megabytes, first, again = path.stat().st_size / 2**20, size / own["first"], size / own["again"]
            print(
                f"{size:10,} {megabytes:6.0f} | {first:9,.0f} {again:9,.0f}"
                f" {own['writer'] / size * 1e6:9.0f} {own['reader'] / size * 1e6:9.0f}"
                f" {size / max(own['writer'], own['reader']):9,.0f} {own['peak']:8.0f} {own['disk']:8.0f} |"
                f" {size / plain['first']:11,.0f} {plain['cpu'] / size * 1e6:7.0f}"
                f" {own['first'] / plain['first']:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
