"""A delivery in, all that happened to it out, in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from digest.model import DeliveryState
from digest.store import subscribers
from digest.store.schema import deliveries, editions, outcomes

_d, _o = deliveries.c, outcomes.c


@dataclass(frozen=True, kw_only=True)
class Event:
    at: datetime
    kind: str  #: as in the record of outcomes
    stage: str
    code: int | None
    text: str
    relay: str  #: over which of several it happened


@dataclass(frozen=True, kw_only=True)
class Life:
    """One copy, from the freeze on."""

    uid: str
    variant: str
    state: DeliveryState
    frozen_at: datetime | None
    due_at: datetime
    attempts: int
    in_doubt: int
    owner: str  #: the process that has it at this moment
    events: Sequence[Event]


def life(db: Connection, edition_id: int, address: str) -> Life | None:
    """What became of the copy of one reader; None where the reader was not in the frozen audience.

    Found by the person, so that a changed address finds what went to the old one, and else by the address itself.
    """
    person = subscribers.by_address(db, address)
    who = _d.subscriber_id == person.id if person else _d.address == address
    columns = (_d.subscriber_id, _d.uid, _d.variant, _d.state, _d.due_at, _d.attempts, _d.in_doubt, _d.owner)
    query = select(*columns, editions.c.approved_at).join(editions, editions.c.id == _d.edition_id)
    row = db.execute(query.where(_d.edition_id == edition_id, who)).first()
    if row is None:
        return None
    return Life(
        uid=row.uid,
        variant=row.variant,
        state=DeliveryState(row.state),
        frozen_at=row.approved_at,
        due_at=row.due_at,
        attempts=row.attempts,
        in_doubt=row.in_doubt,
        owner=row.owner,
        events=_events(db, edition_id, row.subscriber_id),
    )


def _events(db: Connection, edition_id: int, subscriber_id: int) -> list[Event]:
    query = select(_o.at, _o.kind, _o.stage, _o.code, _o.text, _o.relay).order_by(_o.id)
    found = db.execute(query.where(_o.edition_id == edition_id, _o.subscriber_id == subscriber_id)).mappings()
    return [Event(**row) for row in found]
