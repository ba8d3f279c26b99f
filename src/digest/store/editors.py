"""The accounts of the desk."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from digest.model import Editor
from digest.store.schema import editors, upsert

_e = editors.c


def put(db: Connection, *, name: str, password: str, now: datetime) -> bool:
    """Make an account, or give it another password (hashed already).  True where it is new."""
    is_new = get(db, name) is None
    upsert(db, editors, [{"name": name, "password": password, "changed_at": now}])
    return is_new


def remove(db: Connection, name: str) -> bool:
    """False where there was none of this name."""
    return db.execute(delete(editors).where(_e.name == name)).rowcount == 1


def get(db: Connection, name: str) -> Editor | None:
    row = db.execute(select(editors).where(_e.name == name)).one_or_none()
    return _editor(row) if row else None


def listing(db: Connection) -> list[Editor]:
    """By name."""
    return [_editor(row) for row in db.execute(select(editors).order_by(_e.name))]


def _editor(row: Row[Any]) -> Editor:
    return Editor(name=row.name, password=row.password, changed_at=row.changed_at)
