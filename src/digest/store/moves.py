"""Readers on their way to another address: asked there whether it is theirs; when it is, told of at the old one.

Nothing changes before the answer.  A person has one move at a time; a later one takes the place of an earlier.  One
that is over is kept for a while, without an address, so that its link can say so.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, exists, or_, select, update

from digest.store.addresses import hash_of
from digest.store.schema import moves, subscribers, upsert
from digest.store.suppressions import is_suppressed

LINK_LIFE = timedelta(days=7)

_m = moves.c


@dataclass(frozen=True, kw_only=True)
class Move:
    """A mail to send, or sent, about a change of address."""

    subscriber_id: int
    uid: str
    language: str  #: that they chose; "": the newsletter's
    newsletter: str  #: on whose page it was asked for: its sender writes
    kind: Literal["ask", "tell"]  #: to the new address; to the old one, when the answer has come
    address: str  #: where the mail goes; "" when all is done
    nonce: int  #: part of its link's token: a later move makes it useless
    asked_at: datetime


def ask(db: Connection, subscriber_id: int, newsletter: str, address: str, *, now: datetime) -> None:
    """Have it asked at `address` whether it is this person's, where mail may go.  Says nothing of what it found."""
    if _taken(db, address) or is_suppressed(db, address):
        return
    row = {
        "subscriber_id": subscriber_id,
        "newsletter": newsletter,
        "kind": "ask",
        "address": address,
        "nonce": secrets.randbits(31),
        "asked_at": now,
        "due_at": now,
    }
    # The old address is told of a change whatever is asked for after it.
    upsert(db, moves, [row], where=or_(_m.kind == "ask", _m.due_at.is_(None)))


def find(db: Connection, uid: str, *, now: datetime) -> Move | None:
    """The move of this person that was asked for within a week: waiting for an answer, or over."""
    mine = (subscribers.c.uid == uid, _m.asked_at >= now - LINK_LIFE)
    return next(iter(_read(db, *mine)), None)


def carry_out(db: Connection, move: Move, *, now: datetime) -> bool:
    """The answer came: from now on mail goes there.  False where the address cannot be used any more."""
    if _taken(db, move.address) or is_suppressed(db, move.address):
        return False
    mine = subscribers.c.id == move.subscriber_id
    old = db.execute(select(subscribers.c.address).where(mine)).scalar_one()
    db.execute(update(subscribers).where(mine).values(address=move.address, address_hash=hash_of(move.address)))
    values = {"kind": "tell", "address": old, "due_at": now}
    db.execute(update(moves).where(_m.subscriber_id == move.subscriber_id).values(values))
    return True


def any_due(db: Connection, *, now: datetime) -> bool:
    return bool(db.execute(select(exists().where(_m.due_at <= now))).scalar_one())


def claim(db: Connection, *, now: datetime, limit: int, lease: timedelta) -> list[Move]:
    """Mails to send: nobody else gets them before the lease is over."""
    due = select(_m.subscriber_id).where(_m.due_at <= now).order_by(_m.due_at).limit(limit)
    chosen = due.with_for_update(skip_locked=True).cte("due")
    claimed = update(moves).where(_m.subscriber_id.in_(select(chosen))).values(due_at=now + lease)
    ids = list(db.execute(claimed.returning(_m.subscriber_id)).scalars())
    return _read(db, _m.subscriber_id.in_(ids)) if ids else []


def settled(db: Connection, move: Move) -> None:
    """The mail is out, or never will be.  What was to be told has been; what was asked waits for its answer."""
    values = {"due_at": None} | ({"address": ""} if move.kind == "tell" else {})
    db.execute(update(moves).where(*_this(move)).values(values))


def again(db: Connection, move: Move, *, due_at: datetime) -> None:
    """The mail server did not take it yet."""
    db.execute(update(moves).where(*_this(move)).values(due_at=due_at))


def forget(db: Connection, *, now: datetime) -> None:
    """Drop what was asked and not answered in time, with the address in it, and what has long been over."""
    done = or_(_m.kind == "ask", _m.due_at.is_(None))
    db.execute(delete(moves).where(done, _m.asked_at < now - LINK_LIFE))


def _this(move: Move) -> tuple[ColumnElement[bool], ...]:
    """In SQL: it, unless it went on or another took its place while its mail was on the way."""
    return (_m.subscriber_id == move.subscriber_id, _m.nonce == move.nonce, _m.kind == move.kind)


def _taken(db: Connection, address: str) -> bool:
    """Somebody has this address, be it the same person."""
    return bool(db.execute(select(exists().where(subscribers.c.address_hash == hash_of(address)))).scalar_one())


def _read(db: Connection, *where: ColumnElement[bool]) -> list[Move]:
    columns = (_m.subscriber_id, _m.newsletter, _m.kind, _m.address, _m.nonce, _m.asked_at)
    query = select(*columns, subscribers.c.uid, subscribers.c.language).join_from(moves, subscribers).where(*where)
    return [Move(**row) for row in db.execute(query).mappings()]
