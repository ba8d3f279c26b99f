"""A database in, what is wrong with its pages, references and record of deliveries out, a line each."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from digest.store import editions
from digest.store.audit import audit
from digest.store.database import Database


def faults(database: Database) -> Iterator[str]:
    """Nothing where all is well.  Reads all of it, and lets others go on meanwhile."""
    with database.read() as db:
        if database.is_sqlite:
            yield from _pages(db)
        for status in editions.listing(db):
            for proof in audit(db, status.id):
                if not proof.holds:
                    yield f"{status.key}: not so for {proof.against}: {proof.claim}"


def _pages(db: Connection) -> Iterator[str]:
    """What SQLite says of its file.  PostgreSQL enforces its references, and `data_checksums` watches its pages."""
    said = [row[0] for row in db.execute(text("PRAGMA integrity_check"))]
    yield from () if said == ["ok"] else said
    for table, row, other, _ in db.execute(text("PRAGMA foreign_key_check")):
        yield f"{table}: row {row} refers to a row of {other} that is not there"
