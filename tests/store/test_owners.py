"""Who lives and who is gone: told by locks that the system frees when a process ends."""

import os
import signal
import subprocess
import sys
import time

from sqlalchemy import text

from digest.store import owners
from digest.store.owners import Presence, dead, part

CHILD = """
import sys, time
from digest.store.database import Database
from digest.store.owners import Presence
with Presence(Database(sys.argv[1]), "child"):
    print("here", flush=True)
    time.sleep(60)
"""


def soon_dead(database, names):
    """PostgreSQL notices the end of a connection in its own time."""
    until = time.monotonic() + 10
    while dead(database, names) != names and time.monotonic() < until:
        time.sleep(0.01)
    return dead(database, names) == names


def test_an_owner_lives_while_it_says_so(database):
    with Presence(database, "host:1/2"), Presence(database, "two"):
        assert dead(database, ["host:1/2", "two", "three"]) == ["three"]
    assert soon_dead(database, ["host:1/2", "two"])


def test_a_part_lives_as_long_as_its_process(database):
    names = [part("one", 1), part("one", 2)]
    with Presence(database, "one"):
        assert dead(database, names) == []
    assert soon_dead(database, names)


def test_nobody_asked_is_nobody_dead(database):
    assert dead(database, []) == []


def test_just_after_postgresql_has_started_nobody_is_dead(database, monkeypatch):
    monkeypatch.setattr(owners, "SETTLING", 1e9)
    assert dead(database, ["one"]) == (["one"] if database.is_sqlite else [])


def test_a_killed_process_is_dead_at_once(database, database_url):
    child = subprocess.Popen([sys.executable, "-c", CHILD, database_url], stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"here\n"
    assert dead(database, ["child"]) == []
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert soon_dead(database, ["child"])


def test_an_owner_can_come_back_under_its_name(database):
    for _ in range(2):
        with Presence(database, "one"):
            assert dead(database, ["one"]) == []
        assert soon_dead(database, ["one"])


def test_renewing_finds_a_lock_that_the_server_has_lost(database):
    with Presence(database, "one") as presence:
        assert presence.renew()
        if database.is_sqlite:
            return
        with database.begin() as db:
            db.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
        assert soon_dead(database, ["one"])
        _renew_until_held(presence)
        assert dead(database, ["one"]) == []
        presence._hang_up()  # the server was away, also when it was tried again
        assert not presence.renew()
        _renew_until_held(presence)


def _renew_until_held(presence):
    """The server takes a connection that was lost for alive until it looks."""
    while not presence.renew():
        pass
