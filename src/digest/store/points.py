"""The points of the stories that editions told: what is usual for a newsletter."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from digest.model import Cadence, EditionState
from digest.store.schema import editions, stories

_e = editions.c
PUBLISHED = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)


def points_of(db: Connection, edition_id: int) -> list[float]:
    """What each of its stories has, the pins of editors apart."""
    query = select(stories.c.score, stories.c.ledger).where(stories.c.edition_id == edition_id)
    return [score - _pinned(ledger) for score, ledger in db.execute(query)]


def points_before(db: Connection, newsletter: str, cadence: Cadence, *, before: date, limit: int) -> list[list[float]]:
    """As `points_of`, of each of the last editions that went out before a day, the newest first."""
    query = select(_e.id).where(_e.newsletter == newsletter, _e.cadence == cadence, _e.day < before)
    last = query.where(_e.state.in_(PUBLISHED)).order_by(_e.day.desc()).limit(limit)
    return [points_of(db, id_) for id_ in db.execute(last).scalars().all()]


def _pinned(ledger: Sequence[Any]) -> float:
    return sum(float(point["points"]) for point in ledger if point["signal"] == "editor")
