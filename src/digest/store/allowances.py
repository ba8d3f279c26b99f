"""How often a thing may happen within a span of time: counted in the database, so that all processes count together.

What is kept is a hash and a number, until the span is over.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete

from digest.store.schema import allowances, count_up


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many times within a span, which begins when the clock says so and not with the first time."""

    kind: str
    value: str  #: whose it is
    most: int
    within: timedelta


@dataclass(frozen=True, kw_only=True)
class Overdrawn:
    """An allowance was used up before."""

    kind: str
    first: bool  #: for the first time within its span


def take(db: Connection, wanted: Iterable[Allowance], *, now: datetime) -> Overdrawn | None:
    """Use each of `wanted` once, until one is used up: those after it keep what they have."""
    for one in wanted:
        taken = _count(db, one, now)
        if taken > one.most:
            return Overdrawn(kind=one.kind, first=taken == one.most + 1)
    return None


def forget(db: Connection, *, now: datetime) -> int:
    """Drop what is not counted any more; how many rows."""
    return db.execute(delete(allowances).where(allowances.c.until <= now)).rowcount


def _count(db: Connection, one: Allowance, now: datetime) -> int:
    """How often it was used in this span, this time with it."""
    number = int(now.timestamp() // one.within.total_seconds())
    until = datetime.fromtimestamp((number + 1) * one.within.total_seconds(), UTC)
    text = "\0".join(("digest allowance", one.kind, one.value, str(number)))
    return count_up(db, allowances, {"key": hashlib.sha256(text.encode()).hexdigest(), "until": until}, "taken")
