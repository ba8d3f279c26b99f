"""A disk that is full at the nth write: nothing leaves unrecorded, and sending goes on by itself when there is room.

The limit is the kernel's own on the size of a file, set for the process that sends and lifted from outside.  Every
write of a send makes the log of SQLite longer, so a limit is a place in the send: between two pages, or within one.

`DISKFULL=1 pytest tests/worker/test_disk_full.py` tries every page of a send; without it a few.
"""

import contextlib
import os
import resource
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import pytest

from abort_at import settings_for
from digest.pipeline import publishing
from digest.store.database import Database
from postbox import Mailbox
from processes import Installation

READERS, CONNECTIONS = 12, 2
FRAME = 24 + 4096  #: bytes of SQLite's log for each page written (sqlite.org/fileformat2.html#walformat)
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
AWAY = "the database takes nothing"
ALL = bool(os.environ.get("DISKFULL"))
PLACES = [(page, part) for page in range(500) for part in (0, 2000)] if ALL else [(1, 2000), (6, 0)]

pytestmark = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="a limit is lifted from outside on Linux only")


@dataclass(frozen=True, kw_only=True)
class Site:
    """An installation with an approved edition, of which each send gets a copy of its own."""

    installation: Installation
    key: str
    mailbox: Mailbox
    window: int
    pristine: Path  #: a folder: the database, and its log, in which all is that was written so far

    @property
    def path(self):
        return self.pristine.with_name("digest.db")

    @property
    def length(self):
        """Bytes of the log before the send writes anything."""
        return (self.pristine / "digest.db-wal").stat().st_size

    def reset(self):
        self.path.with_name("digest.db-shm").unlink(missing_ok=True)
        shutil.copytree(self.pristine, self.path.parent, dirs_exist_ok=True)
        self.mailbox.messages.clear()

    @contextlib.contextmanager
    def sending(self, limit: int) -> Iterator[Popen]:
        """A send whose files may have so many bytes."""
        set_limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))  # noqa: E731
        process = self.installation.start("send", self.key, preexec_fn=set_limit)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def states(self):
        """By address: the state, and how often it was in doubt."""
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            rows = db.execute("SELECT address, state, in_doubt FROM deliveries").fetchall()
        return {address: (state, in_doubt) for address, state, in_doubt in rows}

    def is_intact(self):
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            return db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    def copies(self):
        return Counter(self.mailbox.addresses)


@pytest.fixture(params=[1, 4] if ALL else [4])
def site(request, tmp_path, mailbox, drafted):
    smtp = {"HOST": "127.0.0.1", "PORT": mailbox.port, "SECURITY": "none", "CONNECTIONS": CONNECTIONS}
    told = {f"DIGEST_SMTP__{name}": str(value) for name, value in smtp.items()} | {
        "DIGEST_SMTP__WINDOW": str(request.param),
        "PYTHONDONTWRITEBYTECODE": "1",  # what Python keeps of modules is longer than the limit
    }
    installation = Installation(tmp_path, **told)
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    key = drafted(database, readers=READERS)
    settings = settings_for("sqlite:///", mailbox.port, 1)
    publishing.approve(settings, database, key, now=datetime.now(UTC))
    pristine = tmp_path / "pristine"
    pristine.mkdir()
    for name in ("digest.db", "digest.db-wal"):
        shutil.copy(tmp_path / name, pristine)
    database.close()
    return Site(installation=installation, key=key, mailbox=mailbox, window=request.param, pristine=pristine)


def wait_for_trouble(process):
    """The line that tells of it; None where the send came well to its end before."""
    said = []
    for line in process.stdout:
        said.append(line)
        if AWAY in line:
            return line
    assert process.wait(10) == 0, "".join(said)
    return None


def check_recorded(site):
    """Whoever has got a content is known as attempting or sent."""
    states = site.states()
    got = site.copies()
    assert {states[who][0] for who in got} <= {"attempting", "sent"}
    assert max(got.values(), default=0) <= 1


@pytest.mark.timeout(3600 if ALL else 120)
def test_sending_waits_for_room_and_goes_on(site, record_testsuite_property):
    tried = 0
    for page, part in PLACES:
        site.reset()
        if not fill_up(site, site.length + page * FRAME + part):
            break
        tried += 1
    assert tried >= min(3, len(PLACES)), "the limits were not reached"
    record_testsuite_property(f"places, window {site.window}", tried)


def fill_up(site, limit):
    """Send with this limit until it is reached, and then without; whether it was reached."""
    with site.sending(limit) as process:
        told = wait_for_trouble(process)
        if told:
            assert "its disk" in told
            check_recorded(site)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, NO_LIMIT)
        rest = process.stdout.read()  # communicate() would lose what has been read ahead
        assert process.wait(60) == 0, rest
    assert rest.count(AWAY) == 0, "it was told of more than once"
    assert ("the database is back" in rest) == bool(told)
    assert site.states() == {f"reader{n}@example.net": ("sent", 0) for n in range(1, READERS + 1)}
    assert site.copies() == dict.fromkeys(site.states(), 1)
    assert site.is_intact()
    return bool(told)


def test_it_ends_when_it_is_told_to(site):
    """What the mail server took and nobody could write down is in doubt, and recorded so before it is sent again."""
    site.reset()
    with site.sending(site.length + 4 * FRAME) as process:
        assert wait_for_trouble(process)
        stopped = stop_and_read(process)
    assert process.returncode == 1
    assert "digest: the database takes nothing: its disk" in stopped
    assert "Traceback" not in stopped
    check_recorded(site)
    site.installation("send", site.key)
    states, copies = site.states(), site.copies()
    assert {state for state, _ in states.values()} == {"sent"}
    assert set(copies) == set(states)
    assert all(copies[who] <= 1 + in_doubt for who, (_, in_doubt) in states.items())
    assert sum(in_doubt for _, in_doubt in states.values()) <= CONNECTIONS * site.window


def stop_and_read(process):
    process.send_signal(signal.SIGTERM)
    said = process.stdout.read()
    process.wait(30)
    return said
