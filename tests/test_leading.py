"""Of several daemons one leads; another takes over when it is gone, asleep or cut off."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from build import NOW
from digest.schedule.leading import BEAT, SILENCE, Leadership
from digest.store import leaders, owners
from digest.store.database import Database

CHILD = """
import sys, time
from datetime import UTC, datetime
from digest.schedule.leading import BEAT, Leadership
from digest.store.database import Database
from digest.store.owners import Presence
database = Database(sys.argv[1])
with Presence(database, "child"):
    lead = Leadership(database, "child")
    while True:
        print("leads" if lead.ask(datetime.now(UTC)) else "follows", flush=True)
        time.sleep(BEAT)
"""


class Steady:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def steady() -> Steady:
    return Steady()


def test_one_leads_and_the_other_follows(database: Database, steady: Steady) -> None:
    one, two = (Leadership(database, name, steady=steady) for name in ("one", "two"))
    with owners.Presence(database, "one"), owners.Presence(database, "two"):
        for _ in range(20):
            assert (one.ask(NOW), two.ask(NOW)) == (True, False)
            steady.at += BEAT


def test_who_is_silent_is_followed_by_another_and_does_not_come_back(database: Database, steady: Steady) -> None:
    """Paused or cut off: it lives, and nobody hears it.  It knows by itself before the other takes over."""
    one, two = (Leadership(database, name, steady=steady) for name in ("one", "two"))
    with owners.Presence(database, "one"), owners.Presence(database, "two"):
        one.ask(NOW)
        assert not two.ask(NOW)
        steady.at += SILENCE - 0.1
        assert one.leads
        assert not two.ask(NOW)
        steady.at += 0.1
        assert not one.leads
        assert two.ask(NOW)
        assert not one.ask(NOW)
        assert two.ask(NOW)


@pytest.mark.parametrize("jump", [-3600, 3600, -86400, 86400, 365 * 86400])
def test_a_clock_that_jumps_changes_nothing(database: Database, steady: Steady, jump: int) -> None:
    """That of the leader, and then that of the others."""
    one, two = (Leadership(database, name, steady=steady) for name in ("one", "two"))
    moments = [datetime.fromtimestamp(NOW.timestamp() + seconds, UTC) for seconds in (0, jump)]
    with owners.Presence(database, "one"), owners.Presence(database, "two"):
        for at, other in (moments, moments[::-1], moments):
            assert (one.ask(at), two.ask(other)) == (True, False)
            steady.at += BEAT


def test_of_many_who_see_a_lead_free_one_gets_it(database: Database, steady: Steady) -> None:
    daemons = [Leadership(database, f"n{number}", steady=steady) for number in range(5)]
    with database.read() as db:
        seen = leaders.current(db)
    taken = []
    for number in range(5):
        with database.begin() as db:
            taken.append(leaders.take(db, f"n{number}", instead_of=seen, now=NOW))
    assert taken == [True, False, False, False, False]
    with owners.Presence(database, "n0"):
        assert [one.ask(NOW) for one in daemons] == taken


def until(what, *, seconds: float) -> float:
    """How long it took."""
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_the_lead_of_a_real_process_is_taken_over_within_seconds(
    database: Database, database_url: str, how: signal.Signals
) -> None:
    """Killed, the operating system frees its lock; stopped, it holds that, and is silent."""
    child = subprocess.Popen([sys.executable, "-W", "ignore", "-c", CHILD, database_url], stdout=subprocess.PIPE)
    try:
        assert child.stdout.readline() == b"leads\n"
        lead = Leadership(database, "me")
        with owners.Presence(database, "me"):
            assert not lead.ask(datetime.now(UTC))
            os.kill(child.pid, how)
            limit = SILENCE + 3 if how is signal.SIGSTOP else 3
            took = until(lambda: lead.ask(datetime.now(UTC)), seconds=limit)
            assert took >= SILENCE - BEAT or how is signal.SIGKILL
            if how is signal.SIGSTOP:
                os.kill(child.pid, signal.SIGCONT)
                lines = iter(child.stdout.readline, b"")
                assert next(line for line in lines if line == b"follows\n")
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_after_postgresql_was_restarted_the_lead_does_not_go_to_and_fro(database: Database, steady: Steady) -> None:
    """All connections end, and with them the locks that say who lives."""
    if database.is_sqlite:
        return
    with owners.Presence(database, "one") as first, owners.Presence(database, "two") as second:
        one, two = (Leadership(database, name, steady=steady) for name in ("one", "two"))
        assert one.ask(NOW)
        with database.begin() as db:
            db.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
        for presence in (first, second):
            until(presence.renew, seconds=10)
        for _ in range(5):
            assert (one.ask(NOW), two.ask(NOW)) == (True, False)
