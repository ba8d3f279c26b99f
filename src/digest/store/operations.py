"""What editors decided about one edition, in order; and who signed it off.

A row is written once, and undone once.  Both make a revision of the edition, a number that only grows: so an editor's
operation can name the one that it was made on.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from digest.model import Decided, Operation
from digest.store.codec import dump_operation, load_operation
from digest.store.schema import operations, signoffs

_o, _s = operations.c, signoffs.c


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """What a person, or the program, did about an edition as a whole."""

    action: str  #: approved, held, lifted, cancelled, reminded, expired, late
    who: str
    at: datetime
    remark: str = ""


def of(db: Connection, edition_id: int) -> tuple[Decided, ...]:
    """All there were, in their order, the undone ones too."""
    rows = db.execute(select(operations).where(_o.edition_id == edition_id).order_by(_o.number)).mappings()
    return tuple(
        Decided(**{name: row[name] for name in _FIELDS}, operation=load_operation(row["operation"])) for row in rows
    )


_FIELDS = ("number", "who", "at", "undone", "undone_by", "undone_at")


def revision(db: Connection, edition_id: int) -> int:
    """How often something was decided or undone; 0 for never."""
    query = select(func.max(_o.number), func.max(_o.undone)).where(_o.edition_id == edition_id)
    return max(number or 0 for number in db.execute(query).one())


def add(db: Connection, edition_id: int, operation: Operation, *, who: str, now: datetime) -> int:
    """Write an operation down; the revision that it made.  The edition has to be locked."""
    number = revision(db, edition_id) + 1
    values = {"edition_id": edition_id, "number": number, "who": who, "at": now}
    db.execute(insert(operations).values(values | {"operation": dump_operation(operation)}))
    return number


def undo(db: Connection, edition_id: int, number: int, *, who: str, now: datetime) -> bool:
    """Take an operation back; False where there is none, or was undone before.  The edition has to be locked."""
    query = update(operations).where(_o.edition_id == edition_id, _o.number == number, _o.undone.is_(None))
    values = {"undone": revision(db, edition_id) + 1, "undone_by": who, "undone_at": now}
    return db.execute(query.values(values)).rowcount == 1


def sign(db: Connection, edition_id: int, action: str, *, who: str, now: datetime, remark: str = "") -> None:
    values = {"edition_id": edition_id, "action": action, "who": who, "at": now, "remark": remark}
    db.execute(insert(signoffs).values(values))


def signed(db: Connection, edition_id: int) -> tuple[SignOff, ...]:
    """In order."""
    query = select(_s.action, _s.who, _s.at, _s.remark).where(_s.edition_id == edition_id).order_by(_s.id)
    return tuple(SignOff(**row) for row in db.execute(query).mappings())
