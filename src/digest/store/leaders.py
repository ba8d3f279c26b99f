"""Who of several daemons has the lead: a row that its owner keeps changing, and that others watch.

Nobody's clock decides.  `beats` grows while the leader lives, so who sees it stand still for long enough by a steady
clock of their own knows that it is gone, whatever time the machines think it is.  `term` grows with each change of the
lead: a leader that was asleep cannot beat for an old one.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from digest.store.schema import insert_new, leaders

CLOCK = "clock"  #: the role of whoever asks for slots, and polls

_l = leaders.c


@dataclass(frozen=True, kw_only=True)
class Leader:
    owner: str
    term: int
    beats: int
    since: datetime  #: when it took the lead
    heard_at: datetime  #: of its last beat, by its own clock; for people


def current(db: Connection) -> Leader | None:
    """Who had the lead last; it may be gone."""
    columns = [_l[name] for name in ("owner", "term", "beats", "since", "heard_at")]
    row = db.execute(select(*columns).where(_l.role == CLOCK)).mappings().one_or_none()
    return Leader(**row) if row else None


def beat(db: Connection, leader: Leader, *, now: datetime) -> bool:
    """Say that it lives; False where another has the lead by now."""
    mine = update(leaders).where(_l.role == CLOCK, _l.owner == leader.owner, _l.term == leader.term)
    return db.execute(mine.values(beats=_l.beats + 1, heard_at=now)).rowcount == 1


def take(db: Connection, owner: str, *, instead_of: Leader | None, now: datetime) -> bool:
    """Take the lead; False where somebody was quicker, or the one before has been heard since."""
    term = instead_of.term + 1 if instead_of else 1
    values = {"owner": owner, "term": term, "beats": 1, "since": now, "heard_at": now}
    if instead_of is None:
        return bool(insert_new(db, leaders, [{"role": CLOCK, **values}]))
    same = update(leaders).where(_l.role == CLOCK, _l.term == instead_of.term, _l.beats == instead_of.beats)
    return db.execute(same.values(**values)).rowcount == 1
