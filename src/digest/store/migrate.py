"""A database in, the same database at this program's schema out.  The migrations travel inside the wheel."""

import contextlib
import logging
from collections.abc import Iterator

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from digest.assets import MIGRATIONS
from digest.store.database import Database, make_file
from digest.store.revision import refuse_others

#: Advisory lock: of several upgrades at once one does it, and the others find it done.
_TURN = 0x6469676573740001

logging.getLogger("alembic").setLevel(logging.WARNING)  # "Context impl SQLiteImpl." is nobody's news


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the schema to `revision`, in one transaction.  Does nothing where it is there already.

    Raises:
        Refused: the file of an SQLite database cannot be made.
        SchemaMismatch: the database is that of another program.
    """
    if database.path:
        make_file(database.path)
    with _schema_change(database) as db:
        refuse_others(db)
        command.upgrade(_config(db), revision)


def downgrade(database: Database, revision: str) -> None:
    """Bring the schema back to `revision` (``base``: nothing at all).  Data that has no place there is lost."""
    with _schema_change(database) as db:
        command.downgrade(_config(db), revision)


def revisions() -> list[str]:
    """All that the migrations lead through, the oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


@contextlib.contextmanager
def _schema_change(database: Database) -> Iterator[Connection]:
    if not database.is_sqlite:
        with database.begin() as db:
            db.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})
            yield db
        return
    # To change a table SQLite makes it anew and drops the old one, which must not cascade into those that refer to it.
    with database.begin(foreign_keys=False) as db:
        yield db
        broken = db.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not broken, f"the migration leaves {len(broken)} rows that refer to nothing"


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config(db: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = db
    return config
