"""Who asked for a newsletter, in; the mail that asks whether they meant it, out.  Reads the site's templates."""

from datetime import datetime

from digest import links
from digest.config import Settings
from digest.model import Rendered
from digest.outbox.skeleton import SAMPLE_ADDRESS, SAMPLE_UID, Head, confirmation
from digest.render.render import confirmation as render_confirmation
from digest.render.render import moved, moving
from digest.store.moves import Move


def compose(
    settings: Settings, name: str, *, address: str, uid: str, generation: int, now: datetime, language: str = ""
) -> bytes:
    """The mail to one person; `name` is a newsletter of the configuration, `language` what they asked for.

    Raises:
        AddressError: the address cannot be written in a message.
        ValueError: the site's templates make no safe message.
    """
    site, newsletter = settings.site, settings.newsletters[name]
    token = links.sign(site.keys or ("",), links.Purpose.CONFIRM, name, uid, generation=generation)
    url = links.confirm_url(site.base_url, name, token)
    mail = render_confirmation(url, site=site, newsletter=newsletter, language=language)
    message_id = links.message_id(f"confirm.{name}.{generation}", uid, newsletter.sender_domain)
    return _letter(settings, name, mail, address=address, message_id=message_id, now=now)


def compose_move(settings: Settings, move: Move, *, now: datetime) -> bytes:
    """The mail about a change of address, to the new one or to the old.

    Raises:
        AddressError, ValueError: as `compose`.
    """
    site, newsletter = settings.site, settings.newsletters[move.newsletter]
    if move.kind == "ask":
        keys = site.keys or ("",)
        token = links.sign(keys, links.Purpose.ADDRESS, move.newsletter, move.uid, generation=move.nonce)
        url = links.address_url(site.base_url, move.newsletter, token)
        mail = moving(url, site=site, newsletter=newsletter, language=move.language)
    else:
        mail = moved(site=site, newsletter=newsletter, language=move.language)
    message_id = links.message_id(f"{move.kind}.{move.newsletter}.{move.nonce}", move.uid, newsletter.sender_domain)
    return _letter(settings, move.newsletter, mail, address=move.address, message_id=message_id, now=now)


def _letter(settings: Settings, name: str, mail: Rendered, *, address: str, message_id: str, now: datetime) -> bytes:
    """A mail to one person, of no edition."""
    site, newsletter = settings.site, settings.newsletters[name]
    head = Head(
        newsletter=name,
        title=newsletter.title,
        sender=newsletter.sender,
        reply_to=newsletter.reply_to,
        contact=site.contact,
        base_url=site.base_url,
        domain=newsletter.sender_domain,
        date=now,
    )
    return confirmation(
        subject=mail.subject, text=mail.text, html=mail.html, head=head, address=address, message_id=message_id
    )


def sample(settings: Settings, name: str, *, now: datetime) -> bytes:
    """The mail to somebody who does not exist, to look at."""
    return compose(settings, name, address=SAMPLE_ADDRESS, uid=SAMPLE_UID, generation=0, now=now)
