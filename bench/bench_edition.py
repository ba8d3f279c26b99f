"""What an old store costs an edition: `digest build` from a store of many articles, and from one of the window alone.

    python bench/bench_edition.py                       1,000,000 articles, 1,000 a day
    python bench/bench_edition.py --articles 100000

Both stores are SQLite files with the same 1,000 articles in the window of a day.  The large one has as many on each of
the days before, short ones, and the words of the last thirty days counted, as an import would have them.  Each build
is a process of its own, so nothing is remembered; of `--times` the quickest counts, by processor and by clock.  A
million articles take 1 GB of disk.
"""

import argparse
import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from pydantic import SecretStr

from digest import config
from digest.model import Article, Marked
from digest.pipeline import background
from digest.pipeline.building import build
from digest.store import arrivals, migrate
from digest.store.database import Database

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
DAY = 1_000  #: articles
NAME = "daily"


def day_of(age: int) -> Iterator[Marked]:
    """The articles of the 24 hours that end `age` days before now; words by Zipf's law, most events told once."""
    dice = random.Random(age)
    common = [f"word{number}" for number in range(20_000)]
    weights = list(accumulate(1 / (number + 3) for number in range(len(common))))
    end, own = NOW - timedelta(days=age), list[str]()
    for number in range(DAY):
        if number % 3 != 1:
            own = [f"event{age}x{number}x{place}" for place in range(4)] + dice.choices(common[200:], k=4)
        words = own + dice.choices(common, cum_weights=weights, k=20)
        url = f"https://example.org/{age}/{number}"
        yield Marked(
            article=Article(
                url=url,
                title=" ".join(words[:10]),
                summary=" ".join(words[4:]),
                published=end - timedelta(minutes=dice.randrange(24 * 60)),
                source=f"Paper {dice.randrange(11)}",
            ),
            key=url,
            fingerprint=sha256(url.encode()).hexdigest(),
            text=None,
        )


def store(path: Path, days: int) -> None:
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    for age in range(days):
        with database.begin() as db:
            arrivals.write(db, new=list(day_of(age)), changed=(), further=(), now=NOW)
    if days > 1:
        background.learn(database, now=NOW)
    database.close()


def built(path: Path) -> tuple[float, float, int]:
    """Seconds of the processor and of the clock, and how many stories are in."""
    url = f"sqlite:///{path}"
    settings = config.Settings(
        database=config.Database(url=SecretStr(url)),
        newsletters={NAME: config.Newsletter(title="Daily", sender="desk@example.org")},
    )
    database = Database(url)
    begun, used = time.perf_counter(), time.process_time()
    status = build(settings, database, NAME, at=NOW)
    seconds = time.process_time() - used, time.perf_counter() - begun
    database.close()
    return *seconds, len(status.content.items)


def best(path: Path, times: int) -> Sequence[float]:
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        found = [pool.apply(built, (path,)) for _ in range(times)]
    return [min(column) for column in zip(*found, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-edition-") as name:
        alone, large = Path(name, "window.db"), Path(name, "large.db")
        store(alone, 1)
        store(large, args.articles // DAY)
        print(f"{'articles stored':>16} {'CPU s':>7} {'s':>7} {'stories':>8}")
        window, whole = best(alone, args.times), best(large, args.times)
        for count, (used, seconds, stories) in ((DAY, window), (args.articles // DAY * DAY, whole)):
            print(f"{count:16,} {used:7.2f} {seconds:7.2f} {stories:8.0f}")
        print(f"{'beyond the window':>16} {whole[0] - window[0]:6.2f} {whole[1] - window[1]:7.2f}")


if __name__ == "__main__":
    main()
