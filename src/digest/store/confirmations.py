"""Double opt-in: who asked to join, which confirmation mails are due, who confirmed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, literal, or_, select, tuple_, update

from digest.model import EventKind, NewSubscriber, Subscription, SubscriptionState
from digest.store.addresses import hash_of
from digest.store.people import SUBSCRIPTIONS, insert_people, read_subscriptions
from digest.store.schema import insert_new, subscribers, subscriptions
from digest.store.suppressions import is_suppressed, suppressed
from digest.store.webhooks import note

ASK_AGAIN = timedelta(hours=24)  #: between two confirmation mails to one person, of whatever newsletters
ASK_AT_MOST = 3  #: without an answer, ever: an address that somebody else types in is not to be flooded
LINK_LIFE = timedelta(days=7)
PUT_OFF = timedelta(hours=1)  #: what is due later than this waits for its day, and not for a lease or another try

_s = subscriptions.c


def ask(db: Connection, new: NewSubscriber, *, newsletter: str, consent: str, now: datetime) -> None:
    """Note that somebody wants to join, so that a confirmation mail becomes due, where one may be sent.

    Says nothing about what it found: the page behind it must look the same for everyone (no one can learn who
    subscribes).  `consent` is the evidence, one line of JSON.
    """
    if is_suppressed(db, new.address):
        return
    address_hash = hash_of(new.address)
    subscriber_id = insert_people(db, {address_hash: new}, now=now)[address_hash]
    row = {
        "subscriber_id": subscriber_id,
        "newsletter": newsletter,
        "frequency": new.frequency,
        "hour": new.hour,
        "sections": list(new.sections),
        "consent": consent,
        "asked_at": now,
        "asked_count": 1,
        "confirm_due_at": _next_mail(db, subscriber_id, now),
    }
    new_row = insert_new(db, subscriptions, [row])
    if new_row or _ask_again(db, subscriber_id, newsletter, consent=consent, now=now):
        note(db, EventKind.SUBSCRIBE, subscriber_id=subscriber_id, newsletters=[newsletter], now=now)


def confirm(db: Connection, uid: str, newsletter: str, *, evidence: str, now: datetime) -> bool:
    """A confirmation link was used.  True once for each time of asking, within a week; `evidence` is kept.

    The generation is raised, so that the link opens nothing again.  Who answers is nobody's victim: mails about other
    newsletters that were put off are due now.
    """
    who = select(subscribers.c.id).where(subscribers.c.uid == uid, ~suppressed(subscribers.c.address_hash))
    query = update(subscriptions).where(
        _s.subscriber_id.in_(who), _s.newsletter == newsletter, _pending(), _s.asked_at >= now - LINK_LIFE
    )
    values = {
        "state": SubscriptionState.CONFIRMED,
        "confirmed_at": now,
        "left_at": None,
        "generation": _s.generation + 1,
        "asked_count": 0,
        "confirm_due_at": None,
        "paused_until": None,  # of before they left: who comes back wants mail
        "consent": _with(evidence),
    }
    person = db.execute(query.values(values).returning(_s.subscriber_id)).scalar_one_or_none()
    if person is None:
        return False
    note(db, EventKind.CONFIRM, subscriber_id=person, newsletters=[newsletter], now=now)
    waiting = update(subscriptions).where(_s.subscriber_id == person, _pending(), _s.confirm_due_at > now + PUT_OFF)
    db.execute(waiting.values(confirm_due_at=now))
    return True


def any_confirmation_due(db: Connection, *, now: datetime) -> bool:
    """Whether a look at `due_confirmations` may be worth a transaction that writes."""
    return bool(db.execute(select(exists().where(_s.confirm_due_at <= now))).scalar_one())


def due_confirmations(db: Connection, *, now: datetime, limit: int, lease: timedelta) -> list[Subscription]:
    """Claim confirmation mails to send: nobody else gets them before the lease is over."""
    candidates = (
        select(_s.subscriber_id, _s.newsletter)
        .join_from(subscriptions, subscribers)
        .where(_s.confirm_due_at <= now, _pending(), ~suppressed(subscribers.c.address_hash))
        .where(~_another_first(now, now + lease))
        .order_by(_s.confirm_due_at, _s.subscriber_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=subscriptions)
        .cte("candidate")
    )
    key = tuple_(_s.subscriber_id, _s.newsletter)
    claim = update(subscriptions).where(key.in_(select(candidates))).values(confirm_due_at=now + lease)
    claimed = [tuple(row) for row in db.execute(claim.returning(_s.subscriber_id, _s.newsletter))]
    return list(read_subscriptions(db, SUBSCRIPTIONS.where(key.in_(claimed)))) if claimed else []


def confirmation_sent(db: Connection, subscriber_id: int, newsletter: str, *, now: datetime) -> None:
    """The mail server has it; the week to confirm begins, and so does the day without a further mail."""
    _note(db, subscriber_id, newsletter, confirm_due_at=None, asked_at=now)
    others = and_(_s.subscriber_id == subscriber_id, _s.confirm_due_at < now + ASK_AGAIN)
    db.execute(update(subscriptions).where(others).values(confirm_due_at=now + ASK_AGAIN))


def confirmation_failed(db: Connection, subscriber_id: int, newsletter: str, *, retry_at: datetime | None) -> None:
    """The mail server did not take it; None: it never will."""
    _note(db, subscriber_id, newsletter, confirm_due_at=retry_at)


def _ask_again(db: Connection, subscriber_id: int, newsletter: str, *, consent: str, now: datetime) -> bool:
    """Whether they are.  The state stays until they confirm.

    The generation is raised: links of earlier mails open nothing any more.
    """
    query = update(subscriptions).where(
        _s.subscriber_id == subscriber_id,
        _s.newsletter == newsletter,
        _s.state != SubscriptionState.CONFIRMED,
        or_(_s.asked_at.is_(None), _s.asked_at <= now - ASK_AGAIN),
        _s.asked_count < ASK_AT_MOST,
    )
    values = {
        "asked_at": now,
        "asked_count": _s.asked_count + 1,
        "confirm_due_at": _next_mail(db, subscriber_id, now),
        "generation": _s.generation + 1,
        "consent": _with(consent),
    }
    return db.execute(query.values(values)).rowcount == 1


def _next_mail(db: Connection, subscriber_id: int, now: datetime) -> datetime:
    """When a person may be asked again: a day after the last mail, be it sent or still to be sent."""
    rows = db.execute(select(_s.asked_at, _s.confirm_due_at).where(_s.subscriber_id == subscriber_id))
    moments: list[datetime] = [moment for row in rows for moment in row if moment is not None]
    return max([now, *(moment + ASK_AGAIN for moment in moments)])


def _another_first(now: datetime, soon: datetime) -> ColumnElement[bool]:
    """In SQL: the person has a mail of another newsletter that is due before this one, or being sent."""
    other = subscriptions.alias()
    earlier = tuple_(other.c.confirm_due_at, other.c.newsletter) < tuple_(_s.confirm_due_at, _s.newsletter)
    mine = and_(other.c.subscriber_id == _s.subscriber_id, other.c.newsletter != _s.newsletter)
    return exists().where(mine, other.c.confirm_due_at <= soon, or_(other.c.confirm_due_at > now, earlier))


def _pending() -> ColumnElement[bool]:
    """In SQL: asked to join and not yet answered, be it for the first time or after having left."""
    returning = and_(_s.state == SubscriptionState.UNSUBSCRIBED, _s.asked_at > _s.left_at)
    return or_(_s.state == SubscriptionState.UNCONFIRMED, returning)


def _with(evidence: str) -> ColumnElement[str]:
    """In SQL: the evidence so far and one line more."""
    return case((_s.consent == "", literal(evidence)), else_=_s.consent + literal("\n" + evidence))


def _note(db: Connection, subscriber_id: int, newsletter: str, **values: Any) -> None:
    query = update(subscriptions).where(_s.subscriber_id == subscriber_id, _s.newsletter == newsletter, _pending())
    db.execute(query.values(values))
