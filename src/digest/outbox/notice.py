"""A few lines of text in, the mail that tells them to the operator out.  Pure."""

from datetime import UTC, datetime
from email.utils import format_datetime

from digest.outbox.headers import address_field, fixed_field, named_field, split_mailbox, text_field
from digest.outbox.quoted import quoted_printable


def notice(*, subject: str, text: str, sender: str, to: str, message_id: str, now: datetime) -> bytes:
    """A message of plain text; `sender` is a mailbox, `to` an address.

    Raises:
        AddressError: an address cannot be written in a message.
    """
    header = [
        named_field("From", "digest", split_mailbox(sender)[1]),
        address_field("To", to),
        text_field("Subject", subject),
        fixed_field("Date", format_datetime(now.astimezone(UTC))),
        fixed_field("Message-ID", message_id),
        fixed_field("Auto-Submitted", "auto-generated"),
        fixed_field("MIME-Version", "1.0"),
        fixed_field("Content-Type", "text/plain; charset=utf-8"),
        fixed_field("Content-Transfer-Encoding", "quoted-printable"),
    ]
    return b"".join([*header, b"\r\n", quoted_printable(text), b"\r\n"])
