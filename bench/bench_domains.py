"""Ten domains, of which one answers 421 for a minute and one takes a message a second: what that costs the others.

    python bench/bench_domains.py [--charts docs/images] [--window 16] [--each 300] [--away 60] [--slow 75]

The same server on loopback twice: with the eight others alone, and with all ten.  It answers each content after 200 ms,
so that the connections bound the rate and a connection that waits for a slow domain is one that the others lack.  The
rate of the others is counted from the first message to their last one.  The slow ones should be finished as soon as
they allow: the one that was away from then on at the rate of the others, the other one after a second a message.
"""

import argparse
import asyncio
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sendbench import mail, ours, timeline
from sqlalchemy import text

from digest.config import Settings, Site, Smtp
from digest.store import deliveries, migrate, owners
from digest.store.database import Database
from digest.worker.service import keep_sending, new_owner

PAUSE = 0.2  #: seconds before a content is answered: so long that the processor never bounds the rate
CONNECTIONS = 8
LOOK = 1.0  #: seconds between looks at whether all is done
AWAY, SLOW = "away.example", "slow.example"
OTHERS = [f"well{number}.example" for number in range(1, 9)]
MOMENTS = {AWAY: "#b3541e", SLOW: "#3f6fb5"}


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the server saw, in seconds since it first took anything or refused it."""

    taken: Mapping[str, Sequence[float]]
    refused: Mapping[str, Sequence[float]]
    cpu: float  #: seconds of the sender

    def rate(self, domains: Sequence[str]) -> float:
        moments = self.of(domains)
        return len(moments) / moments[-1]

    def of(self, domains: Sequence[str]) -> list[float]:
        return sorted(at for domain in domains for at in self.taken[domain])


@contextmanager
def server(*words: str) -> Iterator[tuple[int, dict[str, dict[str, list[float]]]]]:
    """Its port; and a table that has, afterwards, what it saw."""
    seen: dict[str, dict[str, list[float]]] = {}
    command = [sys.executable, "-m", "sendbench.throttling", "--pause", str(PAUSE), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), seen
        finally:
            process.terminate()
            seen.update(json.loads(process.stdout.readline() or "{}"))


def spread(database: Database, readers: Mapping[str, int]) -> None:
    """Give the subscribers addresses at these domains, in turn for as long as one has any left."""
    places = sorted((number, domain) for domain, count in readers.items() for number in range(count))
    rows = [{"id": at + 1, "address": f"reader{at + 1}@{domain}"} for at, (_, domain) in enumerate(places)]
    with database.begin() as db:
        db.execute(text("UPDATE subscribers SET address = :address WHERE id = :id"), rows)


def run(folder: Path, readers: Mapping[str, int], *, window: int, holding_back: Sequence[str]) -> Run:
    database = Database(f"sqlite:///{folder / f'{len(readers)}.db'}")
    migrate.upgrade(database)
    ours.fill(database, sum(readers.values()))
    spread(database, readers)
    edition_id, _ = ours.approve(database, size=8_000)
    with server(*holding_back) as (port, seen):
        smtp = Smtp(host="127.0.0.1", port=port, security="none", connections=CONNECTIONS, window=window)
        site = Site(base_url=mail.BASE, secrets=mail.KEYS, contact="editor@example.org")
        begun = time.process_time()
        asyncio.run(send(Settings(site=site, smtp=smtp), database, edition_id))
        cpu = time.process_time() - begun
    database.close()
    start = min(at for table in seen.values() for moments in table.values() for at in moments)
    after = {what: {key: [at - start for at in moments] for key, moments in seen[what].items()} for what in seen}
    return Run(taken=after["taken"], refused=after["refused"], cpu=cpu)


async def send(settings: Settings, database: Database, edition_id: int) -> None:
    """As `digest work` does, until nothing waits any more."""
    stop, owner, looked = asyncio.Event(), new_owner(), 0.0

    def beat() -> None:
        nonlocal looked
        if time.monotonic() - looked > LOOK:
            looked = time.monotonic()
            if not waiting(database, edition_id):
                stop.set()

    with owners.Presence(database, owner):
        await keep_sending(settings, database, owner=owner, stop=stop, wake=asyncio.Event(), beat=beat)


def waiting(database: Database, edition_id: int) -> int:
    with database.read() as db:
        return deliveries.tally(db, edition_id).waiting


def told(alone: Run, beside: Run, *, away: float, each: int, slow: int) -> Iterator[str]:
    without, with_them = alone.rate(OTHERS), beside.rate(OTHERS)
    yield f"{'':<44}{'messages/s':>12}{'ratio':>8}"
    yield f"{'eight domains alone':<44}{without:>12.1f}"
    yield f"{'the same beside two that hold back':<44}{with_them:>12.1f}{with_them / without:>8.2f}   (at least 0.90)"
    worst = min(beside.rate([one]) / alone.rate([one]) for one in OTHERS)
    yield f"{'the worst of the eight':<44}{'':>12}{worst:>8.2f}   (at least 0.90)"
    back = beside.taken[AWAY]
    yield (
        f"{AWAY}: away for {away:.0f} s, refused {len(beside.refused[AWAY])}; the first was taken "
        f"{back[0] - away:.1f} s after that, all {each} after {back[-1] - away:.1f} s, "
        f"at {each / (back[-1] - back[0]):.1f} messages/s"
    )
    last = beside.taken[SLOW][-1]
    yield (
        f"{SLOW}: all {slow} taken after {last:.1f} s, which is {last / (slow - 1):.2f} of what it allows; "
        f"refused {len(beside.refused[SLOW])}"
    )
    yield f"processor time: {alone.cpu:.1f} s alone, {beside.cpu:.1f} s with all ten"


def draw(path: Path, alone: Run, beside: Run, *, away: float) -> None:
    lines = [
        timeline.Line(name="eight domains alone", moments=alone.of(OTHERS), dashed=True),
        timeline.Line(name="the same beside the two", moments=beside.of(OTHERS), colour="#2f7d4f"),
        timeline.Line(name="the domain that answers 421", moments=beside.taken[AWAY], colour=MOMENTS[AWAY]),
        timeline.Line(name="the one that takes one a second", moments=beside.taken[SLOW], colour=MOMENTS[SLOW]),
    ]
    timeline.write(path, "Share of the messages that were taken", lines, marks={"takes mail again": away})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--charts", type=Path, metavar="DIR")
    parser.add_argument("--window", type=int, default=16)
    parser.add_argument("--each", type=int, default=300, help="readers of each domain but the slow one")
    parser.add_argument("--away", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--slow", type=int, default=75, help="readers of the slow domain")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO if options.verbose else logging.CRITICAL, format="%(message)s")
    well = dict.fromkeys(OTHERS, options.each)
    with tempfile.TemporaryDirectory(prefix="domains-") as name:
        folder = Path(name)
        alone = run(folder, well, window=options.window, holding_back=[])
        words = ["--away", f"{AWAY}:{options.away}", "--rate", f"{SLOW}:1"]
        readers = {**well, AWAY: options.each, SLOW: options.slow}
        beside = run(folder, readers, window=options.window, holding_back=words)
    for line in told(alone, beside, away=options.away, each=options.each, slow=options.slow):
        print(line)
    if options.charts:
        draw(options.charts / "slow-domains.svg", alone, beside, away=options.away)


if __name__ == "__main__":
    main()
