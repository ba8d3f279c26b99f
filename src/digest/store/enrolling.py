"""People from a list or a form in; what becomes of each out, and written.

`decide` is pure, and the same for a run and for a dry run.  Nobody is brought back: who has left or is suppressed
stays so until they ask and confirm themselves, and who left or bounced elsewhere by another list is gone here too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from digest.model import NO_PAST, NewSubscriber, Past, Reason, Rejection, SubscriptionState
from digest.store.addresses import hash_of
from digest.store.batches import insert_missing, listed
from digest.store.people import insert_strangers
from digest.store.schema import subscribers, subscriptions, suppressions

_s = subscriptions.c
CONFIRMED, UNCONFIRMED, UNSUBSCRIBED = (
    SubscriptionState.CONFIRMED,
    SubscriptionState.UNCONFIRMED,
    SubscriptionState.UNSUBSCRIBED,
)


class Enrolment(StrEnum):
    """What becomes of one row."""

    CONFIRMED = "confirmed"  #: Gets editions from now on.
    ASKED = "asked"  #: Gets a confirmation mail, or has it from the list that the row comes from.
    LEFT = "left"  #: Left elsewhere, so here too.
    SUPPRESSED = "suppressed"  #: Gets no mail elsewhere, so here neither.
    ALREADY = "already"  #: Nothing changed.
    HAS_LEFT = "has unsubscribed"  #: Refused.
    IS_SUPPRESSED = "is suppressed"  #: Refused.


REFUSED = frozenset({Enrolment.HAS_LEFT, Enrolment.IS_SUPPRESSED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """How an address stands to a newsletter before a row is looked at."""

    subscriber_id: int | None = None
    state: SubscriptionState | None = None
    confirmed_at: datetime | None = None
    suppressed: Reason | None = None


NOBODY = Found()


@dataclass(frozen=True, kw_only=True)
class Added:
    """What became of the people that were added: all but `new` add up to their number."""

    new: int  #: people who were not known at all
    confirmed: int  #: subscriptions that are confirmed from now on
    asked: int  #: people who get a confirmation mail
    already: int  #: nothing changed: confirmed or asked before, or twice in the list
    refused: list[Rejection]  #: left or suppressed; says the row, not the address


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One row, and what is to be done with it."""

    new: NewSubscriber
    found: Found
    enrolment: Enrolment


def add(db: Connection, new: Sequence[NewSubscriber], *, newsletter: str, consent: str | None, now: datetime) -> Added:
    """Subscribe people.  With `consent`, the evidence that they agreed, they are confirmed; else they are asked.

    Addresses are taken as they are: `addresses.check` is the caller's.
    """
    keys = [hash_of(one.address) for one in new]
    before = _known(db, keys)
    enrolments = enrol(db, new, keys=keys, newsletter=newsletter, consent=consent, now=now)
    refused = [(number, one) for number, one in enumerate(enrolments, start=1) if one in REFUSED]
    return Added(
        new=_known(db, keys) - before,
        confirmed=enrolments.count(Enrolment.CONFIRMED),
        asked=enrolments.count(Enrolment.ASKED),
        already=enrolments.count(Enrolment.ALREADY),
        refused=[Rejection(path="", where=f"row {number}", error=why) for number, why in refused],
    )


def enrol(
    db: Connection,
    new: Sequence[NewSubscriber],
    *,
    keys: Sequence[str],
    newsletter: str,
    consent: str | None,
    now: datetime,
) -> list[Enrolment]:
    """Write what becomes of each, as if they came one after the other; the enrolments in the order of `new`.

    `keys` are the hashes of their addresses (`addresses.hash_of`).
    """
    enrolments = [Enrolment.ALREADY] * len(new)
    for turn in turns(keys):
        found = look_up(db, list(turn), newsletter)
        steps = {key: _step(new[place], found.get(key, NOBODY), consent) for key, place in turn.items()}
        _write(db, steps, newsletter=newsletter, consent=consent, now=now)
        for key, place in turn.items():
            enrolments[place] = steps[key].enrolment
    return enrolments


class Foresight:
    """What `enrol` would answer, without writing: remembers how each address would stand after the rows so far."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, dict[int, Found]] = {}
        self._suppressed: dict[int, Reason] = {}
        self._shared: dict[Found, Found] = {}  # most come to stand alike

    def enrolments(
        self,
        db: Connection,
        new: Sequence[NewSubscriber],
        *,
        keys: Sequence[str],
        newsletter: str,
        consent: str | None,
        now: datetime,
    ) -> list[Enrolment]:
        enrolments = [Enrolment.ALREADY] * len(new)
        for turn in turns(keys):
            found = look_up(db, list(turn), newsletter)
            for key, place in turn.items():
                short = int(key[:15], 16)  # a million of them have to fit in memory
                known = self._known(short, found.get(key, NOBODY), newsletter)
                step = _step(new[place], known, consent)
                self._remember(short, step, newsletter, consent, now)
                enrolments[place] = step.enrolment
        return enrolments

    def _known(self, key: int, found: Found, newsletter: str) -> Found:
        known = self._subscriptions.get(newsletter, {}).get(key, found)
        reason = self._suppressed.get(key)
        return replace(known, suppressed=known.suppressed or reason) if reason else known

    def _remember(self, key: int, step: Step, newsletter: str, consent: str | None, now: datetime) -> None:
        if step.enrolment is Enrolment.SUPPRESSED and step.new.past.suppressed:
            self._suppressed[key] = step.new.past.suppressed
        if _changes_subscription(step):
            after = _after(step, consent, now)
            self._subscriptions.setdefault(newsletter, {})[key] = self._shared.setdefault(after, after)


def decide(new: NewSubscriber, found: Found, consent: str | None) -> Enrolment:
    """What becomes of a row.  A list that says of somebody that they left or bounced is believed; so is ours."""
    past = new.past
    gone = bool(past.suppressed) or past.state is UNSUBSCRIBED
    if found.suppressed is Reason.ERASED and gone:
        return Enrolment.ALREADY  # nothing is stored anew of who asked to be forgotten
    if past.suppressed:
        return _silenced(past, found)
    if past.state is UNSUBSCRIBED:
        return _left(past, found)
    return _joining(new, found, consent)


def _silenced(past: Past, found: Found) -> Enrolment:
    known = found.suppressed and (past.state is None or found.state is not None)
    return Enrolment.ALREADY if known else Enrolment.SUPPRESSED


def _left(past: Past, found: Found) -> Enrolment:
    came_back = past.left_at and found.state is CONFIRMED and found.confirmed_at and found.confirmed_at > past.left_at
    return Enrolment.ALREADY if came_back or found.state is UNSUBSCRIBED else Enrolment.LEFT


def _joining(new: NewSubscriber, found: Found, consent: str | None) -> Enrolment:
    if found.suppressed:
        return Enrolment.IS_SUPPRESSED
    if found.state is UNSUBSCRIBED:
        return Enrolment.HAS_LEFT
    if _agreed(new.past, consent):
        return Enrolment.ALREADY if found.state is CONFIRMED else Enrolment.CONFIRMED
    return Enrolment.ASKED if found.state is None else Enrolment.ALREADY


def _agreed(past: Past, consent: str | None) -> bool:
    """Confirmed needs evidence: the row's own, or that of the whole list.  Who is asked elsewhere is not confirmed."""
    if past.state is CONFIRMED and past.evidence:
        return True
    return consent is not None and past.state is not UNCONFIRMED


def look_up(db: Connection, hashes: Sequence[str], newsletter: str) -> dict[str, Found]:
    """How each address stands to a newsletter, by the hash of the address; none where nothing is known of it."""
    batch = listed(db, [[one] for one in hashes], "hash")
    query = (
        select(batch.c.hash, subscribers.c.id, _s.state, _s.confirmed_at, suppressions.c.reason)
        .select_from(batch)
        .outerjoin(subscribers, subscribers.c.address_hash == batch.c.hash)
        .outerjoin(subscriptions, and_(_s.subscriber_id == subscribers.c.id, _s.newsletter == newsletter))
        .outerjoin(suppressions, suppressions.c.address_hash == batch.c.hash)
        .where(or_(subscribers.c.id.is_not(None), suppressions.c.reason.is_not(None)))
    )
    return {
        key: Found(
            subscriber_id=who,
            state=SubscriptionState(state) if state else None,
            confirmed_at=confirmed_at,
            suppressed=Reason(reason) if reason else None,
        )
        for key, who, state, confirmed_at, reason in db.execute(query)
    }


def _known(db: Connection, keys: Iterable[str]) -> int:
    batch = listed(db, [[one] for one in set(keys)], "hash")
    query = select(subscribers.c.id).join_from(batch, subscribers, subscribers.c.address_hash == batch.c.hash)
    return len(db.execute(query).all())


def turns(keys: Sequence[str]) -> Iterator[dict[str, int]]:
    """Key → place; one that stands there again has its turn after the first."""
    waiting = list(zip(keys, range(len(keys)), strict=True))
    while waiting:
        turn: dict[str, int] = {}
        waiting = [(key, place) for key, place in waiting if turn.setdefault(key, place) != place]
        yield turn


def _step(new: NewSubscriber, found: Found, consent: str | None) -> Step:
    return Step(new=new, found=found, enrolment=decide(new, found, consent))


def _changes_subscription(step: Step) -> bool:
    if step.enrolment is Enrolment.SUPPRESSED:
        return step.new.past.state is not None and step.found.state is None
    return step.enrolment in {Enrolment.CONFIRMED, Enrolment.ASKED, Enrolment.LEFT}


def _after(step: Step, consent: str | None, now: datetime) -> Found:
    first, found = _beginning(step.new.past, consent, now), step.found
    was_here = step.enrolment is Enrolment.LEFT and found.state
    confirmed_at = found.confirmed_at if was_here else first.confirmed_at
    return Found(state=first.state, confirmed_at=confirmed_at, suppressed=found.suppressed)


def _write(db: Connection, steps: Mapping[str, Step], *, newsletter: str, consent: str | None, now: datetime) -> None:
    changed = {key: step for key, step in steps.items() if _changes_subscription(step)}
    ids = _settle(db, changed, now=now)
    first = {ids[key]: step.new for key, step in changed.items() if step.found.state is None}
    insert_missing(db, subscriptions, _columns(first, newsletter, consent, now))
    known = [step for step in changed.values() if step.found.state is not None]
    _promote(db, [step for step in known if step.enrolment is Enrolment.CONFIRMED], newsletter, consent, now)
    _let_go(db, [step for step in known if step.enrolment is Enrolment.LEFT], newsletter, now)
    silenced = {key: step.new for key, step in steps.items() if step.enrolment is Enrolment.SUPPRESSED}
    insert_missing(db, suppressions, _suppressions(silenced, now))


def _settle(db: Connection, steps: Mapping[str, Step], *, now: datetime) -> dict[str, int]:
    """The ids of all of them, after those that were not known are."""
    ids = {key: step.found.subscriber_id for key, step in steps.items() if step.found.subscriber_id is not None}
    strangers = {key: step.new for key, step in steps.items() if step.found.subscriber_id is None}
    return ids | insert_strangers(db, strangers, now=now) if strangers else ids


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """How a first subscription stands."""

    state: SubscriptionState
    consent: str
    asked_at: datetime | None
    asked_count: int
    confirm_due_at: datetime | None
    confirmed_at: datetime | None
    left_at: datetime | None
    paused_until: datetime | None


def _beginning(past: Past, consent: str | None, now: datetime) -> Beginning:
    state = UNSUBSCRIBED if past.state is UNSUBSCRIBED else CONFIRMED if _agreed(past, consent) else UNCONFIRMED
    asks = state is UNCONFIRMED
    return Beginning(
        state=state,
        consent=_evidence(past, None if asks or past.state is UNSUBSCRIBED else consent),
        asked_at=past.asked_at or (now if asks else None),
        asked_count=1 if asks else 0,
        confirm_due_at=now if asks and past.asked_at is None else None,
        confirmed_at=past.confirmed_at or (now if state is CONFIRMED else None),
        left_at=(past.left_at or now) if state is UNSUBSCRIBED else None,
        paused_until=past.paused_until,
    )


def _columns(first: Mapping[int, NewSubscriber], newsletter: str, consent: str | None, now: datetime) -> dict[str, Any]:
    """First subscriptions, by the id of the subscriber."""
    people = first.values()
    plain = _beginning(NO_PAST, consent, now)  # that of all in most lists
    each = [plain if one.past is NO_PAST else _beginning(one.past, consent, now) for one in people]
    return {
        "subscriber_id": list(first),
        "newsletter": [newsletter] * len(first),
        "frequency": [one.frequency for one in people],
        "hour": [one.hour for one in people],
        "sections": [one.sections for one in people],
    } | {one.name: [*map(attrgetter(one.name), each)] for one in fields(Beginning)}


def _evidence(past: Past, consent: str | None) -> str:
    """The row's own, and that of the list where the row's does not say that they agreed."""
    own = "" if past.suppressed and past.state is None else past.evidence
    if own and past.state is CONFIRMED:
        return own
    return "\n".join(one for one in (own, consent) if one)


def _promote(db: Connection, steps: Sequence[Step], newsletter: str, consent: str | None, now: datetime) -> None:
    """Confirm those who were asked and of whom there is other evidence now."""
    rows = [
        {
            "who": step.found.subscriber_id,
            "at": step.new.past.confirmed_at or now,
            "evidence": _evidence(step.new.past, consent),
        }
        for step in steps
    ]
    values = {
        "state": CONFIRMED,
        "confirmed_at": bindparam("at"),
        "confirm_due_at": None,
        "asked_count": 0,
        "generation": _s.generation + 1,
        "consent": bindparam("evidence"),
    }
    _change(db, rows, values, newsletter, UNCONFIRMED)


def _let_go(db: Connection, steps: Sequence[Step], newsletter: str, now: datetime) -> None:
    rows = [{"who": step.found.subscriber_id, "at": step.new.past.left_at or now} for step in steps]
    values: dict[str, Any] = {"state": UNSUBSCRIBED, "left_at": bindparam("at"), "confirm_due_at": None}
    _change(db, rows, values, newsletter, CONFIRMED, UNCONFIRMED)


def _change(
    db: Connection, rows: list[dict[str, Any]], values: dict[str, Any], newsletter: str, *states: SubscriptionState
) -> None:
    """Only what is still in one of these states: a person may have clicked in the meantime."""
    if rows:
        mine = and_(_s.subscriber_id == bindparam("who"), _s.newsletter == newsletter, _s.state.in_(states))
        db.execute(update(subscriptions).where(mine).values(values), rows)


def _suppressions(silenced: Mapping[str, NewSubscriber], now: datetime) -> dict[str, Any]:
    """By the hash of the address."""
    pasts = [one.past for one in silenced.values()]
    return {
        "address_hash": list(silenced),
        "address": [one.address for one in silenced.values()],
        "reason": [past.suppressed for past in pasts],
        "evidence": [past.evidence if past.state is None else "" for past in pasts],
        "since": [past.left_at or now for past in pasts],
    }
