"""A long list in, few statements out.

A short list goes into a statement value by value, well below the databases' limits of parameters.  What is long, or is
done for every delivery, goes in as one JSON array: so a statement over hundreds of rows is one call of the driver, and
the database works while Python does something else.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from digest.store.codec import to_text
from digest.store.schema import insert_columns, insert_new_from

SIZE = 1000

Item = TypeVar("Item")

Columns = Mapping[str, type[Integer] | type[Text]]


def batches(items: Sequence[Item], size: int = SIZE) -> Iterator[Sequence[Item]]:
    """One statement each."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def listed(db: Connection, rows: Sequence[Sequence[str]], *names: str) -> CTE:
    """Rows of text with these columns: all of them one parameter, and a table to join."""
    table = _table(db.dialect.name, literal(packed(rows), Text), dict.fromkeys(names, Text))
    return table.prefix_with("MATERIALIZED")


def rows_of(dialect: str, columns: Columns) -> CTE:
    """A table of the rows in the parameter `batch`, which is to be `packed`; its columns in order."""
    return _table(dialect, bindparam("batch", type_=Text), columns)


def packed(rows: Sequence[Sequence[Any]]) -> str:
    return to_text(rows)


def changes_all(db: Connection, change: Update, values: Mapping[str, Any], number: int) -> bool:
    """Whether a statement changes so many rows; if not, it has changed none."""
    db.exec_driver_sql("SAVEPOINT changes")  # SQLAlchemy's own has a new name, and is compiled, each time
    whole = db.execute(change, values).rowcount == number
    db.exec_driver_sql(f"{'RELEASE' if whole else 'ROLLBACK TO'} SAVEPOINT changes")
    return whole


def insert_missing(db: Connection, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
    """Insert those of very many rows that are not there yet; given by column, as most say the same in most of them.

    PostgreSQL gets them as one parameter: it would read the statement anew for each.
    """
    if not all(columns.values()):
        return
    if db.dialect.name == "sqlite":
        insert_columns(db, table, columns, new_only=True)
        return
    rows = packed([*zip(*columns.values(), strict=True)])
    batch = _table(db.dialect.name, literal(rows, Text), dict.fromkeys(columns, Text))
    insert_new_from(db, table, list(columns), select(*(cast(batch.c[name], table.c[name].type) for name in columns)))


def _table(dialect: str, batch: ColumnElement[str], columns: Columns) -> CTE:
    places = range(len(columns))
    if dialect == "sqlite":
        each = func.json_each(batch).table_valued("value")
        picked: list[ColumnElement[Any]] = [func.json_extract(each.c.value, f"$[{place}]") for place in places]
    else:
        each = func.jsonb_array_elements(cast(batch, JSONB)).table_valued("value")
        picked = [each.c.value.op("->>")(place) for place in places]
    typed = [cast(one, _type(kind)).label(name) for one, (name, kind) in zip(picked, columns.items(), strict=True)]
    return select(*typed).cte("batch")


def _type(kind: type[Integer] | type[Text]) -> type[TypeEngine[Any]]:
    return BigInteger if kind is Integer else Text
