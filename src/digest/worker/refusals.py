"""Readers whom the mail server refused while we were sending, in; rows of the log of events, and suppressions."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from digest.feedback import policy
from digest.feedback.causes import SEVERITY, by_status
from digest.model import Action, Cause, Copy, Delivery, DeliveryState, Event, EventKind, Failure, Kind, Outcome, Reason
from digest.outbox.policy import enhanced_status
from digest.store import events, suppressions, webhooks
from digest.store.addresses import hash_of
from digest.store.deliveries import Settled


def count(db: Connection, settled: Sequence[Settled], *, now: datetime) -> None:
    """Let each refusal add to the score of its address, once.  One is never enough: the relay may be set up wrongly."""
    for one in settled:
        if one.blames_reader and one.outcome and one.state is DeliveryState.FAILED:
            _count(db, one.delivery, one.outcome, now)


def _count(db: Connection, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    status = enhanced_status(outcome)
    cause = _cause(status)
    failure = Failure(
        address=delivery.address, severity=SEVERITY[cause], cause=cause, status=status, said=outcome.reply
    )
    address, key = delivery.address, (delivery.edition_id, failure.severity)
    turns = events.turns(db, delivery.subscriber_id, address, also=key).values()
    action = policy.judge(turns, failure, _copy(delivery), same_address=True)
    event = Event(
        message=hashlib.sha256(f"refused {delivery.edition_id} {delivery.subscriber_id}".encode()).hexdigest(),
        at=now,
        kind=Kind.REFUSAL,
        severity=failure.severity,
        cause=failure.cause,
        status=failure.status,
        said=failure.said,
        edition_id=delivery.edition_id,
        subscriber_id=delivery.subscriber_id,
        address_hash=hash_of(address),
        action=action,
    )
    if events.add(db, event) and action is Action.SUPPRESSED:
        suppressions.add(db, address, reason=Reason.BOUNCE, evidence=f"{delivery.edition}: {failure.said}", now=now)
        newsletter = delivery.edition.partition("/")[0]
        why = f"{cause} {status}".strip()
        webhooks.note(
            db,
            EventKind.BOUNCE,
            subscriber_id=delivery.subscriber_id,
            newsletters=[newsletter],
            reason=why,
            now=now,
        )


def _cause(status: str) -> Cause:
    """Nobody is there, unless the code knows better: 5.2.1 is a mailbox that is disabled."""
    cause = by_status(status)
    return cause if cause in SEVERITY else Cause.UNKNOWN_USER


def _copy(delivery: Delivery) -> Copy:
    return Copy(
        edition_id=delivery.edition_id,
        edition=delivery.edition,
        newsletter=delivery.edition.partition("/")[0],
        subscriber_id=delivery.subscriber_id,
        address=delivery.address,
    )
