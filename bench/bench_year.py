"""A year of three newsletters in three time zones, in minutes: an edition a day each, every reader accounted for?

    python bench/bench_year.py                365 days, 500 readers
    python bench/bench_year.py --days 20      the first of them

The clock is an argument of all that is tried here, so hours pass in a moment; everything else is real: the database,
the mail server in a process of its own, and workers that are killed.  By chance the mail server refuses for now, closes
a connection, or takes a message and says nothing; the disk is full for a round; a worker is ended by signal 9 in the
middle; the daemon is down for some hours, and starts anew.  Prints what happened, what came of it, and how memory grew.
"""

import argparse
import asyncio
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from digest import config
from digest.model import Article, DeliveryState, EditionState, NewSubscriber, edition_key
from digest.pipeline import storing
from digest.schedule.clock import Schedule
from digest.store import deliveries, editions, migrate, newsletters, owners, subscribers
from digest.store.database import Database
from digest.worker.drain import Drain
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy

ZONES = {"europe": "Europe/Berlin", "america": "America/New_York", "asia": "Asia/Tokyo"}
START = datetime(2026, 1, 1, tzinfo=UTC)
DAY, STEP = timedelta(days=1), timedelta(hours=1)
WHAT = ("Strike closes ports", "Bank holds rates", "Storm hits coast", "Court stops merger", "Union wins vote")
WARM = 5  #: days before memory is measured for the first time


# --- the mail server -------------------------------------------------------------------------------------------------


async def serve(log: Path) -> None:
    """Takes mail and writes down who got which message; now and then it does not, or says nothing."""
    dice = random.Random(2)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 year.example\r\n" if dice.random() > 0.01 else b"421 4.3.2 too busy\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.partition(" ")[0].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                name = content.partition(b"Message-ID: <")[2].partition(b">")[0].decode()
                with log.open("a", encoding="utf-8") as file:
                    file.write(f"{name}\n")
                if dice.random() < 0.002:
                    break
                writer.write(b"250 2.0.0 kept\r\n")
            else:
                refused = verb == "RCPT" and dice.random() < 0.004
                writer.write(b"451 4.2.1 try later\r\n" if refused else b"250 ok\r\n")
            if verb == "QUIT":
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


# --- the year --------------------------------------------------------------------------------------------------------


class Moving:
    """A clock that goes on by itself, and is set."""

    def __init__(self) -> None:
        self.set(START)

    def set(self, at: datetime) -> None:
        self._at, self._since = at, time.monotonic()

    def __call__(self) -> datetime:
        return self._at + timedelta(seconds=time.monotonic() - self._since)


class Year:
    def __init__(self, settings: config.Settings, *, readers: int) -> None:
        self.settings = settings
        self.database = Database(settings.database.url.get_secret_value())
        self.clock = Moving()
        self.dice = random.Random(1)
        self.faults: Counter[str] = Counter()
        self.audience: Counter[str] = Counter()
        self.schedule = Schedule(settings, self.database)
        migrate.upgrade(self.database)
        with self.database.begin() as db:
            newsletters.ensure(db, list(ZONES), now=START)
            for number in range(readers):
                name = list(ZONES)[number % len(ZONES)]
                person = NewSubscriber(address=f"reader{number}@domain{number % 20}.example")
                subscribers.add(db, [person], newsletter=name, consent="asked", now=START)
                self.audience[name] += 1

    def live(self, day: datetime) -> None:
        """A day of news, hour by hour."""
        for hour in range(24):
            at = day + hour * STEP
            self.clock.set(at)
            if hour % 3 == 0:
                self._news(at)
            if self.dice.random() < 0.02:
                self.faults["hours without a daemon"] += 1
                self.schedule = Schedule(self.settings, self.database)
                continue
            self._tick()
            self._send()

    def _news(self, at: datetime) -> None:
        told = [(self.dice.choice(WHAT), source) for source in ("Ledger", "Courier")]
        rows = [
            Article(
                url=f"https://{source.lower()}.example/{at:%Y%m%d%H}",
                title=f"{what} in {self.dice.choice(('north', 'south', 'west'))} town {self.dice.randrange(99)}",
                published=at - timedelta(minutes=5),
                source=source,
                section="World",
                language="en",
                summary=f"{what}. More is expected.",
            )
            for what, source in told
        ]
        with self.database.begin() as db:
            storing.put(db, rows, now=at)

    def _tick(self) -> None:
        full = self.dice.random() < 0.02
        if full:
            self.faults["rounds with a full disk"] += 1
            self._pages("(SELECT 1)")
        try:
            self.schedule.tick(self.clock())
        except DBAPIError:
            self.faults["rounds that this ended"] += 1
        finally:
            if full:
                self._pages("")

    def _pages(self, full: str) -> None:
        """As many as there are, so that nothing more fits; or as many as SQLite can have."""
        with self.database.begin() as db:
            used = db.execute(text("PRAGMA page_count")).scalar_one()
            db.execute(text(f"PRAGMA max_page_count = {used if full else 4294967294}"))

    def _send(self) -> None:
        tidy(self.database, now=self.clock())
        with self.database.read() as db:
            due = deliveries.next_due(db)
        if due is None or due > self.clock():
            return
        if self.dice.random() < 0.05:
            self.faults["workers killed"] += 1
            self._killed(self.dice.uniform(0.05, 0.6))
            tidy(self.database, now=self.clock())
        drain(self.settings, self.database, self.clock, "second")
        tidy(self.database, now=self.clock())

    def _killed(self, seconds: float) -> None:
        self.database.close()  # a child must not have its connections
        child = os.fork()
        if not child:
            drain(self.settings, Database(self.settings.database.url.get_secret_value()), self.clock, "first")
            os._exit(0)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    # --- what came of it ---------------------------------------------------------------------------------------------

    def account(self, days: int, log: Path) -> Counter[str]:
        """Editions and readers of all days, and what is wrong with them."""
        found: Counter[str] = Counter()
        copies = Counter(log.read_text(encoding="utf-8").split())
        doubts = 0
        with self.database.read() as db:
            for name, zone in ZONES.items():
                for day in local_days(self.settings.newsletters[name], days):
                    status = editions.get(db, edition_key(name, day))
                    found[f"editions missing ({zone})"] += status is None
                    if status is None:
                        continue
                    tally = deliveries.tally(db, status.id)
                    found["editions"] += 1
                    found["editions not done"] += status.state is not EditionState.DONE
                    found["readers unaccounted for"] += abs(self.audience[name] - tally.audience) + tally.waiting
                    found["sent"] += tally.count(DeliveryState.SENT)
                    found["readers without a copy"] += tally.audience - tally.count(DeliveryState.SENT)
                    doubts += sum(row.in_doubt for row in deliveries.listing(db, status.id))
        found["copies"], found["second copies"] = copies.total(), copies.total() - len(copies)
        found["recorded as in doubt"] = doubts
        found["second copies nobody recorded"] = max(0, found["second copies"] - doubts)
        return found


def local_days(newsletter: config.Newsletter, days: int) -> list[date]:
    """Those whose slot was within the time lived through, with a day to come to its end."""
    first = config.local_day(newsletter, START) + DAY
    return [first + n * DAY for n in range(days - 2)]


def drain(settings: config.Settings, database: Database, clock: Moving, owner: str) -> None:
    async def main() -> None:
        await Drain(settings, database, Shift(owner=owner, longest_wait=0, clock=clock)).run()

    with owners.Presence(database, owner):
        asyncio.run(main())


def memory() -> float:
    """MB that this process has in RAM."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def live(days: int, readers: int, folder: Path) -> None:
    log = folder / "taken"
    server = subprocess.Popen([sys.executable, __file__, "--serve", str(log)], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    letters = {
        name: config.Newsletter(timezone=zone, send_at="07:00", weekly_day="sun") for name, zone in ZONES.items()
    }
    smtp = config.Smtp(host="127.0.0.1", port=int(server.stdout.readline()), security="none", window=4)
    settings = config.Settings(
        site=config.Site(secrets=(SecretStr("k" * 40),)),
        database=config.Database(url=SecretStr(f"sqlite:///{folder / 'digest.db'}")),
        smtp=smtp,
        newsletters=letters,
    )
    year, begun, held = Year(settings, readers=readers), time.process_time(), math.nan
    try:
        for number in range(days):
            year.live(START + number * DAY)
            held = memory() if number == WARM else held
            print(f"\rday {number + 1}, {memory():.0f} MB", end="", file=sys.stderr, flush=True)
    finally:
        server.terminate()
        server.wait()
    ended = memory()  # what is counted below takes some of its own
    print(f"\n{days} days, {readers} readers: {time.process_time() - begun:.0f} s of processor time")
    for what, count in [*sorted(year.faults.items()), *sorted(year.account(days, log).items())]:
        print(f"{what:32} {count:>9,}")
    print(f"memory {held:.0f} MB after {WARM} days, {ended:.0f} MB at the end: {ended / held - 1:+.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.serve))
        return
    with tempfile.TemporaryDirectory() as folder:
        live(options.days, options.readers, Path(folder))


if __name__ == "__main__":
    main()
