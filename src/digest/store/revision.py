"""A database in, whether it fits this program out.  Without Alembic, which takes longer to import than to answer."""

from collections.abc import Sequence

from sqlalchemy import Connection, inspect, text

from digest.errors import SchemaMismatch
from digest.store.database import Database

#: All there have been, the oldest first; a test holds it to the migrations.
REVISIONS = tuple(f"{number:04}" for number in range(1, 31))
OWN = {"newsletters", "editions", "deliveries"}  #: tables of every revision: by them a database is known as ours
HEAD = REVISIONS[-1]  #: what this program was written for


def current(database: Database) -> str | None:
    """The revision of the database, None where there is none; a file that is not there is not made by looking."""
    if database.path and not database.path.exists():
        return None
    with database.read() as db:
        return _stamped(db)


def check(database: Database, *, known: Sequence[str] = REVISIONS) -> None:
    """Nothing, when the database is at the newest of the `known` revisions.

    Raises:
        SchemaMismatch: the database is older or newer than this program, not there, or that of another one.
    """
    found, wanted = current(database), known[-1]
    if found == wanted:
        return
    if database.path and not database.path.exists():
        makes = "`digest database upgrade` makes one, `digest database restore` puts a backup there"
        raise SchemaMismatch(f"there is no database {database.path}: {makes}")
    with database.read() as db:
        refuse_others(db)
    if found is None:
        raise SchemaMismatch("the database is empty: run `digest database upgrade`")
    if found in known:
        older = f"({found}, not {wanted})"
        raise SchemaMismatch(f"the database is older than this program {older}: run `digest database upgrade`")
    raise SchemaMismatch(f"this program is older than the database ({wanted}, not {found}): install the newer program")


def refuse_others(db: Connection) -> None:
    """Nothing, when the database is empty or ours.  A restore could not put back what others have in it.

    Raises:
        SchemaMismatch: it has tables, and none of digest.
    """
    tables = sorted(set(inspect(db).get_table_names()) - {"alembic_version"})
    if tables and not set(tables) >= OWN:
        shown = ", ".join(tables[:3]) + ", …" * (len(tables) > 3)
        raise SchemaMismatch(f"the database is that of another program ({shown}): give digest its own (database.url)")


def _stamped(db: Connection) -> str | None:
    if not inspect(db).has_table("alembic_version"):
        return None
    revision: str | None = db.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision
