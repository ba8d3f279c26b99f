"""Which processes live: one that is gone gives its deliveries back at once, and not when its lease runs out.

The operating system and the database server notice the end of a process, even by signal 9: a lock of its own is
free then.  This only makes recovery fast.  Correct it is by leases and fences: a process that loses its lock and
still lives can at worst find that others took over what it had, each copy recorded as in doubt first.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from digest.store.database import Database

RENEWED = 2.0  #: seconds between two looks whether the lock is still ours
#: Seconds after the start of PostgreSQL in which nobody counts as gone: its locks ended with the server before, and who
#: lives takes them anew.
SETTLING = 10.0


class Presence:
    """Says "this owner lives" from `with` to its end, or to the end of the process.

    SQLite: a locked file in the folder ``<database>.owners``.  PostgreSQL: an advisory lock on a connection of its
    own (not through PgBouncer in transaction mode: it would give the connection away).
    """

    def __init__(self, database: Database, owner: str) -> None:
        self.owner = owner
        self._database = database
        self._file: int | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        if self._database.path is None:
            self._lock_key(wait=True)
        else:
            self._lock_file(_file(self._database.path, self.owner))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            _file(_path(self._database), self.owner).unlink(missing_ok=True)
            os.close(self._file)
            self._file = None
        self._hang_up()

    def renew(self) -> bool:
        """True while the lock has been ours without a break; else it is taken anew (PostgreSQL was restarted).

        Raises:
            OperationalError: PostgreSQL cannot be reached.
        """
        if self._database.path is not None:
            return True
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self._hang_up()
            else:
                return True
        self._lock_key(wait=False)
        return False

    def _lock_file(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        while True:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_ino == os.fstat(self._file).st_ino:
                    return
            os.close(self._file)  # it was removed between opening and locking: a lock on it says nothing

    def _lock_key(self, *, wait: bool) -> None:
        self._connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        function = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        if self._connection.execute(text(f"SELECT {function}(:key)"), {"key": _key(self.owner)}).scalar() is False:
            self._hang_up()  # the server still takes the connection that was lost for alive, and us with it

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # closed, not back to the pool: the lock ends with the connection
            self._connection.close()
            self._connection = None


def part(owner: str, number: int) -> str:
    """The name of a part of a process that has deliveries of its own: it lives as long as the process."""
    return f"{owner}+{number}"


def dead(database: Database, owners: Iterable[str]) -> list[str]:
    """Those of `owners` whose process is gone; nobody just after PostgreSQL has started."""
    asked = list(owners)
    processes = {owner: owner.partition("+")[0] for owner in asked}
    if database.path is not None:
        path = database.path
        gone = {process for process in set(processes.values()) if _is_free(_file(path, process))}
        return [owner for owner in asked if processes[owner] in gone]
    if not asked:
        return []
    with database.read() as db:
        if seconds_up(db) < SETTLING:
            return []
        alive = _held_keys(db)
    return [owner for owner in asked if _key(processes[owner]) not in alive]


def living(database: Database) -> int:
    """How many processes live on the database: those that send, serve or wait for an hour."""
    if database.path is None:
        with database.read() as db:
            return len(_held_keys(db))
    return sum(not _is_free(path) for path in _folder(database.path).glob("*"))


def _is_free(path: Path) -> bool:
    try:
        file = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _held_keys(db: Connection) -> set[int]:
    """Read from the list of locks: trying them would for a moment make the dead look alive to others who ask."""
    query = text(
        "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
        " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return set(db.execute(query).scalars())


def seconds_up(db: Connection) -> float:
    """Since PostgreSQL was started."""
    query = text("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())")
    return float(db.execute(query).scalar_one())


def _key(owner: str) -> int:
    """What PostgreSQL locks instead of a name: 64 bits, signed."""
    return int.from_bytes(hashlib.sha256(f"digest owner {owner}".encode()).digest()[:8], "big", signed=True)


def _file(database: Path, owner: str) -> Path:
    name = hashlib.sha256(owner.encode()).hexdigest()[:32]  # an owner may have characters that a file name cannot
    return _folder(database) / name


def _folder(database: Path) -> Path:
    return database.with_name(database.name + ".owners")


def _path(database: Database) -> Path:
    assert database.path is not None
    return database.path
