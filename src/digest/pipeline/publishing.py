"""A draft edition in, a full outbox out: content and audience are frozen in one transaction."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.config import Settings
from digest.counting import counted
from digest.errors import Faulty, Overtaken, Refused
from digest.model import Clock, DeliveryState, Edition, EditionState, EditionStatus
from digest.outbox.skeleton import Skeleton
from digest.pipeline.audience import NOBODY, Plan, plan, told
from digest.pipeline.linting import faults, lint_message, named
from digest.pipeline.lookup import find
from digest.pipeline.operating import up_to_date
from digest.pipeline.printing import Print, by_templates, prints
from digest.store import audiences, deliveries, editions, operations
from digest.store.database import Database
from digest.store.operations import SignOff

log = logging.getLogger(__name__)

PROGRAM = "digest"  #: who did what no person did
FROZEN = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)


@dataclass(frozen=True, kw_only=True)
class Approved:
    edition: EditionStatus
    audience: int
    variants: Mapping[str, int] = field(default_factory=dict)  #: readers of each; known when it was approved just now
    without: int = 0  #: readers whose sections it has nothing of; known when it was approved just now
    rarer: int = 0  #: readers who get more than they asked for, as theirs would be a variant too many; likewise
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: by mail that would have been too long
    over: int = 0  #: readers who get no copy, as their hour is over for too long

    @property
    def report(self) -> str:
        """On one line: readers, variants, and what was left out."""
        shortened = [f"{name}: {', '.join(what)}" for name, what in self.left_out.items()]
        readers = told(self.variants or {"": self.audience}, without=self.without, rarer=self.rarer)
        late = [f"no copy for {counted(self.over, 'reader')} whose hour is over for too long"] if self.over else []
        return "; ".join([readers, *late, *shortened])


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What approving freezes."""

    plan: Plan
    prints: Sequence[Print]
    overruled: str  #: the rules that found errors, by name


def approve(
    settings: Settings,
    database: Database,
    key: str,
    *,
    now: datetime,
    at_its_hour: bool = False,
    lift_hold: bool = False,
    overrule: Collection[str] = (),
    who: str = PROGRAM,
    seen: Edition | None = None,
    over: Mapping[Clock, str] = NOBODY,
) -> Approved:
    """Freeze content and audience.  Approving what is approved changes nothing.

    Deliveries are due at once or, `at_its_hour`, not before the edition's slot; where each reader gets it at an hour of
    their own, then.  Only an editor's own word should `lift_hold`.  Errors of the rules named in `overrule` do not stop
    it, and are logged.  The record says who did it.  Where what was `seen` is said, a draft that has become another one
    is not approved.  Readers with a clock that is `over` get no copy: the record says why.

    Raises:
        Overtaken: it is not what was seen.
        NotFound, Refused: there is no such edition, it is held or over, or it has nothing to say.
        Faulty: the mail would have errors; an `overrule` lets it through.
    """
    while True:
        status = find(database, key)
        if status.state in (EditionState.CANCELLED, EditionState.EXPIRED):
            raise Refused(f"{key} is {status.state}: nothing of it is sent any more")
        if status.hold and not lift_hold:
            raise Refused(f"{key} is on hold; `digest approve {key}` lifts it")
        due_at = max(now, status.due_at) if at_its_hour and status.due_at else now
        made = None
        if status.state not in FROZEN:
            status = up_to_date(settings, database, status)
            if seen and replace(status.content, built_at=seen.built_at) != seen:
                raise Overtaken(f"{key} has changed since it was looked at", ())
            with database.read() as db:
                planned = plan(settings, db, status, now=now, due_at=due_at, over=over)
            made = _make(settings, status, planned, date=None if planned.waves else due_at, overrule=overrule)
        if status.hold and status.state is not EditionState.DONE:
            with database.begin() as db:
                editions.set_hold(db, status.id, hold=False)
                operations.sign(db, status.id, "lifted", who=who, now=now)
        if made is None:
            with database.read() as db:
                return Approved(edition=status, audience=deliveries.tally(db, status.id).audience)
        approved = _freeze(settings, database, status, made, now=now, due_at=due_at, who=who, over=over)
        if approved is not None:
            return approved


def refuse_empty(status: EditionStatus) -> None:
    """Nothing, when there is something to send.

    Raises:
        Refused: the edition has no stories.
    """
    if status.content.lead is None:
        raise Refused(f"{status.key} has no stories; `digest stories` shows what the window holds")


def _make(
    settings: Settings,
    status: EditionStatus,
    planned: Plan,
    *,
    date: datetime | None,
    overrule: Collection[str],
) -> _Made:
    """The mail of a draft, if nothing speaks against sending it."""
    if not settings.site.keys:
        raise Refused("site.secrets is empty: links cannot be signed; `digest init` shows how one looks")
    refuse_empty(status)
    with by_templates(status.key):
        made = prints(settings, status, planned.printed, date=date)
    errors = errors_of(settings, status, made)
    if stopping := [name for name in errors if name not in overrule]:
        options = " ".join(f"--overrule {name}" for name in stopping)
        raise Faulty(
            f"{status.key}: the mail would have errors: {named(errors, but=overrule)}; "
            f"`digest lint {status.key}` shows them, `digest approve {status.key} {options}` lets them pass"
        )
    return _Made(plan=planned, prints=made, overruled=named(errors))


def errors_of(settings: Settings, status: EditionStatus, made: Sequence[Print]) -> dict[str, int]:
    """How often each rule found an error, in the variant that has most of it."""
    most: dict[str, int] = {}
    for one in made:
        sample = Skeleton(one.skeleton).sample(newsletter=status.newsletter, keys=settings.site.keys)
        for name, count in faults(lint_message(settings, status.newsletter, sample)).items():
            most[name] = max(count, most.get(name, 0))
    return most


def _freeze(
    settings: Settings,
    database: Database,
    status: EditionStatus,
    made: _Made,
    *,
    now: datetime,
    due_at: datetime,
    who: str,
    over: Mapping[Clock, str],
) -> Approved | None:
    """None when the draft changed, or was approved by another, or a reader's wish changed, while it was rendered."""
    newsletter = settings.newsletters[status.newsletter]
    with database.begin() as db:
        current = editions.lock(db, status.id)
        if current.content != status.content or current.state is not EditionState.DRAFT:
            return None
        if operations.revision(db, status.id) != status.revision:
            return None
        planned = plan(settings, db, status, now=now, due_at=due_at, over=over)
        if planned.asked != made.plan.asked or planned.printed != made.plan.printed:
            return None
        editions.approve(
            db,
            status.id,
            now=now,
            expires_at=max([due_at, *planned.waves.values()]) + timedelta(hours=newsletter.expire_hours),
            in_doubt=newsletter.in_doubt,
            rendered=[(one.rendered, one.skeleton) for one in made.prints],
        )
        waves = {clock: max(now, moment) for clock, moment in planned.waves.items()}
        overruled = f"overruled: {made.overruled}" if made.overruled else ""
        operations.sign(db, status.id, "approved", who=who, now=now, remark=overruled)
        audience = audiences.freeze(
            db,
            status.id,
            planned.circle,
            variant=planned.named,
            now=now,
            due_at=waves.get(Clock(), due_at),
            waves=waves,
            over=planned.over,
            late=planned.late,
        )
        passed_over = deliveries.tally(db, status.id).count(DeliveryState.EXPIRED)
        readers = deliveries.by_variant(db, status.id)
        frozen = editions.lock(db, status.id)
    if made.overruled:
        log.warning("%s: approved although the mail has errors, overruled: %s", status.key, made.overruled)
    return Approved(
        edition=frozen,
        audience=audience,
        variants=readers,
        without=planned.without,
        rarer=planned.rarer,
        over=passed_over,
        left_out={one.rendered.variant: one.rendered.left_out for one in made.prints if one.rendered.left_out},
    )


def hold(database: Database, key: str, *, now: datetime, who: str = PROGRAM) -> EditionStatus:
    """Stop an edition where it is; messages on the wire finish."""
    status = _open(database, key)
    with database.begin() as db:
        editions.set_hold(db, status.id, hold=True)
        operations.sign(db, status.id, "held", who=who, now=now)
    return find(database, key)


def cancel(database: Database, key: str, *, now: datetime, who: str = PROGRAM) -> EditionStatus:
    """Nothing more of this edition is sent."""
    status = _open(database, key)
    with database.begin() as db:
        editions.cancel(db, status.id, now=now)
        operations.sign(db, status.id, "cancelled", who=who, now=now)
    return find(database, key)


def signed_off(database: Database, key: str) -> tuple[SignOff, ...]:
    """Who approved, held and cancelled an edition, and when, in order.

    Raises:
        NotFound: there is no such edition.
    """
    status = find(database, key)
    with database.read() as db:
        return operations.signed(db, status.id)


def _open(database: Database, key: str) -> EditionStatus:
    status = find(database, key)
    if status.state in (EditionState.DONE, EditionState.CANCELLED, EditionState.EXPIRED):
        raise Refused(f"{key} is {status.state} already")
    return status
