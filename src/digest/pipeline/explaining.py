"""An address in; all that is known of it, and why it gets mail or not, out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.counting import counted
from digest.feedback.policy import THRESHOLD, scores
from digest.model import Event, Severity, Subscription, Suppression
from digest.store import events, subscribers, suppressions
from digest.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Turn:
    """An edition that went to the address."""

    edition: str  #: the key
    state: str  #: of the delivery; "" where it is not known any more
    code: str  #: what the mail server said
    came_back: tuple[Severity, ...]
    score: float  #: of the address, after it


@dataclass(frozen=True, kw_only=True)
class Explained:
    address: str
    suppression: Suppression | None
    score: float
    threshold: float  #: the score at which an address is suppressed
    subscriptions: Sequence[Subscription]
    turns: Sequence[Turn]  #: the oldest first
    events: Sequence[Event]  #: the oldest first


def explained(database: Database, address: str) -> Explained:
    """Also of an address that nobody has: it may have been erased, and be suppressed."""
    with database.read() as db:
        person = subscribers.by_address(db, address)
        turns = _turns(db, person.id if person else 0, person.address if person else address)
        return Explained(
            address=address,
            suppression=suppressions.of(db, address),
            score=turns[-1].score if turns else 0.0,
            threshold=THRESHOLD,
            subscriptions=subscribers.subscriptions_of(db, person.id) if person else (),
            turns=turns,
            events=events.of_address(db, address),
        )


def sentences(told: Explained) -> Iterator[str]:
    """For a person."""
    yield _verdict(told)
    for one in told.subscriptions:
        since = one.left_at or one.confirmed_at or one.asked_at
        yield f"{one.newsletter}: {one.state}{_since(since)}"
    yield f"score: {told.score:.2f} of {told.threshold:.0f}, after {counted(len(told.turns), 'edition')}"
    for turn in told.turns:
        back = ", ".join(one or "a complaint or a reply" for one in turn.came_back) or "nothing came back"
        yield f"  {turn.edition}: {turn.state or 'not known any more'}; {back}; score {turn.score:.2f}"
    yield f"{counted(len(told.events), 'event')}"
    for event in told.events:
        what = " ".join(filter(None, (event.severity, event.kind, event.status, event.cause)))
        yield f"  {event.at:%Y-%m-%d %H:%M} {what}: {event.action}{f' ({event.said})' if event.said else ''}"


def _verdict(told: Explained) -> str:
    if told.suppression is None:
        return f"{told.address} is not suppressed"
    why = f": {told.suppression.evidence}" if told.suppression.evidence else ""
    return f"{told.address} is suppressed ({told.suppression.reason}){_since(told.suppression.since)}{why}"


def _since(moment: datetime | None) -> str:
    return f" since {moment:%Y-%m-%d}" if moment else ""


def _turns(db: Connection, subscriber_id: int, address: str) -> list[Turn]:
    told = events.turns(db, subscriber_id, address)
    known = events.deliveries_of(db, subscriber_id, list(told))
    return [
        Turn(edition=known[one].edition, state=known[one].state, code=known[one].code, came_back=back, score=score)
        for (one, back), score in zip(told.items(), scores(told.values()), strict=True)
        if one in known
    ]
