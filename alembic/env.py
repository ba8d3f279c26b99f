"""Runs the migrations: on the connection that `digest.store.migrate` hands over, else on ``alembic -x url=…``.

The second way is for those who write one: ``alembic -x url=sqlite:///scratch.db revision --autogenerate -m "…"``.
"""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection

from digest.store.database import Database
from digest.store.schema import Moment, metadata


def spell(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Our own column type in words of SQLAlchemy's: history must not depend on today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


def run(connection: Connection) -> None:
    # Batches, as SQLite changes a table by making it anew.
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, render_item=spell)
    with context.begin_transaction():
        context.run_migrations()


connection = context.config.attributes.get("connection")
if connection is not None:
    run(connection)
else:
    with Database(context.get_x_argument(as_dictionary=True)["url"]).begin() as db:
        run(db)
