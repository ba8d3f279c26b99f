"""The log of what came back of mails: rows are added, none is changed but to forget a person."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, case, func, or_, select, update

from digest.model import (
    Action,
    Cadence,
    Cause,
    Copy,
    DeliveryState,
    EditionState,
    Event,
    Kind,
    Severity,
    edition_key,
)
from digest.store import groups
from digest.store.addresses import hash_of
from digest.store.schema import deliveries, editions, events, insert_new, subscribers

LATEST = 50_000  #: entries of the log that are counted by domain: it is long after a bad night
EDITIONS = 200  #: the latest, of all newsletters, that a score looks at; those of further waves of a date with them

_e, _d = events.c, deliveries.c
#: What is counted of what came back, the worst first.  A delay is no end.
_CAME = {str(Kind.COMPLAINT): _e.kind == Kind.COMPLAINT} | {
    str(severity): and_(_e.kind.in_((Kind.BOUNCE, Kind.REFUSAL)), _e.severity == severity)
    for severity in (Severity.HARD, Severity.SOFT, Severity.POLICY)
}
_FIELDS = tuple(field.name for field in fields(Event))


def add(db: Connection, event: Event) -> bool:
    """Write it down; False where this message is in the log already, and then nothing may follow from it again."""
    return bool(insert_new(db, events, [asdict(event)]))


def copy_of(db: Connection, edition_id: int, uid: str, *, signed: bool) -> Copy | None:
    """The delivery of an edition to whoever has this uid; None where there was none, or the person was erased."""
    query = (
        select(_d.address, subscribers.c.id, editions.c.newsletter, editions.c.day, editions.c.cadence, editions.c.wave)
        .join_from(subscribers, deliveries, _d.subscriber_id == subscribers.c.id)
        .join(editions, editions.c.id == _d.edition_id)
        .where(subscribers.c.uid == uid, _d.edition_id == edition_id)
    )
    row = db.execute(query).first()
    if row is None or not row.address:
        return None
    return Copy(
        edition_id=edition_id,
        edition=edition_key(row.newsletter, row.day, Cadence(row.cadence), row.wave),
        newsletter=row.newsletter,
        subscriber_id=row.id,
        address=row.address,
        signed=signed,
    )


def turns(
    db: Connection, subscriber_id: int, address: str, *, also: tuple[int, Severity] | None = None
) -> dict[int, tuple[Severity, ...]]:
    """Of each edition that went to an address, by its id and the oldest first: what came back of it.

    What came before an operator let the address have mail again does not count.  `also`: an edition, and what has just
    come back of it and is not in the log yet.
    """
    query = select(_e.edition_id, _e.severity, _e.kind).where(_e.address_hash == hash_of(address)).order_by(_e.id)
    told: dict[int, list[Severity]] = {}
    for row in db.execute(query):
        if row.kind == Kind.CLEARED:
            told.clear()
        elif row.edition_id is not None:
            told.setdefault(row.edition_id, []).append(Severity(row.severity))
    if also is not None:
        told.setdefault(also[0], []).append(also[1])
    return {one: tuple(told.get(one, ())) for one in sorted(_went_to(db, subscriber_id, address) | told.keys())}


def counting() -> Select[tuple[int]]:
    """The ids of the editions that a score looks at."""
    begun = editions.c.state != EditionState.DRAFT
    own = select(editions.c.id).where(begun, editions.c.wave == 0).order_by(editions.c.id.desc())
    first = func.coalesce(own.offset(EDITIONS - 1).limit(1).scalar_subquery(), 0)
    return select(editions.c.id).where(begun, editions.c.id >= first)


def _went_to(db: Connection, subscriber_id: int, address: str) -> set[int]:
    query = select(_d.edition_id).where(
        _d.edition_id.in_(counting()),
        _d.subscriber_id == subscriber_id,
        _d.address == address,
        _d.state.in_((DeliveryState.SENT, DeliveryState.FAILED)),
    )
    return set(db.execute(query).scalars())


@dataclass(frozen=True, kw_only=True)
class Went:
    """What became of an edition's copy at the mail server."""

    edition: str
    state: str
    code: str


def deliveries_of(db: Connection, subscriber_id: int, edition_ids: Sequence[int]) -> dict[int, Went]:
    """By the edition's id; state and code are "" where there is no delivery any more."""
    mine = and_(_d.edition_id == editions.c.id, _d.subscriber_id == subscriber_id)
    query = (
        select(
            editions.c.id, editions.c.newsletter, editions.c.day, editions.c.cadence, editions.c.wave, _d.state, _d.code
        )
        .outerjoin_from(editions, deliveries, mine)
        .where(editions.c.id.in_(edition_ids))
    )
    return {
        row.id: Went(
            edition=edition_key(row.newsletter, row.day, Cadence(row.cadence), row.wave),
            state=row.state or "",
            code=row.code or "",
        )
        for row in db.execute(query)
    }


def of_address(db: Connection, address: str) -> list[Event]:
    """The oldest first."""
    query = select(*(_e[name] for name in _FIELDS)).where(_e.address_hash == hash_of(address)).order_by(_e.id)
    return [_event(row) for row in db.execute(query).mappings()]


def alarming(db: Connection, edition_id: int) -> int:
    """How many copies of an edition came back because we, or the message, were not wanted."""
    query = select(func.count()).where(_e.edition_id == edition_id, _e.action == Action.ALARM)
    return int(db.execute(query).scalar_one())


def alarms(db: Connection, *, since: datetime) -> list[tuple[str, int]]:
    """(cause, how many) of refusals of policy since then, the most frequent first."""
    query = (
        select(_e.cause, func.count())
        .where(_e.at > since, _e.action == Action.ALARM)
        .group_by(_e.cause)
        .order_by(func.count().desc(), _e.cause)
    )
    return [(cause, int(count)) for cause, count in db.execute(query)]


def by_domain(db: Connection, *, since: datetime, most: int = LATEST) -> list[tuple[str, str, int]]:
    """(domain, worst that came back of a copy: `complaint`, `hard`, `soft` or `policy`, how many copies).

    Of the newest `most` entries since then.  The domain is "" for readers who were erased.
    """
    rank = case(*((condition, rank) for rank, condition in enumerate(_CAME.values())))
    latest = select(_e.edition_id, _e.subscriber_id, rank.label("rank")).where(_e.at >= since, or_(*_CAME.values()))
    newest = latest.order_by(_e.at.desc()).limit(most).subquery().c
    each = select(newest.edition_id, newest.subscriber_id, func.min(newest.rank).label("worst"))
    copy = each.group_by(newest.edition_id, newest.subscriber_id).subquery().c
    # As a value: to join, PostgreSQL may read all deliveries for a few that came back.
    went_to = select(_d.address).where(_d.edition_id == copy.edition_id, _d.subscriber_id == copy.subscriber_id)
    found = select(func.coalesce(went_to.scalar_subquery(), "").label("address"), copy.worst).subquery().c
    domain = groups.domain(db, found.address).label("domain")
    rows = db.execute(select(domain, found.worst, func.count()).group_by("domain", found.worst))
    return [(name, list(_CAME)[worst], int(count)) for name, worst, count in rows]


def clear(db: Connection, address: str, *, now: datetime) -> None:
    """Begin the score of an address anew: an operator lets it have mail again."""
    key = hash_of(address)
    message = hashlib.sha256(f"cleared {key} {now.isoformat()}".encode()).hexdigest()
    add(db, Event(message=message, at=now, kind=Kind.CLEARED, address_hash=key, action=Action.NOTED))


def forget(db: Connection, address_hash: str) -> None:
    """Keep of what somebody's mail server said only its code: it likes to repeat the address."""
    db.execute(update(events).where(_e.address_hash == address_hash).values(said=""))


def _event(row: RowMapping) -> Event:
    kinds = {"kind": Kind, "severity": Severity, "cause": Cause, "action": Action}
    values: dict[str, Any] = {name: kinds[name](row[name]) if name in kinds else row[name] for name in _FIELDS}
    return Event(**values)
