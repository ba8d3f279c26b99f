"""Opens the database, SQLite or PostgreSQL, so that the promises of the outbox hold on it.

SQLite: one writing connection a process, taken by one thread at a time; WAL with synchronous FULL, so that a commit
is on disk when it returns; every write begins IMMEDIATE, as a read that turns into a write cannot wait its turn.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

from digest.errors import ConfigError, Refused
from digest.store.codec import to_text

#: First SQLite without the fault that can corrupt a WAL database when one connection checkpoints while another
#: commits (3.7.0 to 3.51.2).
WAL_RESET_FIXED = (3, 51, 3)
BUSY_SECONDS = 60

#: How much of the log (pages of 4 KB) goes into the file of an SQLite database at once: a page that many transactions
#: change, as those of an index, is then written once for all of them.  And how much of what was read is kept at hand
#: (KB): as much as SQLite does by itself, as with 64 MB a daemon grew for half a year, and did nothing faster.
USUAL = ("wal_autocheckpoint=8000", "cache_size=-2000")
BULK = "wal_autocheckpoint=65536"


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: pysqlite3 carries its own, the standard library has the system's."""
    try:
        module = import_module("pysqlite3.dbapi2")
    except ImportError:
        module = sqlite3
    # Else the driver asks each None anew whether it knows how to be stored, by two attributes that it does not have:
    # five of them took as long as SQLite did for the row.
    module.register_adapter(type(None), lambda none: none)
    return module


class Database:
    """Transactions on one database.

    ``with database.begin() as db`` writes, ``with database.read() as db`` reads; functions of `store` take the
    connection.  Safe to share between threads.
    """

    def __init__(self, url: str) -> None:
        self.url = parse_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._write, self._read = (
                _sqlite_engine(self.url, write=True),
                _sqlite_engine(self.url, write=False),
            )
        else:
            self._write = create_engine(
                self.url,
                hide_parameters=True,  # an error's text must not carry somebody's address
                pool_pre_ping=True,
                json_serializer=to_text,
                pool_size=10,
                max_overflow=10,
                # No server-side prepared statements: PgBouncer in transaction mode cannot keep them.
                connect_args={"prepare_threshold": None},
            )
            self._read = self._write.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._turn: contextlib.AbstractContextManager[Any] = (
            threading.Lock() if self.is_sqlite else contextlib.nullcontext()
        )

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @property
    def engine(self) -> Engine:
        """For migrations and the dialect's own needs."""
        return self._write

    @contextlib.contextmanager
    def begin(self, *, foreign_keys: bool = True) -> Iterator[Connection]:
        """A transaction that may write; committed when the block ends well, else rolled back.

        `foreign_keys=False` lets SQLite replace a table that others refer to; it changes nothing on PostgreSQL.
        """
        enforced = foreign_keys or not self.is_sqlite
        with self._turn, self._write.connect() as db, _foreign_keys(db, enforced=enforced), db.begin():
            yield db

    @contextlib.contextmanager
    def in_bulk(self, *, cache: int = 256) -> Iterator[None]:
        """While very much is written: fewer and longer writes, for MB of `cache` instead of 64.

        The promises are the same.
        """
        self._tune((BULK, f"cache_size=-{cache << 10}"))
        try:
            yield
        finally:
            self._tune(USUAL)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads: one consistent view, which never waits for a writer."""
        with self._read.connect() as db:
            yield db

    def _tune(self, pragmas: Iterable[str]) -> None:
        if not self.is_sqlite:
            return
        with self._turn, self._write.connect() as db:
            for pragma in pragmas:
                _driver(db).execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        self._read.dispose()
        self._write.dispose()


@contextlib.contextmanager
def _foreign_keys(db: Connection, *, enforced: bool) -> Iterator[None]:
    """SQLite takes this switch only outside of a transaction, so it goes to the driver's connection itself."""
    if enforced:
        yield
        return
    driver = _driver(db)
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _driver(db: Connection) -> Any:
    """The driver's own connection, for what SQLite takes only outside of a transaction."""
    driver = db.connection.driver_connection
    assert driver is not None
    return driver


def parse_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("database.url", ["not a database address; see config.example.toml"]) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigError("database.url", ["neither sqlite:///… nor postgresql+psycopg://…"])
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigError("database.url", ["SQLite needs a file here: processes share it"])
    return parsed


def make_file(path: Path) -> None:
    """For its owner's eyes, as there will be addresses in it; SQLite gives the files beside it the same mode.

    Raises:
        Refused: it cannot be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Refused(f"database.url: {path}: {error.strerror}") from None


def _sqlite_engine(url: URL, *, write: bool) -> Engine:
    engine = create_engine(
        url,
        module=sqlite_module(),
        hide_parameters=True,
        json_serializer=to_text,
        poolclass=QueuePool,
        pool_size=1 if write else 5,
        max_overflow=0 if write else 10,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # no implicit BEGIN: the next hook says which kind
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        if write:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            for pragma in USUAL:
                cursor.execute(f"PRAGMA {pragma}")
        else:
            cursor.execute("PRAGMA query_only=ON")
            cursor.execute("PRAGMA wal_autocheckpoint=0")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(db: Connection) -> None:
        db.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
