"""What the operator has been told.  A row stands from the first sight of an alert until its end has been told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select, update

from digest.store.schema import alerts, insert_new

SETTLED = timedelta(minutes=10)  #: so long something has to be over before that is told: it may come and go
CLAIM = timedelta(minutes=10)  #: for who tells it; afterwards another process may

_a = alerts.c


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An alert that stands, or whose end is still to be told."""

    key: str
    what: str
    advice: str
    since: datetime
    over_at: datetime | None = None


def update_all(db: Connection, found: Mapping[str, tuple[str, str]], *, now: datetime) -> None:
    """Write down what there is: by key, what it is and the advice.  What nobody was told of ends without a word."""
    rows = [{"key": key, "what": what, "advice": advice, "since": now} for key, (what, advice) in found.items()]
    insert_new(db, alerts, rows)
    here = _a.key.in_(list(found))
    db.execute(update(alerts).where(here, _a.over_at.is_not(None)).values(over_at=None))
    db.execute(delete(alerts).where(~here, _a.told_at.is_(None)))
    db.execute(update(alerts).where(~here, _a.over_at.is_(None)).values(over_at=now))


def claim(db: Connection, *, now: datetime) -> list[Standing]:
    """What is to be told now, for the one caller that gets it; oldest first."""
    begins = and_(_a.told_at.is_(None), _a.over_at.is_(None))
    untold = or_(begins, _a.over_at <= now - SETTLED)
    free = or_(_a.claimed_at.is_(None), _a.claimed_at <= now - CLAIM)
    rows = db.execute(update(alerts).where(untold, free).values(claimed_at=now).returning(alerts)).all()
    found = [_standing(row) for row in rows]
    return sorted(found, key=lambda one: (one.since, one.key))


def told(db: Connection, one: Standing, *, now: datetime) -> None:
    """It has reached the operator: that it began, or that it is over."""
    if one.over_at:
        db.execute(delete(alerts).where(_a.key == one.key, _a.over_at.is_not(None)))
    else:
        db.execute(update(alerts).where(_a.key == one.key).values(told_at=now, claimed_at=None))


def standing(db: Connection) -> list[Standing]:
    """What is not over, oldest first."""
    return [_standing(row) for row in db.execute(select(alerts).where(_a.over_at.is_(None)).order_by(_a.since, _a.key))]


def _standing(row: object) -> Standing:
    return Standing(**{name: getattr(row, name) for name in ("key", "what", "advice", "since", "over_at")})
