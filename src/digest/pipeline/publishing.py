"""A draft edition in, a full outbox out: content and audience are frozen in one transaction."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.config import Newsletter, Settings, bounce_mailbox, dkim_keys
from digest.errors import Faulty, Refused
from digest.model import Edition, EditionState, EditionStatus, Rendered
from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Head, Skeleton, build
from digest.pipeline.linting import faults, lint_message, named
from digest.pipeline.lookup import VARIANT, find
from digest.render.render import render
from digest.store import deliveries, editions
from digest.store.database import Database

log = logging.getLogger(__name__)

FROZEN = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)


@dataclass(frozen=True, kw_only=True)
class Approved:
    edition: EditionStatus
    audience: int


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What approving freezes."""

    rendered: Rendered
    raw: bytes
    overruled: str  #: the rules that found errors, by name


def head_of(settings: Settings, newsletter: Newsletter, edition: Edition, *, edition_id: int, date: datetime) -> Head:
    """What the header fields of every copy have in common."""
    return Head(
        edition=edition.key,
        edition_id=edition_id,
        newsletter=edition.newsletter,
        title=newsletter.title,
        sender=newsletter.sender,
        reply_to=newsletter.reply_to or settings.site.contact,
        contact=settings.site.contact,
        base_url=settings.site.base_url,
        domain=newsletter.sender_domain,
        date=date,
    )


def render_edition(settings: Settings, edition: Edition) -> Rendered:
    newsletter = settings.newsletters[edition.newsletter]
    return render(edition, site=settings.site, newsletter=newsletter, variant=VARIANT)


def sample_message(settings: Settings, edition: Edition, rendered: Rendered, *, now: datetime) -> bytes:
    """A copy as a reader would get it, for the preview: composed and signed by the code that sends."""
    newsletter = settings.newsletters[edition.newsletter]
    raw = build(rendered, head_of(settings, newsletter, edition, edition_id=0, date=now))
    return _signed(settings, Skeleton(raw).sample(newsletter=edition.newsletter, keys=settings.site.keys))


def frozen_message(settings: Settings, newsletter: str, skeleton: bytes) -> bytes:
    """A copy as readers get it, of an edition that has been approved."""
    return _signed(settings, Skeleton(skeleton).sample(newsletter=newsletter, keys=settings.site.keys))


def test_message(
    settings: Settings, edition: Edition, rendered: Rendered, address: str, *, now: datetime
) -> tuple[bytes, str]:
    """A copy for somebody in the house, marked [TEST], and its return path.  Its links belong to nobody."""
    newsletter = settings.newsletters[edition.newsletter]
    marked = replace(rendered, subject=f"[TEST] {rendered.subject}")
    raw = build(marked, head_of(settings, newsletter, edition, edition_id=0, date=now))
    message = Skeleton(raw).sample(newsletter=edition.newsletter, keys=settings.site.keys, address=address)
    return _signed(settings, message), bounce_mailbox(settings.smtp, newsletter.sender_domain)


def _signed(settings: Settings, message: bytes) -> bytes:
    return Signer(settings.dkim.domain, dkim_keys(settings.dkim)).sign(message) if settings.dkim.keys else message


def approve(
    settings: Settings,
    database: Database,
    key: str,
    *,
    now: datetime,
    at_its_hour: bool = False,
    lift_hold: bool = False,
    overrule: Collection[str] = (),
) -> Approved:
    """Freeze content and audience.  Approving what is approved changes nothing.

    Deliveries are due at once or, `at_its_hour`, not before the edition's slot.  Only an editor's own word should
    `lift_hold`.  Errors of the rules named in `overrule` do not stop it, and are logged.

    Raises:
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
        made = None if status.state in FROZEN else _make(settings, status, date=due_at, overrule=overrule)
        if status.hold and status.state is not EditionState.DONE:
            with database.begin() as db:
                editions.set_hold(db, status.id, hold=False)
        if made is None:
            with database.read() as db:
                return Approved(edition=status, audience=deliveries.tally(db, status.id).audience)
        if (approved := _freeze(settings, database, status, made, now=now, due_at=due_at)) is not None:
            return approved


def _make(settings: Settings, status: EditionStatus, *, date: datetime, overrule: Collection[str]) -> _Made:
    """The mail of a draft, if nothing speaks against sending it."""
    newsletter = settings.newsletters.get(status.newsletter)
    if newsletter is None:
        raise Refused(f"{status.key}: the newsletter is not in the configuration any more")
    if not settings.site.keys:
        raise Refused("site.secrets is empty: links cannot be signed; `digest init` shows how one looks")
    if status.content.lead is None:
        raise Refused(f"{status.key} has no stories; `digest stories` shows what the window holds")
    rendered = render_edition(settings, status.content)
    raw = build(rendered, head_of(settings, newsletter, status.content, edition_id=status.id, date=date))
    sample = Skeleton(raw).sample(newsletter=status.newsletter, keys=settings.site.keys)
    errors = faults(lint_message(settings, status.newsletter, sample))
    if stopping := [name for name in errors if name not in overrule]:
        options = " ".join(f"--overrule {name}" for name in stopping)
        raise Faulty(
            f"{status.key}: the mail would have errors: {named(errors, but=overrule)}; "
            f"`digest lint {status.key}` shows them, `digest approve {status.key} {options}` lets them pass"
        )
    return _Made(rendered=rendered, raw=raw, overruled=named(errors))


def _freeze(
    settings: Settings, database: Database, status: EditionStatus, made: _Made, *, now: datetime, due_at: datetime
) -> Approved | None:
    """None when the draft changed, or was approved by another, while it was rendered."""
    newsletter = settings.newsletters[status.newsletter]
    with database.begin() as db:
        current = editions.lock(db, status.id)
        if current.content != status.content or current.state is not EditionState.DRAFT:
            return None
        editions.approve(
            db,
            status.id,
            now=now,
            expires_at=due_at + timedelta(hours=newsletter.expire_hours),
            in_doubt=newsletter.in_doubt,
            rendered=[(made.rendered, made.raw)],
        )
        audience = deliveries.freeze(db, status.id, status.newsletter, variant=VARIANT, now=now, due_at=due_at)
        approved = Approved(edition=editions.lock(db, status.id), audience=audience)
    if made.overruled:
        log.warning("%s: approved although the mail has errors, overruled: %s", status.key, made.overruled)
    return approved


def hold(database: Database, key: str) -> EditionStatus:
    """Stop an edition where it is; messages on the wire finish."""
    return _decide(database, key, hold=True)


def cancel(database: Database, key: str, *, now: datetime) -> EditionStatus:
    """Nothing more of this edition is sent."""
    return _decide(database, key, cancelled_at=now)


def _decide(database: Database, key: str, *, hold: bool = False, cancelled_at: datetime | None = None) -> EditionStatus:
    status = find(database, key)
    if status.state in (EditionState.DONE, EditionState.CANCELLED, EditionState.EXPIRED):
        raise Refused(f"{key} is {status.state} already")
    with database.begin() as db:
        if hold:
            editions.set_hold(db, status.id, hold=True)
        if cancelled_at:
            editions.cancel(db, status.id, now=cancelled_at)
    return find(database, key)
