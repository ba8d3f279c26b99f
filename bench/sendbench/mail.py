"""The one message that all senders send: an edition of about 64 KB, as text and HTML and as a skeleton."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

from digest import links
from digest.links import Token
from digest.model import Delivery, Rendered
from digest.outbox.skeleton import Head, build

BASE = "https://news.example.org"
KEYS = ("k" * 40,)
SIZE = 64_000  #: bytes of the encoded message, about
DAY = datetime(2026, 11, 23, 7, tzinfo=UTC)


def rendered(size: int = SIZE) -> Rendered:
    """Text and HTML that come to about `size` bytes once encoded."""
    leave = links.unsubscribe_url(BASE, "daily", Token.UNSUBSCRIBE)
    change = links.preferences_url(BASE, "daily", Token.PREFERENCES)
    story = '<tr><td style="padding:12px 24px"><a href="https://example.org/news/1">Zinsen bleiben, wie sie sind</a>'
    rows = "\n".join(f"{story} {number:04}</td></tr>" for number in range((size - 2400) // 160))
    lines = "\n".join(f"Zinsen bleiben, wie sie sind {number:04}" for number in range((size - 2400) // 160))
    return Rendered(
        variant="default",
        subject="Zinsen bleiben, wie sie sind",
        preheader="",
        html=f'<table>{rows}</table><a href="{leave}">Leave</a> <a href="{change}">Change</a>',
        text=f"{lines}\nLeave: {leave}\nChange: {change}\n",
        web="",
    )


def head() -> Head:
    return Head(
        edition="daily/2026-11-23",
        edition_id=1,
        newsletter="daily",
        title="The Daily Digest",
        sender="The Example Times <daily@news.example.org>",
        contact="editor@example.org",
        base_url=BASE,
        domain="news.example.org",
        date=DAY,
    )


def skeleton(size: int = SIZE) -> bytes:
    return build(rendered(size), head())


def delivery(number: int) -> Delivery:
    return Delivery(
        edition_id=1,
        subscriber_id=number,
        edition="daily/2026-11-23",
        uid=f"{number:016x}",
        address=address(number),
        variant="default",
        attempts=0,
        in_doubt=0,
        fence=1,
    )


def address(number: int) -> str:
    return f"reader{number}@example.net"


def standard(mail: Rendered, number: int) -> EmailMessage:
    """The same message for one reader, made with the standard library."""
    token = links.sign(KEYS, links.Purpose.UNSUBSCRIBE, "daily", f"{number:016x}")
    message = EmailMessage(policy=SMTP)
    message["From"] = head().sender
    message["To"] = address(number)
    message["Subject"] = mail.subject
    message["Message-ID"] = f"<{number}@news.example.org>"
    message["List-Unsubscribe"] = f"<{links.unsubscribe_url(BASE, 'daily', token)}>"
    message.set_content(mail.text.replace(Token.UNSUBSCRIBE, token), cte="quoted-printable")
    message.add_alternative(mail.html.replace(Token.UNSUBSCRIBE, token), subtype="html", cte="quoted-printable")
    return message
