"""A safe copy of a live database, and the way back: SQLite by its own means, PostgreSQL by its tools."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from digest.counting import counted
from digest.errors import NotFound, Refused
from digest.store import owners, postgres
from digest.store.database import Database, make_file, sqlite_module
from digest.store.revision import OWN
from digest.store.schema import backups, copies, metadata

RESTORED = "restored from a backup: what was sent since is not known here; `digest deliveries retry` lets it go on"
COPIED = """\
INSERT OR REPLACE INTO copies (made_at)
SELECT ? WHERE EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'copies')
"""
POSTGRES_MARKS = """\
UPDATE editions SET paused_reason = '{why}' WHERE state IN ('draft', 'approved', 'sending');
UPDATE newsletters SET created_at = '{now}';
DO $$ BEGIN
  IF to_regclass('copies') IS NOT NULL THEN
    INSERT INTO copies (made_at) VALUES ('{now}') ON CONFLICT (made_at) DO UPDATE SET released_at = NULL;
  END IF;
END $$;
"""


def backup(database: Database, path: Path, *, now: datetime) -> None:
    """Write a copy of the database to `path`, for its owner's eyes, while others may go on using it.

    The copy of an SQLite database knows that it is one: however it comes to be used, it sends nothing until `release`.
    That of PostgreSQL is marked as one by `restore`.

    Raises:
        Refused: `path` is there already or cannot be written, the copy is damaged, or the tools of PostgreSQL are
            missing or say no.
    """
    if path.exists():
        raise Refused(f"{path} is there already")
    with _draft(path, ".part") as draft:
        if database.path is None:
            postgres.dump(database.url, draft)
        else:
            _copy(database.path, draft, now)
        _sync(draft)
        draft.replace(path)
        _sync(path.parent)
    with database.begin() as db:
        db.execute(delete(backups))
        db.execute(insert(backups).values(made_at=now))


def last(db: Connection) -> datetime | None:
    """When the last whole backup was made of this database, or of the one that it is a copy of."""
    made: datetime | None = db.execute(select(func.max(backups.c.made_at))).scalar_one()
    return made


def restore(database: Database, path: Path, *, now: datetime) -> None:
    """Put the content of a backup into the database.  What still lives on it would go on as if nothing had been.

    What the backup holds as unsent may have been sent after it was made, so every unfinished edition is paused until
    a person says otherwise.  Slots up to now may have been taken, so the clock of each newsletter starts anew, and no
    new edition is sent either until `release`.

    Raises:
        Refused: a process of digest uses the database, the backup is damaged, of another program or of another kind of
            database, there is no room, or the tools of PostgreSQL are missing or say no.
        NotFound: there is no such file.
    """
    if not path.is_file():
        raise NotFound(f"no file {path}")
    if alive := owners.living(database):
        who = counted(alive, "process", "processes")
        raise Refused(f"{who} of digest at work on this database: stop all of them first")
    if database.path is None:
        postgres.restore(database.url, path, [table.name for table in metadata.sorted_tables], _marks(now))
    else:
        _put_back(database.path, path, now)


def _marks(now: datetime) -> str:
    """What makes a restored database one that sends nothing of its own accord, in SQL of PostgreSQL."""
    return POSTGRES_MARKS.replace("{why}", RESTORED).replace("{now}", f"{_written(now)}+00")


def _copy(source: Path, draft: Path, now: datetime) -> None:
    with _open(source) as live, _open(draft) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file that can be moved
        _mark(copy, now)
        _check(copy, draft)


def _put_back(target: Path, path: Path, now: datetime) -> None:
    with _draft(target, ".restoring") as draft, _open(path) as source, _open(draft) as copy:
        _check(source, path)
        if not _is_ours(source):
            raise Refused(f"{path} is no backup of digest: the database stays as it is")
        source.backup(copy)
        copy.execute(
            "UPDATE editions SET paused_reason = ? WHERE state IN ('draft', 'approved', 'sending')", (RESTORED,)
        )
        copy.execute("UPDATE newsletters SET created_at = ?", (_written(now),))
        _mark(copy, now)
        make_file(target)  # after the loss of a disk there is none
        with _open(target) as live:
            copy.backup(live)
            _check(live, target)


@contextlib.contextmanager
def _draft(path: Path, ending: str) -> Iterator[Path]:
    """A file beside `path`, for its owner's eyes as addresses are in it; gone in the end, whatever comes.

    Raises:
        Refused: it cannot be written; whose fault it is, is told.
    """
    draft = path.with_name(path.name + ending)
    try:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        yield draft
    except OSError as error:
        raise Refused(f"{draft}: {error.strerror or type(error).__name__}") from None
    except sqlite_module().Error as error:
        raise Refused(f"{draft}: {error}") from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


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


@contextlib.contextmanager
def _open(path: Path) -> Iterator[Any]:
    with contextlib.closing(sqlite_module().connect(path, timeout=60)) as connection:
        yield connection


def _is_ours(connection: Any) -> bool:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return tables >= {"alembic_version", *OWN}


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
