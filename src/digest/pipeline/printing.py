"""An edition in, what is sent of it out: rendered once for each variant, written as a message, and signed."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain

from jinja2 import Environment, TemplateError

from digest.config import Newsletter, Settings, bounce_mailbox, dkim_keys
from digest.edition import ladder, variants
from digest.edition.variants import DEFAULT, Variant
from digest.errors import Refused
from digest.model import Edition, EditionStatus, Rendered, revised
from digest.outbox.dkim import Signer
from digest.outbox.skeleton import Head, Skeleton, build
from digest.render.environment import environment
from digest.render.render import render

LONGEST = 95_000  #: bytes of HTML: Gmail cuts a mail off from about 102,000 on


@dataclass(frozen=True, kw_only=True)
class Print:
    """A variant, ready to be stamped."""

    rendered: Rendered
    skeleton: bytes


@contextlib.contextmanager
def by_templates(key: str) -> Iterator[None]:
    """What a site's own templates can do wrong is told in one line.

    Raises:
        Refused: they make no mail.
    """
    try:
        yield
    except (AssertionError, TemplateError, ValueError) as error:
        raise Refused(f"{key}: the templates make no mail: {type(error).__name__}: {error}") from None


def head_of(
    settings: Settings, newsletter: Newsletter, edition: Edition, *, edition_id: int, date: datetime | None
) -> Head:
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


def render_edition(
    settings: Settings,
    edition: Edition,
    *,
    variant: str = DEFAULT,
    late: bool = False,
    longest: int = LONGEST,
    templates: Environment | None = None,
) -> Rendered:
    """The edition, its mail with all that fits.  Every copy of the mail is as long: markers are as long as tokens.

    Args:
        edition: As `edition.variants.cut` leaves it for the variant.
        variant: Its name.
        late: It says that it comes late.
        longest: Bytes of HTML.
        templates: Of its language, where they have been read already.

    Raises:
        Refused: the mail is too long even with the lead story alone.
    """
    newsletter, site = settings.newsletters[edition.newsletter], settings.site
    templates = templates or _templates(settings, edition.language)
    for step in chain([None], ladder.steps(edition)):
        rendered = render(
            edition,
            site=site,
            newsletter=newsletter,
            variant=variant,
            mail=step.edition if step else None,
            late=late,
            web=variant == DEFAULT,
            environment=templates,
        )
        if len(rendered.html.encode()) <= longest:
            return replace(rendered, left_out=step.left_out if step else ())
    raise Refused(f"{edition.key}: with its lead story alone the mail has more than {longest:,} bytes of HTML")


def prints(
    settings: Settings,
    status: EditionStatus,
    wanted: Iterable[Variant],
    *,
    date: datetime | None,
    revision: int = 1,
) -> list[Print]:
    """Each of these variants, and the default one, which is the web page; in order of name.

    `date`: of every copy; None: each copy has its own.
    """
    newsletter = settings.newsletters[status.newsletter]
    default = Variant(language=status.content.language)
    named = {one.name: one for one in (default, *wanted)}
    spoken = {language: _templates(settings, language) for language in {one.language for one in named.values()}}
    found = []
    for name, variant in sorted(named.items()):
        edition = variants.cut(status.content, variant)
        rendered = render_edition(
            settings, edition, variant=name, late=variant.late, templates=spoken[variant.language]
        )
        rendered = replace(rendered, variant=revised(name, revision))
        head = head_of(settings, newsletter, edition, edition_id=status.id, date=date)
        found.append(Print(rendered=rendered, skeleton=build(rendered, head)))
    return found


def _templates(settings: Settings, language: str) -> Environment:
    site = settings.site
    return environment(site.templates, language=language or site.language, brand=site.brand)


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
