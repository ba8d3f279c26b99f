"""Who asked for a newsletter, in; the mail that asks whether they meant it, out.  Reads the site's templates."""

from datetime import datetime

from digest import links
from digest.config import Settings
from digest.outbox.skeleton import SAMPLE_ADDRESS, SAMPLE_UID, Head, confirmation
from digest.render.render import confirmation as render_confirmation


def compose(settings: Settings, name: str, *, address: str, uid: str, generation: int, now: datetime) -> bytes:
    """The mail to one person; `name` is a newsletter of the configuration.

    Raises:
        AddressError: the address cannot be written in a message.
        ValueError: the site's templates make no safe message.
    """
    site, newsletter = settings.site, settings.newsletters[name]
    token = links.sign(site.keys or ("",), links.Purpose.CONFIRM, name, uid, generation=generation)
    mail = render_confirmation(links.confirm_url(site.base_url, name, token), site=site, newsletter=newsletter)
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
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        head=head,
        address=address,
        message_id=links.message_id(f"confirm.{name}.{generation}", uid, newsletter.sender_domain),
    )


def sample(settings: Settings, name: str, *, now: datetime) -> bytes:
    """The mail to somebody who does not exist, to look at."""
    return compose(settings, name, address=SAMPLE_ADDRESS, uid=SAMPLE_UID, generation=0, now=now)
