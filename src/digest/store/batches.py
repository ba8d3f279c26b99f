"""A long list in, short ones out: one statement each, and well below the databases' limits of parameters."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

SIZE = 1000

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int = SIZE) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
