"""What rows are grouped by, in SQL: a moment's minute and day in UTC, an address's domain; and what is found, read."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, literal_column

_FIRST: ColumnElement[int] = literal_column("1")


def minute(db: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """As text on SQLite, whose moments are text: to cut it costs a tenth of what its functions for dates do."""
    if db.dialect.name == "sqlite":
        return func.substr(column, _FIRST, literal_column("16"))
    return func.date_trunc(literal_column("'minute'"), column)


def day(db: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    if db.dialect.name == "sqlite":
        return func.substr(column, _FIRST, literal_column("10"))
    return func.date_trunc(literal_column("'day'"), func.timezone(literal_column("'UTC'"), column))


def minute_of(found: str | datetime) -> datetime:
    """An aware moment."""
    if isinstance(found, datetime):
        return found.astimezone(UTC)
    return datetime.fromisoformat(found).replace(tzinfo=UTC)


def day_of(found: str | datetime) -> date:
    return found.date() if isinstance(found, datetime) else date.fromisoformat(found)


def domain(db: Connection, address: ColumnElement[str]) -> ColumnElement[str]:
    """In small letters."""
    at_sign = func.instr(address, "@") if db.dialect.name == "sqlite" else func.strpos(address, "@")
    return func.lower(func.substr(address, at_sign + 1))
