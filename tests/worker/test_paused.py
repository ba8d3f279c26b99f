"""A worker that was paused for three leases wakes up: what it has lost it does not send, and what it sent is on record.

On PostgreSQL, as several machines use it: beside SQLite a process that is paused in a transaction lets nobody write,
and so there is nothing to lose.  `PAUSES=25 pytest tests/worker/test_paused.py` does it a hundred times.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from abort_at import settings_for
from digest.model import DeliveryState as State
from digest.model import EditionState
from digest.pipeline import publishing
from digest.store import deliveries, editions, owners
from digest.store.audit import audit
from digest.store.database import Database
from digest.worker.drain import Drain
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy

TESTS = Path(__file__).resolve().parents[1]
PAUSES = int(os.environ.get("PAUSES", "1"))
LEASE = timedelta(seconds=1)
READERS = 12

CHILD = """
import asyncio, json, sys
from datetime import timedelta
from abort_at import settings_for
from digest.store.database import Database
from digest.store.owners import Presence
from digest.worker.drain import Drain
from digest.worker.shift import Shift
told = json.loads(sys.argv[1])
settings, database = settings_for(told["url"], told["port"], told["window"]), Database(told["url"])
async def main():
    lease = timedelta(seconds=told["lease"])
    await Drain(settings, database, Shift(owner="sleeper", lease=lease)).run()
with Presence(database, "sleeper"):
    asyncio.run(main())
"""


def start(url: str, port: int, window: int) -> subprocess.Popen[bytes]:
    told = {"url": url, "port": port, "window": window, "lease": LEASE.total_seconds()}
    path = os.pathsep.join([str(TESTS), *sys.path])
    words = [sys.executable, "-W", "ignore", "-c", CHILD, json.dumps(told)]
    return subprocess.Popen(words, env={**os.environ, "PYTHONPATH": path})


@pytest.mark.timeout(60 + 30 * PAUSES)
@pytest.mark.parametrize(
    "case", [*product(("rcpt", "dot"), (1, 4))] * PAUSES if PAUSES > 1 else [("rcpt", 1), ("dot", 4)]
)
def test_what_it_does_when_it_wakes_up_is_refused_or_recorded(case, postgresql_url, drafted, mailbox):
    """Paused before content leaves, and when it has left and nobody said yes yet."""
    (stage, window), database = case, Database(postgresql_url)
    key = drafted(database, readers=READERS)
    settings = settings_for(postgresql_url, mailbox.port, window)
    publishing.approve(settings, database, key, now=datetime.now(UTC))
    passed = []

    def pause(_envelope):
        passed.append(stage)
        if len(passed) == 3:
            sleeper.send_signal(signal.SIGSTOP)

    mailbox.hooks[stage] = pause
    sleeper = start(postgresql_url, mailbox.port, window)
    try:
        while len(passed) < 3:
            assert sleeper.poll() is None
            time.sleep(0.01)
        time.sleep(3 * LEASE.total_seconds())
        mailbox.hooks.clear()
        before = len(mailbox.messages)
        tidy(database, now=datetime.now(UTC))
        drain(settings, database)
        others = len(mailbox.messages) - before
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.wait(30) == 0
    finally:
        sleeper.kill()
        sleeper.wait()
    settle(settings, database)
    check(database, key, mailbox)
    database.close()
    assert others


def drain(settings, database: Database) -> None:
    with owners.Presence(database, "other"):
        asyncio.run(Drain(settings, database, Shift(owner="other")).run())


def settle(settings, database: Database) -> None:
    """Whatever is still to be done is done."""
    tidy(database, now=datetime.now(UTC))
    drain(settings, database)
    tidy(database, now=datetime.now(UTC))


def check(database: Database, key: str, mailbox) -> None:
    """Each reader has a copy; of more than one, each further one was recorded as in doubt before."""
    with database.read() as db:
        status = editions.get(db, key)
        rows = deliveries.listing(db, status.id)
        assert all(one.holds for one in audit(db, status.id))
    assert status.state is EditionState.DONE
    assert {row.state for row in rows} == {State.SENT}
    copies = Counter(mailbox.addresses)
    assert set(copies) == {row.address for row in rows}
    assert all(copies[row.address] <= 1 + row.in_doubt for row in rows)
    assert sum(copies.values()) - READERS <= sum(row.in_doubt for row in rows) <= READERS
