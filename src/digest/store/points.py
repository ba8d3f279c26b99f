"""The points of the stories that editions told: what is usual for a newsletter."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from digest.model import EditionStatus
from digest.store.editions import went_out_before
from digest.store.schema import editions, stories

_e = editions.c


def points_of(db: Connection, edition_id: int) -> list[float]:
    """What each of its stories has, the pins of editors apart."""
    query = select(stories.c.score, stories.c.ledger).where(stories.c.edition_id == edition_id)
    return [score - _pinned(ledger) for score, ledger in db.execute(query)]


def points_before(db: Connection, one: EditionStatus, *, limit: int) -> list[list[float]]:
    """As `points_of`, of the last editions of its cadence and wave before its day that went out, the newest first."""
    last = select(_e.id).where(went_out_before(one)).order_by(_e.day.desc()).limit(limit)
    return [points_of(db, id_) for id_ in db.execute(last).scalars().all()]


def _pinned(ledger: Sequence[Any]) -> float:
    return sum(float(point["points"]) for point in ledger if point["signal"] == "editor")
