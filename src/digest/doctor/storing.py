"""A database in, whether it can be used, how old its last backup is, the disk's space and the clock out."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from digest.doctor.finding import Finding, bad, good, warning
from digest.errors import DigestError
from digest.store import backup, editions, revision
from digest.store.database import WAL_RESET_FIXED, Database, sqlite_module
from digest.store.trouble import matter

SPARE = 1 << 30  #: bytes of disk below which somebody should look
SCARCE = 100 << 20  #: bytes below which a night may fill it
APART = timedelta(seconds=60)  #: between two clocks
BACKUP_AGE = timedelta(hours=36)  #: a nightly backup, and half a day of patience


def look_at_database(database: Database, *, now: datetime) -> Iterator[Finding]:
    """All about what is stored; only that it cannot be used, where it cannot."""
    try:
        revision.check(database)
        yield good("database", f"{database.url.get_backend_name()}, schema {revision.HEAD}")
        if database.path:
            yield from _sqlite(database)
            yield disk(database.path.parent, shutil.disk_usage(database.path.parent).free)
        yield _clock(database, now)
        yield _backup(database, now)
        yield from _copy(database)
    except DigestError as error:
        yield bad("database", str(error), mend=_command(str(error)))
    except DBAPIError as error:
        where = database.path or f"{database.url.database} at {database.url.host or 'this machine'}"
        yield bad("database", f"{where}: {matter(error)}; `digest database check` has its own words")


def _command(told: str) -> str:
    return "digest database upgrade" if "digest database upgrade" in told else ""


def _sqlite(database: Database) -> Iterator[Finding]:
    version: tuple[int, ...] = sqlite_module().sqlite_version_info
    shown = ".".join(map(str, version))
    if version < WAL_RESET_FIXED:
        fixed = ".".join(map(str, WAL_RESET_FIXED))
        yield warning(
            "SQLite",
            f"{shown} has the WAL-reset fault (fixed in {fixed}): several processes on one database can corrupt it",
            mend="pip install pysqlite3",
        )
    else:
        yield good("SQLite", shown)
    with database.read() as db:
        mode = db.execute(text("pragma journal_mode")).scalar_one()
    if mode != "wal":
        yield bad("SQLite", f"journal mode is {mode}, not wal: is the file on a network drive?")


def disk(folder: Path, free: int) -> Finding:
    """`free`: bytes."""
    shown = f"{free / (1 << 30):.1f} GB are free where the database is ({folder})"
    if free < SCARCE:
        return bad("disk", f"{shown}: sending stops when it is full")
    if free < SPARE:
        return warning("disk", shown)
    return good("disk", shown)


def _clock(database: Database, now: datetime) -> Finding:
    """Against the newest edition, and the clock of a database that has one."""
    with database.read() as db:
        newest = max((one.content.built_at for one in editions.listing(db, limit=1)), default=now)
        theirs = None if database.is_sqlite else db.execute(text("SELECT clock_timestamp()")).scalar_one()
    if newest > now + 2 * APART:
        said = f"shows {now:%Y-%m-%d %H:%M} UTC, but an edition was built later than that: it went back"
        return bad("clock", said, mend="timedatectl set-ntp true")
    return clocks(now, theirs, "the database's")


def clocks(ours: datetime, theirs: datetime | None, whose: str) -> Finding:
    """Two clocks read at the same moment."""
    if theirs is not None and abs(theirs - ours) > APART:
        said = f"is {abs(theirs - ours).total_seconds():.0f} s apart from {whose}"
        return warning("clock", said, mend="timedatectl set-ntp true")
    return good("clock", f"{ours.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" + (f", as {whose}" if theirs else ""))


def _backup(database: Database, now: datetime) -> Finding:
    with database.read() as db:
        made = backup.last(db)
    mend = f"digest database backup digest-{now:%Y-%m-%d}.backup"
    if made is None:
        return warning("backup", "none has been made of this database", mend=mend)
    if now - made > BACKUP_AGE:
        return warning("backup", f"the last one is of {made:%Y-%m-%d %H:%M} UTC", mend=mend)
    return good("backup", f"the last one is of {made:%Y-%m-%d %H:%M} UTC")


def _copy(database: Database) -> Iterator[Finding]:
    with database.read() as db:
        if backup.unreleased(db):
            yield bad(
                "database", "is a copy that nobody has released: it sends nothing", mend="digest database release"
            )
