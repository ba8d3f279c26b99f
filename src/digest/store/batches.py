"""A long list in, few statements out.

A short list goes into a statement value by value, well below the databases' limits of parameters.  What is done for
every delivery goes in as one JSON array, so that a statement over hundreds of rows is one call of the driver: the
database works while Python does something else.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from digest.store.codec import to_text

SIZE = 1000

Item = TypeVar("Item")

Columns = Mapping[str, type[Integer] | type[Text]]


def batches(items: Sequence[Item], size: int = SIZE) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def rows_of(dialect: str, columns: Columns) -> CTE:
    """A table of the rows in the parameter `batch`, which is to be `packed`; its columns in order."""
    if dialect == "sqlite":
        each = func.json_each(bindparam("batch", type_=Text)).table_valued("value")
        picked: list[ColumnElement[Any]] = [
            func.json_extract(each.c.value, f"$[{place}]") for place in range(len(columns))
        ]
    else:
        each = func.jsonb_array_elements(cast(bindparam("batch", type_=Text), JSONB)).table_valued("value")
        picked = [each.c.value.op("->>")(n) for n in range(len(columns))]
    typed = [cast(one, _type(kind)).label(name) for one, (name, kind) in zip(picked, columns.items(), strict=True)]
    return select(*typed).cte("batch")


def packed(rows: Sequence[Sequence[Any]]) -> str:
    return to_text(rows)


def _type(kind: type[Integer] | type[Text]) -> type[TypeEngine[Any]]:
    return BigInteger if kind is Integer else Text
