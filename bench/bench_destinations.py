"""What it costs a claim to go by destinations: processor time for each delivery, beside going by domain.

    python bench/bench_destinations.py [--readers 20000] [--domains 600] [--rounds 7]

One SQLite database on this disk.  Half of the readers are at three domains and the rest at all the others, a third of
which have their mail servers at three hosters.  Everything is claimed in batches as a drain with 4 connections and a
window of 16 does, with limits so wide that nobody has to wait; then all of it is queued again.  The ways take turns;
the least of the rounds counts, as a busy machine only adds.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sendbench import ours
from sqlalchemy import text

from digest.config import Route, Smtp
from digest.store import destinations, migrate
from digest.store.database import Database
from digest.store.destinations import Known
from digest.worker.budget import Budget
from digest.worker.drain import batch
from digest.worker.listening import Listener
from digest.worker.shift import Shift

LARGE = 0.5  #: of the readers, at three domains
WAYS = {"without limits": "", "limited": "100000/s"}


def spread(database: Database, readers: int, domains: int, dice: random.Random) -> None:
    large, small = ["gmail.example", "outlook.example", "web.example"], [f"d{n}.example" for n in range(domains)]
    places = (dice.choice(large if dice.random() < LARGE else small) for _ in range(readers))
    rows = [{"id": at, "address": f"reader{at}@{place}"} for at, place in enumerate(places, 1)]
    with database.begin() as db:
        db.execute(text("UPDATE subscribers SET address = :address WHERE id = :id"), rows)


def tell(database: Database, dice: random.Random) -> None:
    """As if DNS had been asked about all of them."""
    now, hosters = datetime.now(UTC), ["first.example", "second.example", "third.example"]
    with database.begin() as db:
        names = destinations.of_readers(db)
        rows = [
            Known(domain=one, destination=dice.choice([one, one, dice.choice(hosters)]), looked_at=now, due_at=now)
            for one in names
        ]
        destinations.save(db, rows)


def claimed(database: Database, smtp: Smtp) -> float:
    """µs of the processor for each delivery, all of them claimed once; the journal's part is not in it."""
    route, shift = Route(smtp=smtp), Shift(owner="bench")
    budget = Budget(route, shift, Listener(route, database, shift.clock, dice=random.Random(1)))
    number, spent = 0, 0.0
    while True:
        begun = time.process_time()
        with database.begin() as db:
            found = budget.claim(db, batch(smtp))
        spent += time.process_time() - begun
        if not found.deliveries and found.again is None:
            break
        number += len(found.deliveries)
    with database.begin() as db:
        db.execute(text("UPDATE deliveries SET state = 'queued', owner = '', aside = '', due_at = dated_at"))
    return spent / number * 1e6


def measured(database: Database, rounds: int) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {name: {} for name in WAYS}
    for _ in range(rounds):
        for name, rate in WAYS.items():
            for by in ("domain", "mx"):
                smtp = Smtp(connections=4, window=16, rate=rate, domain_rate=rate, destinations=by)
                found[name][by] = min(found[name].get(by, float("inf")), claimed(database, smtp))
    return found


def spent(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def walk(database: Database) -> dict[str, int]:
    with database.read() as db:
        return destinations.of_readers(db)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--domains", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    dice = random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        migrate.upgrade(database)
        ours.fill(database, options.readers)
        spread(database, options.readers, options.domains, dice)
        tell(database, dice)
        ours.approve(database, size=8_000)
        print(f"{options.readers:,} readers at {options.domains + 3} domains; µs of the processor for each claim")
        print(f"{'':<16}{'by domain':>12}{'by mx':>12}{'ratio':>8}")
        for name, took in measured(database, options.rounds).items():
            print(f"{name:<16}{took['domain']:>12.1f}{took['mx']:>12.1f}{took['mx'] / took['domain']:>8.3f}")
        print(f"the domains of all readers, once an hour: {spent(lambda: walk(database)):.2f} s")
        database.close()


if __name__ == "__main__":
    main()
