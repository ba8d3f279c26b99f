"""The power goes in the middle of a send: the database is whole, and knows of each content that had left.

`POWERLOSS=2000 pytest tests/worker/test_power_loss.py` tries so many moments; without it a few.
"""

import contextlib
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from abort_at import send, settings_for
from digest.store.database import Database, sqlite_module
from power_loss import STRACE, WRITES, Event, history, losses, watch

READERS, CONNECTIONS = 12, 2
MOMENTS = int(os.environ.get("POWERLOSS", "120"))
FINISHED = max(3, MOMENTS // 100)  #: states from which a send goes on to its end
FILES = "openat,pwrite64,ftruncate,unlink,fsync,fdatasync"
SEED = 6

pytestmark = [
    pytest.mark.skipif(STRACE is None, reason="no strace: what a loss of power leaves was not looked at"),
    pytest.mark.timeout(120 + MOMENTS),
]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A send that came to its end, and what it did to its files."""

    key: str
    window: int
    before: dict[str, bytes]
    events: list[Event]

    def contents(self, moment: int) -> set[str]:
        """The uids of those whose content had begun to leave."""
        return {event.name for event in self.events[:moment] if event.kind == "content"}


#: With the log only growing, as in a short send, and with it going into the database all the time.
@pytest.fixture(params=[(1, 10), (4, 8000), (4, 10)][: 3 if "POWERLOSS" in os.environ else 1], ids=str)
def watched(request, drafted, sqlite_url, mailbox, tmp_path):
    window, pages = request.param
    database = Database(sqlite_url)
    key = drafted(database, readers=READERS)
    database.close()
    before = {"digest.db": (tmp_path / "digest.db").read_bytes()}
    told = {"url": sqlite_url, "key": key, "port": mailbox.port, "window": window, "connections": CONNECTIONS}
    trace = watch(
        told | {"pages": pages}, tmp_path / "trace", "-y", "-xx", "-s", "100000", "-e", f"trace={FILES},{WRITES}"
    )
    events = history(trace, tmp_path / "digest.db")
    assert sum(event.kind == "content" for event in events) == READERS
    mailbox.messages.clear()
    return Watched(key=key, window=window, before=before, events=events)


@contextlib.contextmanager
def opened(files, folder):
    for old in folder.glob("digest.db*"):
        old.unlink()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    db = sqlite_module().connect(folder / "digest.db")
    try:
        yield db
    finally:
        db.close()


def wrongs(watched, folder, events, *, number=MOMENTS):
    """What is wrong after each loss of power."""
    found = []
    for moment, files in losses(watched.before, events, number=number, dice=Random(SEED)):
        contents = {event.name for event in events[:moment] if event.kind == "content"}
        try:
            with opened(files, folder) as db:
                if db.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                    found.append((moment, "damaged"))
                known = db.execute("SELECT uid FROM deliveries WHERE state IN ('attempting', 'sent') OR in_doubt > 0")
                if contents - {uid for (uid,) in known}:
                    found.append((moment, "a content left that nobody wrote down"))
        except sqlite_module().DatabaseError as error:
            found.append((moment, str(error)))
    return found


def test_nothing_left_that_the_disk_does_not_know_of(watched, tmp_path):
    """And with the same send on a disk that is never told to sync there is much to find: the test can fail."""
    folder = tmp_path / "after"
    folder.mkdir()
    assert wrongs(watched, folder, watched.events) == []
    unsynced = [event for event in watched.events if event.kind != "sync"]
    assert wrongs(watched, folder, unsynced, number=60)


def test_a_send_goes_on_from_what_is_left(watched, tmp_path, mailbox):
    """Everybody gets a copy; who gets two was recorded as in doubt first."""
    dice = Random(SEED)
    for number, (moment, files) in enumerate(losses(watched.before, watched.events, number=FINISHED, dice=dice)):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        mailbox.messages.clear()
        check_goes_on(watched, moment, folder, mailbox)


def check_goes_on(watched, moment, folder: Path, mailbox):
    url = f"sqlite:///{folder / 'digest.db'}"
    database = Database(url)
    send(settings_for(url, mailbox.port, watched.window), database, watched.key, "second")
    database.close()
    with contextlib.closing(sqlite_module().connect(folder / "digest.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = db.execute("SELECT uid, address, state, in_doubt FROM deliveries").fetchall()
    before, after = watched.contents(moment), Counter(mailbox.addresses)
    assert len(rows) == READERS
    for uid, address, state, in_doubt in rows:
        assert state == "sent"
        assert 1 <= after[address] + (uid in before) <= 1 + in_doubt
    assert sum(in_doubt for *_, in_doubt in rows) <= CONNECTIONS * watched.window
