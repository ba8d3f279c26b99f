"""A safe copy of a live SQLite database, and the way back.  PostgreSQL has its own tools."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, select, update

from digest.errors import NotFound, Refused
from digest.store.database import Database, sqlite_module
from digest.store.schema import backups, copies, insert_new

RESTORED = "restored from a backup: what was sent since is not known here; `digest deliveries retry` lets it go on"
COPIED = """\
INSERT OR REPLACE INTO copies (made_at)
SELECT ? WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'copies')
"""


def backup(database: Database, path: Path, *, now: datetime) -> None:
    """Write a copy of the database to `path`, while others may go on using it.

    The copy knows that it is one: however it comes to be used, it sends nothing until `release`.

    Raises:
        Refused: it is PostgreSQL, `path` is there already, or the copy is damaged.
    """
    source = _sqlite(database, "pg_dump")
    if path.exists():
        raise Refused(f"{path} is there already")
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    with _open(source) as live, _open(draft) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file that can be moved
        _mark(copy, now)
        _check(copy, path)
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)
    _note(database, now)


def _note(database: Database, now: datetime) -> None:
    """An old backup is told of.  A schema from before an upgrade has no place to note one."""
    with database.begin() as db:
        if inspect(db).has_table(backups.name):
            insert_new(db, backups, [{"made_at": now}])


def restore(database: Database, path: Path, *, now: datetime) -> None:
    """Put the content of a backup into the database.  No other process may be using it.

    What the backup holds as unsent may have been sent after it was made, so every unfinished edition is paused until
    a person says otherwise.  Slots up to now may have been taken, so the clock of each newsletter starts anew, and no
    new edition is sent either until `release`.

    Raises:
        Refused: it is PostgreSQL, or the backup is damaged.
        NotFound: there is no such file.
    """
    target = _sqlite(database, "pg_restore")
    if not path.is_file():
        raise NotFound(f"no file {path}")
    draft = target.with_name(target.name + ".restoring")
    draft.unlink(missing_ok=True)
    with _open(path) as source, _open(draft) as copy:
        _check(source, path)
        source.backup(copy)
        copy.execute(
            "UPDATE editions SET paused_reason = ? WHERE state IN ('draft', 'approved', 'sending')", (RESTORED,)
        )
        copy.execute("UPDATE newsletters SET created_at = ?", (_written(now),))
        _mark(copy, now)
        with _open(target) as live:
            copy.backup(live)
            _check(live, target)
    draft.unlink()


def unreleased(db: Connection) -> bool:
    """Whether this database is a copy that nobody has released: another may be sending what it holds."""
    return db.execute(select(copies.c.made_at).where(copies.c.released_at.is_(None)).limit(1)).first() is not None


def release(db: Connection, *, now: datetime) -> bool:
    """Let a copy send; False where it was no copy, or released already.  Its unfinished editions stay paused."""
    return db.execute(update(copies).where(copies.c.released_at.is_(None)).values(released_at=now)).rowcount > 0


def _mark(copy: Any, now: datetime) -> None:
    copy.execute(COPIED, (_written(now),))
    copy.commit()


def _written(moment: datetime) -> str:
    """As SQLAlchemy writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _sqlite(database: Database, tool: str) -> Path:
    if database.path is None:
        raise Refused(f"this database is PostgreSQL: use {tool}")
    return database.path


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Any]:
    with contextlib.closing(sqlite_module().connect(path, timeout=60)) as connection:
        yield connection


def _check(connection: Any, path: Path) -> None:
    try:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite_module().DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise Refused(f"{path} is damaged: {verdict}")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
