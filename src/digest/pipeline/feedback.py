"""One message that came back in, what was done about it out: its event and its effect in one transaction."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.feedback import policy, proof
from digest.feedback.reading import read
from digest.model import Action, Cause, Copy, Event, EventKind, Failure, Kind, Reason, Report, Severity, Subscriber
from digest.store import addresses, editions, events, subscribers, suppressions, webhooks
from digest.store.database import Database

log = logging.getLogger(__name__)

EVIDENCE = 400  #: characters

_NOTHING = Failure(address="", severity=Severity.NONE, cause=Cause.NONE, status="", said="")


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a message was, and what was done about it."""

    kind: Kind
    severity: Severity
    cause: Cause
    status: str
    address: str  #: of the reader whose it is; else as the message says; "" where it does not
    edition: str = ""  #: the key
    action: Action

    @property
    def is_done(self) -> bool:
        """Nothing is left to do about the message: it may be deleted."""
        return self.action not in (Action.NOT_OURS, Action.LEFT)


def take(database: Database, keys: Sequence[str], raw: bytes, *, now: datetime, dry_run: bool = False) -> Effect:
    """Read a message and do what follows from it.  Committed when this returns, so that the message may go.

    Only what is proven to be about a mail of ours has an effect, and the same message has one once.
    """
    report = read(raw)
    with database.begin() as db:
        effect = _act(db, report, keys, message=fingerprint(raw), now=now)
        count = _alarming(db, effect) if not dry_run else 0
        if dry_run:
            db.rollback()
    if count:
        log.error(
            "%s: %d copies came back as not wanted, the latest for: %s",
            effect.edition,
            count,
            effect.cause or "authentication",
        )
    return effect


def fingerprint(raw: bytes) -> str:
    """The same for a message in a file, a Maildir, an mbox and a mailbox, whose line ends differ."""
    return hashlib.sha256(raw.replace(b"\r\n", b"\n").strip()).hexdigest()


def _act(db: Connection, report: Report, keys: Sequence[str], *, message: str, now: datetime) -> Effect:
    for newsletter, uid in proof.leaving(report, keys):
        if person := subscribers.by_uid(db, uid):
            return _leave(db, person, newsletter, message=message, now=now)
    copy = _copy(db, report, keys)
    if copy is None or (report.kind is Kind.UNSUBSCRIBE and not _is_same(report.sender, copy.address)):
        return _told(report, report.worst or _NOTHING, Action.NOT_OURS)
    failure = _failure_of(report, copy)
    effect = _told(report, failure, policy.action_for(report, failure.severity), copy)
    if not effect.is_done:
        return effect
    if effect.action is Action.COUNTED:
        turns = events.turns(db, copy.subscriber_id, copy.address, also=(copy.edition_id, failure.severity)).values()
        same = not failure.address or _is_same(failure.address, copy.address)
        effect = replace(effect, action=policy.judge(turns, failure, copy, same_address=same))
    event = _event(effect, copy, message=message, said=failure.said, now=now)
    if not events.add(db, event):
        return replace(effect, action=Action.KNOWN)
    _apply(db, effect, copy, said=failure.said, now=now)
    return effect


def _told(report: Report, failure: Failure, action: Action, copy: Copy | None = None) -> Effect:
    return Effect(
        kind=report.kind,
        severity=failure.severity,
        cause=failure.cause,
        status=failure.status,
        address=copy.address if copy else failure.address or next(iter(report.addresses), ""),
        edition=copy.edition if copy else "",
        action=action,
    )


def _event(effect: Effect, copy: Copy, *, message: str, said: str, now: datetime) -> Event:
    return Event(
        message=message,
        at=now,
        kind=effect.kind,
        severity=effect.severity,
        cause=effect.cause,
        status=effect.status,
        said=said,
        edition_id=copy.edition_id,
        subscriber_id=copy.subscriber_id,
        address_hash=addresses.hash_of(copy.address),
        action=effect.action,
    )


def _apply(db: Connection, effect: Effect, copy: Copy, *, said: str, now: datetime) -> None:
    is_complaint = effect.kind is Kind.COMPLAINT
    if effect.action is Action.SUPPRESSED:
        why = "called spam" if is_complaint else f"{effect.cause}: {effect.status} {said}"
        reason = Reason.COMPLAINT if is_complaint else Reason.BOUNCE
        suppressions.add(db, copy.address, reason=reason, evidence=f"{effect.edition}: {why}"[:EVIDENCE], now=now)
        kind = EventKind.COMPLAINT if is_complaint else EventKind.BOUNCE
        webhooks.note(
            db,
            kind,
            subscriber_id=copy.subscriber_id,
            newsletters=[copy.newsletter],
            reason=f"{effect.cause} {effect.status}".strip(),
            now=now,
        )
        if is_complaint:
            subscribers.unsubscribe(db, copy.subscriber_id, None, now=now)
    elif effect.action is Action.UNSUBSCRIBED:
        subscribers.unsubscribe(db, copy.subscriber_id, copy.newsletter, now=now)


def _leave(db: Connection, person: Subscriber, newsletter: str, *, message: str, now: datetime) -> Effect:
    """The token of List-Unsubscribe's mailto is right enough, whoever sends it: as it is in the link beside it."""
    effect = Effect(
        kind=Kind.UNSUBSCRIBE,
        severity=Severity.NONE,
        cause=Cause.NONE,
        status="",
        address=person.address,
        action=Action.UNSUBSCRIBED,
    )
    event = Event(
        message=message,
        at=now,
        kind=Kind.UNSUBSCRIBE,
        said=f"asked by mail to leave {newsletter}",
        subscriber_id=person.id,
        address_hash=addresses.hash_of(person.address),
        action=Action.UNSUBSCRIBED,
    )
    if not events.add(db, event):
        return replace(effect, action=Action.KNOWN)
    subscribers.unsubscribe(db, person.id, newsletter, now=now)
    return effect


def _copy(db: Connection, report: Report, keys: Sequence[str]) -> Copy | None:
    """The delivery that a message is provably about: by a token that we signed, or by Message-ID and address."""
    if (named := proof.signed(report, keys)) and (copy := events.copy_of(db, *named, signed=True)):
        return copy
    for key, uid in proof.by_message_id(report):
        edition = editions.get(db, key)
        copy = events.copy_of(db, edition.id, uid, signed=False) if edition else None
        if copy and any(_is_same(one, copy.address) for one in report.addresses):
            return copy
    return None


def _failure_of(report: Report, copy: Copy) -> Failure:
    """Of several recipients ours; a report that names only others is about where the mail was forwarded to."""
    ours = (one for one in report.failures if _is_same(one.address, copy.address))
    return next(ours, report.worst or _NOTHING)


def _is_same(one: str, other: str) -> bool:
    return addresses.normalise(one) == addresses.normalise(other)


def _alarming(db: Connection, effect: Effect) -> int:
    """How many copies of an edition were not wanted, at the first, the tenth, the hundredth; 0 in between."""
    if effect.action is not Action.ALARM or not (edition := editions.get(db, effect.edition)):
        return 0
    count = events.alarming(db, edition.id)
    return count if str(count).strip("0") == "1" else 0
