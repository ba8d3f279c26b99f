"""A rendered edition in, the message of each reader out.  Pure.

The message is written once, with markers where a copy is personal; a copy is the same segments with the reader's values
between them.  So it costs microseconds, and is the same bytes whenever it is made.
"""

import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from functools import lru_cache

from digest import links
from digest.links import Purpose, Token
from digest.model import EDITION_KEY, Delivery, Rendered
from digest.outbox.cut import Cut
from digest.outbox.dkim import Seal, Signer, Unsigned
from digest.outbox.headers import (
    LINE_LIMIT,
    AddressError,
    address_field,
    fixed_field,
    list_id_field,
    mailbox_field,
    mailto,
    recipient_address,
    split_mailbox,
    text_field,
    uri_field,
    wire_address,
)
from digest.outbox.quoted import quoted_printable

__all__ = ["AddressError", "Draft", "Head", "Skeleton", "build", "check", "confirmation", "message_domain"]

_STRAY = "DIGESTx"  #: how each marker begins
_TO, _UID, _COMPLAINT, _DATE = b"DIGESTxADDRESSx", b"DIGESTxUIDx", b"DIGESTxCOMPLAINTx", b"DIGESTxDATEx"
_UNSUBSCRIBE, _PREFERENCES = Token.UNSUBSCRIBE.encode(), Token.PREFERENCES.encode()
_MARKER = re.compile(b"|".join([_UNSUBSCRIBE, _PREFERENCES, _TO, _UID, _COMPLAINT, _DATE]))

SAMPLE_ADDRESS = "reader@example.org"
SAMPLE_UID = "0" * 16
SAMPLE_DATE = datetime(2026, 1, 1, tzinfo=UTC)  #: of a copy that nobody gets, where each has its own

#: The header of a copy, in order, each once (RFC 5322, 2369, 2919, 3834, 8058, 9477).
LIST_FIELDS = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "List-ID", "List-Unsubscribe"),
    *("List-Unsubscribe-Post", "List-Help", "List-Archive", "List-Post", "List-Owner", "Feedback-ID"),
    *("CFBL-Address", "CFBL-Feedback-ID", "Precedence", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
)
#: The header of a confirmation mail: it goes to one person who asked, and belongs to no list yet.
CONFIRMATION_FIELDS = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
)


@dataclass(frozen=True, kw_only=True)
class Head:
    """What the headers say beside the subject; the same for every reader of an edition."""

    edition: str = ""  #: Edition.key; "" for a confirmation mail
    edition_id: int = 0
    newsletter: str  #: its name, as in links
    title: str  #: its name, for people
    sender: str  #: a mailbox, as in ``The Times <daily@example.org>``
    reply_to: str = ""  #: a mailbox; "": the contact
    contact: str  #: the operator's mailbox
    base_url: str
    domain: str  #: the sender's
    date: datetime | None  #: frozen with the edition; None: each copy's own, as readers get it at their own hour


# --- writing ---------------------------------------------------------------------------------------------------------


def build(rendered: Rendered, head: Head) -> bytes:
    """The message of an edition, with markers where a copy is personal.

    Raises:
        ValueError: the result would not be a safe message, or a body has no way to unsubscribe.
    """
    boundary = _boundary(head.edition, rendered.variant)
    text, markup = _own_links_only(rendered.text, head), _own_links_only(rendered.html, head)
    for kind, body in (("text", text), ("HTML", markup)):
        if Token.UNSUBSCRIBE not in body:
            raise ValueError(f"the {kind} has no unsubscribe link: is it in the template?")
    raw = b"".join([*_list_header(rendered.subject, head, boundary), b"\r\n", *_parts(text, markup, boundary)])
    check(Skeleton(raw).sample(newsletter=head.newsletter, keys=("k" * 32,)))
    return raw


def confirmation(*, subject: str, text: str, html: str, head: Head, address: str, message_id: str) -> bytes:
    """The mail that asks whether somebody really wants the newsletter.

    Raises:
        AddressError: the address cannot be written in a message.
        ValueError: the result would not be a safe message.
    """
    boundary = _boundary(message_id)
    header = [
        mailbox_field("From", head.sender),
        address_field("To", address),
        text_field("Subject", subject),
        fixed_field("Date", _date(head.date)),
        fixed_field("Message-ID", message_id),
        mailbox_field("Reply-To", head.reply_to or head.contact),
        *_closing(boundary),
    ]
    message = b"".join([*header, b"\r\n", *_parts(text, html, boundary)])
    check(message, CONFIRMATION_FIELDS)
    return message


def _list_header(subject: str, head: Head, boundary: str) -> list[bytes]:
    base, name, domain = head.base_url, head.newsletter, wire_address(f"x@{head.domain}")[2:]
    leave = mailto(f"unsubscribe@{domain}", f"unsubscribe {name} {Token.UNSUBSCRIBE}")
    _, contact = split_mailbox(head.contact)
    return [
        mailbox_field("From", head.sender),
        fixed_field("To", _TO.decode()),
        text_field("Subject", _without_markers(subject)),
        fixed_field("Date", _date(head.date)),
        fixed_field("Message-ID", links.message_id(head.edition, _UID.decode(), domain)),
        mailbox_field("Reply-To", head.reply_to or head.contact),
        list_id_field(_without_markers(head.title), f"{name}.{domain}"),
        uri_field("List-Unsubscribe", [links.unsubscribe_url(base, name, Token.UNSUBSCRIBE), leave]),
        fixed_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        uri_field("List-Help", [f"{base}/help"]),
        uri_field("List-Archive", [links.archive_url(base, name)]),
        fixed_field("List-Post", "NO"),
        uri_field("List-Owner", [mailto(contact)]),
        fixed_field("Feedback-ID", _feedback_id(head, domain)),
        fixed_field("CFBL-Address", f"fbl@{domain}; report=arf"),
        fixed_field("CFBL-Feedback-ID", f"{head.edition_id}:{_COMPLAINT.decode()}"),
        fixed_field("Precedence", "bulk"),
        *_closing(boundary),
    ]


def _date(moment: datetime | None) -> str:
    return _written(moment) if moment else _DATE.decode()


def _date_of(delivery: Delivery) -> str:
    return _written(delivery.dated_at or SAMPLE_DATE)


@lru_cache(maxsize=64)  # a wave of readers has one
def _written(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC))


def _closing(boundary: str) -> list[bytes]:
    return [
        fixed_field("Auto-Submitted", "auto-generated"),
        fixed_field("X-Auto-Response-Suppress", "OOF, AutoReply"),
        fixed_field("MIME-Version", "1.0"),
        fixed_field("Content-Type", f'multipart/alternative;\r\n boundary="{boundary}"'),
    ]


def _parts(text: str, markup: str, boundary: str) -> list[bytes]:
    """Plain text first: the last part is the one a reader's program prefers (RFC 2046 5.1.4)."""
    parts = []
    for kind, body in (("plain", text), ("html", markup)):
        parts += [
            f"--{boundary}\r\n".encode(),
            fixed_field("Content-Type", f"text/{kind}; charset=utf-8"),
            fixed_field("Content-Transfer-Encoding", "quoted-printable"),
            b"\r\n",
            quoted_printable(body, atoms=tuple(Token)),
            b"\r\n",
        ]
    return [*parts, f"--{boundary}--\r\n".encode()]


def _boundary(*names: str) -> str:
    """The same for every copy; "=_" cannot occur in quoted-printable text (RFC 2045 6.7)."""
    return f"=_{hashlib.sha256('/'.join(names).encode()).hexdigest()[:24]}"


def _feedback_id(head: Head, domain: str) -> str:
    """Gmail's ``a:b:c:SenderId``: four different identifiers, none of them a person's, the last 5 to 15 long."""
    match = EDITION_KEY.fullmatch(head.edition)
    day = match["day"].replace("-", "") + (match["cadence"] or "") + (match["wave"] or "") if match else ""
    sender = re.sub(r"[^a-z0-9]", "", domain.lower())
    if not 5 <= len(sender) <= 15 or sender == head.newsletter:
        sender = f"{sender[:8]}-{hashlib.sha256(domain.lower().encode()).hexdigest()[:6]}"
    kind = "edition" if head.newsletter == "digest" else "digest"
    return f"{head.newsletter}{day}:{head.newsletter}:{kind}:{sender}"


def _own_links_only(body: str, head: Head) -> str:
    """`body` with its markers only where they are a link of ours.

    A marker in the text of an article would show, or in the address of one even send, a reader's token to a stranger.
    """
    ours = [
        page(base, head.newsletter, token)
        for base in {head.base_url, html.escape(head.base_url)}
        for page, token in ((links.unsubscribe_url, Token.UNSUBSCRIBE), (links.preferences_url, Token.PREFERENCES))
    ]
    pattern = re.compile(rf"((?:(?<=[\"\s<>])|\A)(?:{'|'.join(map(re.escape, ours))}))|{_STRAY}")
    return pattern.sub(lambda found: found[1] or _without_markers(found[0]), body)


def _without_markers(text: str) -> str:
    return text.replace(_STRAY, "DIGEST-")


# --- stamping --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A copy that is written; signing it may take longer than writing it did."""

    pieces: list[bytes]  #: not joined: of hundreds of copies that wait, only what differs takes memory
    unsigned: Unsigned | None  #: None: it is not signed

    def signed(self) -> list[bytes]:
        return [self.unsigned.fields(), *self.pieces] if self.unsigned else self.pieces


class Skeleton:
    """The message of an edition, cut at its markers once; a copy is these pieces, and its signature if it is signed."""

    def __init__(self, raw: bytes, *, signer: Signer | None = None) -> None:
        self._cut = Cut(raw, _MARKER)
        self._seal = Seal(signer, raw, _MARKER) if signer else None

    def stamp(self, delivery: Delivery, *, newsletter: str, keys: Sequence[str]) -> bytes:
        """The copy of one delivery: the same bytes each time.  `keys[0]` signs its links.

        Raises:
            AddressError: the address cannot be written in a message.
        """
        return b"".join(self.draft(delivery, newsletter=newsletter, keys=keys).signed())

    def draft(self, delivery: Delivery, *, newsletter: str, keys: Sequence[str]) -> Draft:
        """The same, not signed and not joined yet.  Raises what `stamp` does."""
        values = {
            _TO: recipient_address(delivery.address).encode(),
            _UID: delivery.uid.encode(),
            _COMPLAINT: links.delivery_token(keys[0], delivery.edition_id, delivery.uid).encode(),
            _UNSUBSCRIBE: links.sign(keys, Purpose.UNSUBSCRIBE, newsletter, delivery.uid).encode(),
            _PREFERENCES: links.sign(keys, Purpose.PREFERENCES, newsletter, delivery.uid).encode(),
            _DATE: _date_of(delivery).encode(),
        }
        return Draft(
            pieces=self._cut.pieces(values),
            unsigned=self._seal.unsigned(values) if self._seal else None,
        )

    def is_copy(self, message: bytes, delivery: Delivery, *, newsletter: str, keys: Sequence[str]) -> bool:
        """Whether an unsigned message is this one with what is the reader's in its gaps, and nothing else.

        Each token is read as a click or a bounce would be, by any of `keys`.
        """
        found = self._cut.gaps(message)
        return found is not None and all(_is_theirs(slot, value, delivery, newsletter, keys) for slot, value in found)

    def sample(
        self, *, newsletter: str, keys: Sequence[str], address: str = SAMPLE_ADDRESS, date: datetime = SAMPLE_DATE
    ) -> bytes:
        """A copy for a reader who does not exist, for a preview or a test.  Works without keys."""
        nobody = Delivery(
            edition_id=0,
            subscriber_id=0,
            edition="",
            uid=SAMPLE_UID,
            address=address,
            variant="",
            dated_at=date,
            attempts=0,
            in_doubt=0,
            fence=0,
        )
        return self.stamp(nobody, newsletter=newsletter, keys=keys or ("",))


def _is_theirs(slot: bytes, value: bytes, delivery: Delivery, newsletter: str, keys: Sequence[str]) -> bool:
    said = value.decode("utf-8", "replace")
    if slot == _TO:
        return said == recipient_address(delivery.address)
    if slot == _UID:
        return said == delivery.uid
    if slot == _DATE:
        return said == _date_of(delivery)
    if slot == _COMPLAINT:
        return links.read_delivery_token(keys, said) == (delivery.edition_id, delivery.uid)
    purpose = Purpose.UNSUBSCRIBE if slot == _UNSUBSCRIBE else Purpose.PREFERENCES
    return links.verify(keys, purpose, newsletter, said) == delivery.uid


def message_domain(skeleton: bytes) -> str:
    """What stands right of the @ in the Message-ID of every copy.

    Raises:
        ValueError: this is no skeleton.
    """
    found = re.search(rb"(?mi)^Message-ID: <[^@>\r\n]+@([^>\r\n]+)>\r$", skeleton)
    if found is None:
        raise ValueError("no Message-ID: this is not a skeleton")
    return found[1].decode("ascii")


# --- the last look ---------------------------------------------------------------------------------------------------


def check(message: bytes, fields: Iterable[str] = LIST_FIELDS) -> None:
    """Read a finished message again, as others will.

    Raises:
        ValueError: its header is not exactly `fields`, or it is not a message that passes unchanged everywhere.
    """
    wanted = list(fields)
    head, _, body = message.partition(b"\r\n\r\n")
    names = re.findall(rb"(?m)^([!-9;-~]+):", head)
    parsed: Message = BytesHeaderParser().parsebytes(message)
    if [name.decode() for name in names] != wanted or parsed.keys() != wanted:
        raise ValueError(f"the header came out as {parsed.keys()}")
    if parsed.defects:
        raise ValueError(f"the header has defects: {parsed.defects}")
    # One recipient's address may be beyond ASCII, and nothing else (RFC 6532).
    if re.search(rb"(?<!\r)\n|\r(?!\n)|[^\t\r\n -~]", re.sub(rb"(?m)^To: .*\r$", b"\r", message, count=1)):
        raise ValueError("a bare CR or LF, or a byte that is not visible ASCII")
    if message.startswith(b".") or b"\n." in message:
        raise ValueError("a line begins with a dot")
    if _STRAY.encode() in head or _MARKER.search(body):
        raise ValueError("a marker was left in")
    if max(map(len, message.split(b"\r\n"))) > LINE_LIMIT:
        raise ValueError(f"a line of more than {LINE_LIMIT} characters")
