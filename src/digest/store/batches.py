"""Long lists in, what stays below the databases' limits of parameters out: short lists, or a list as one parameter."""

import json
from collections.abc import Iterator, Sequence
from typing import TypeVar

from sqlalchemy import CTE, JSON, Connection, Text, cast, column, func, literal, select

SIZE = 1000

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int = SIZE) -> Iterator[Sequence[Item]]:
    """One statement each."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def listed(db: Connection, rows: Sequence[Sequence[str]], *names: str) -> CTE:
    """Rows of text with these columns: all of them one parameter, and a table to join."""
    text = literal(json.dumps(rows), Text)
    each = func.json_each(text) if db.dialect.name == "sqlite" else func.json_array_elements(cast(text, JSON))
    value = each.table_valued(column("value", JSON)).c.value
    columns = (value[place].as_string().label(name) for place, name in enumerate(names))
    return select(*columns).cte("listed").prefix_with("MATERIALIZED")
