"""A draft edition in, a full outbox out: content and audience are frozen in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import Connection

from digest import languages
from digest.config import Newsletter, Settings, bounce_mailbox, dkim_keys
from digest.edition import ladder, variants
from digest.edition.variants import DEFAULT, Variant
from digest.errors import Refused
from digest.model import Edition, EditionState, EditionStatus, Rendered, Wish
from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Head, Skeleton, build
from digest.pipeline.lookup import find
from digest.render.environment import environment
from digest.render.render import render
from digest.store import deliveries, editions
from digest.store.database import Database

LONGEST = 95_000  #: bytes of HTML: Gmail cuts a mail off from about 102,000 on
FROZEN = (EditionState.APPROVED, EditionState.SENDING, EditionState.DONE)


@dataclass(frozen=True, kw_only=True)
class Approved:
    edition: EditionStatus
    audience: int
    variants: Mapping[str, int] = field(default_factory=dict)  #: readers of each; known when it was approved just now
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  #: by mail that would have been too long

    @property
    def report(self) -> str:
        """On one line: readers, variants, and what was left out."""
        told = [f"{self.audience} reader{'' if self.audience == 1 else 's'}"]
        if len(self.variants) > 1:
            told.append(f"{len(self.variants)} variants")
        told += [f"{name}: {', '.join(what)}" for name, what in self.left_out.items()]
        return "; ".join(told)


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


def render_edition(settings: Settings, edition: Edition, *, variant: str = DEFAULT, longest: int = LONGEST) -> Rendered:
    """The edition, its mail with all that fits.  Every copy of the mail is as long: markers are as long as tokens.

    Args:
        edition: As `edition.variants.cut` leaves it for the variant.
        variant: Its name.
        longest: Bytes of HTML.

    Raises:
        Refused: the mail is too long even with the lead story alone.
    """
    newsletter, site = settings.newsletters[edition.newsletter], settings.site
    templates = environment(site.templates, language=edition.language or site.language)
    whole = ladder.Step(left_out=(), edition=edition)
    for step in chain([whole], ladder.steps(edition)):
        rendered = render(
            edition,
            site=site,
            newsletter=newsletter,
            variant=variant,
            mail=step.edition,
            environment=templates,
        )
        if len(rendered.html.encode()) <= longest:
            return replace(rendered, left_out=step.left_out)
    raise Refused(f"{edition.key}: with its lead story alone the mail has more than {longest:,} bytes of HTML")


def sample_message(settings: Settings, edition: Edition, rendered: Rendered, *, now: datetime) -> bytes:
    """A copy as a reader would get it, for the preview: composed and signed by the code that sends."""
    newsletter = settings.newsletters[edition.newsletter]
    raw = build(rendered, head_of(settings, newsletter, edition, edition_id=0, date=now))
    return _signed(settings, Skeleton(raw).sample(newsletter=edition.newsletter, keys=settings.site.keys))


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
) -> Approved:
    """Freeze content and audience.  Approving what is approved changes nothing.

    Deliveries are due at once or, `at_its_hour`, not before the edition's slot.  Only an editor's own word should
    `lift_hold`.

    Raises:
        NotFound, Refused: there is no such edition, it is held or over, or it has nothing to say.
    """
    while True:
        status = find(database, key)
        if status.state in (EditionState.CANCELLED, EditionState.EXPIRED):
            raise Refused(f"{key} is {status.state}: nothing of it is sent any more")
        if status.hold and not lift_hold:
            raise Refused(f"{key} is on hold; `digest approve {key}` lifts it")
        if status.hold and status.state is not EditionState.DONE:
            with database.begin() as db:
                editions.set_hold(db, status.id, hold=False)
        if status.state in FROZEN:
            with database.read() as db:
                return Approved(edition=status, audience=deliveries.tally(db, status.id).audience)
        due_at = max(now, status.due_at) if at_its_hour and status.due_at else now
        if (approved := _freeze(settings, database, status, now=now, due_at=due_at)) is not None:
            return approved


def _freeze(
    settings: Settings, database: Database, status: EditionStatus, *, now: datetime, due_at: datetime
) -> Approved | None:
    """None when the draft changed, or was approved by another, while it was rendered."""
    newsletter = settings.newsletters.get(status.newsletter)
    if newsletter is None:
        raise Refused(f"{status.key}: the newsletter is not in the configuration any more")
    if not settings.site.keys:
        raise Refused("site.secrets is empty: links cannot be signed; `digest init` shows how one looks")
    if status.content.lead is None:
        raise Refused(f"{status.key} has no stories; `digest stories` shows what the window holds")
    spoken = languages.available(settings.site.templates)
    with database.read() as db:
        asked = variants.variants(status.content, _wishes(db, status, now), languages=spoken)
    prints = _prints(settings, newsletter, status, asked, due_at)
    with database.begin() as db:
        current = editions.lock(db, status.id)
        if current.content != status.content or current.state is not EditionState.DRAFT:
            return None
        if variants.variants(status.content, _wishes(db, status, now), languages=spoken) != asked:
            return None
        editions.approve(
            db,
            status.id,
            now=now,
            expires_at=due_at + timedelta(hours=newsletter.expire_hours),
            in_doubt=newsletter.in_doubt,
            rendered=prints,
        )
        readers = {
            name: deliveries.freeze(
                db, status.id, status.newsletter, variant=name, wishes=wishes, now=now, due_at=due_at
            )
            for name, wishes in _by_variant(asked).items()
        }
        return Approved(
            edition=editions.lock(db, status.id),
            audience=sum(readers.values()),
            variants=readers,
            left_out={one.variant: one.left_out for one, _ in prints if one.left_out},
        )


def _wishes(db: Connection, status: EditionStatus, now: datetime) -> dict[Wish, int]:
    return deliveries.wishes(db, status.newsletter, day=status.day, now=now)


def _by_variant(asked: Mapping[Wish, Variant | None]) -> dict[str, list[Wish]]:
    found: dict[str, list[Wish]] = {}
    for wish, variant in asked.items():
        if variant:
            found.setdefault(variant.name, []).append(wish)
    return found


def _prints(
    settings: Settings,
    newsletter: Newsletter,
    status: EditionStatus,
    asked: Mapping[Wish, Variant | None],
    date: datetime,
) -> list[tuple[Rendered, bytes]]:
    """Each variant that somebody asked for, and the default one, which is the web page; with its skeleton."""
    default = Variant(language=status.content.language)
    wanted = {one.name: one for one in (default, *filter(None, asked.values()))}
    found = []
    for name, variant in sorted(wanted.items()):
        edition = variants.cut(status.content, variant)
        rendered = render_edition(settings, edition, variant=name)
        head = head_of(settings, newsletter, edition, edition_id=status.id, date=date)
        found.append((rendered, build(rendered, head)))
    return found


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
