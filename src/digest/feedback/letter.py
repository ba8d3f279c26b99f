"""Bytes in, the parts of a message that feedback is read from out: any bytes, in time proportional to their number.

What comes back is written by thousands of programs, cut off, re-encoded and wrapped by others.  So parts are told by
what they look like where their type does not say it, and nothing here raises for what a message says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from html import unescape

from digest.feedback.notified import Fields, complaint_of, groups_of, header_of

MOST = 200_000  #: bytes that are looked at: what counts comes before the returned message
PROSE = 20_000  #: characters of what a person would read
LONGEST = 400  #: parts of a message that are looked at

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:[ \t]*(.*)")
_GROUPS = re.compile(r"\n[ \t]*\n")
_RECIPIENT = re.compile(r"(?i)(?:final|original)-recipient[ \t]*:")
_ORIGINAL = re.compile(
    r"(?im)^(?:>\s?)?(?:return-path|received|message-id|from|to|subject|date|mime-version|x-[a-z-]+|dkim-signature"
    r"|content-type|list-[a-z-]+|reply-to)[ \t]*:[ \t]?\S.*$"
)
_QUOTING = re.compile(
    r"(?im)^[\s>*=_-]*(?:original message|(?:below|this|following|here|-+)[^\n]{0,40} (?:is a |a )?(?:copy|header)s?"
    r"|message (?:header|text|content)s?|(?:the )?(?:first \d+ (?:lines|bytes) of the )?(?:original|returned|unsent)"
    r" (?:message|mail)[^\n]{0,40}|ursprüngliche nachricht|message d'origine|mensaje original)[^\n]{0,60}$"
)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_UNSEEN = (("<style", "</style>"), ("<script", "</script>"), ("<!--", "-->"))
_STRUCTURED = re.compile(r"(?im)^[> \t]{0,4}(?:final-recipient|original-recipient|x-actual-recipient)[ \t]*:")
_RETURNED = {"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"}
_REPORTS = {"message/delivery-status", "message/global-delivery-status"}
_COMPLAINING = re.compile(r"(?im)^feedback-type[ \t]*:")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message, taken apart."""

    header: Fields
    prose: str  #: the text that a person would read, without the returned message
    groups: Sequence[Fields]  #: of a delivery report (RFC 3464): for the message, and for each recipient
    complaint: Fields  #: of a feedback report (RFC 5965)
    original: Fields  #: the header of the message that it is about
    quoted: str  #: the returned message as text, with its header
    types: frozenset[str]  #: of all parts
    wrapped: "Letter | None" = None  #: a report that came back within this one

    def field(self, name: str) -> str:
        """A field of the header as one line of text; "" where it is missing."""
        return decoded(self.header.get(name.lower(), ""))

    @property
    def sender(self) -> str:
        return address_in(self.field("From"))

    @property
    def subject(self) -> str:
        return self.field("Subject")


@dataclass(kw_only=True)
class _Pile:
    """The texts of the parts of a message, by what they are."""

    texts: list[str] = field(default_factory=list)
    markup: list[Message] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)

    def put(self, part: Message) -> None:
        kind = part.get_content_type()
        self.types.add(kind)
        if kind == "text/html":
            self.markup.append(part)
        elif kind in _RETURNED:
            self.returned.append(_whole(part))
        elif kind.startswith(("text/", "message/", "multipart/")):  # multipart: its parts were not found
            self._put_text(kind, _whole(part))

    def _put_text(self, kind: str, text: str) -> None:
        if kind == "message/feedback-report" or (_COMPLAINING.search(text) and len(text) < 5000):
            self.complaints.append(text)
        elif kind in _REPORTS:
            self.reports.append(text)
        else:
            self.texts.append(text)

    def body(self) -> str:
        """What a person would read.  Markup takes long, and says the same: only where there is nothing else."""
        body = "\n\n".join(self.texts)
        return body if body.strip() or self.reports else _without_tags("\n\n".join(map(_text, self.markup)))


def take_apart(raw: bytes) -> Letter:
    """Read a message; what cannot be read is taken for text."""
    message = _parsed(raw[:MOST])
    return _letter(message, wrapped=_wrapped(message))


def _letter(message: Message, *, wrapped: Letter | None = None) -> Letter:
    pile = _Pile()
    for part in _parts(message):
        pile.put(part)
    body = pile.body()
    prose, quoted = split_original(body)
    quoted = "\n\n".join(pile.returned) or quoted
    if not pile.reports and _STRUCTURED.search(body):
        pile.reports.append(re.sub(r"(?m)^>+ ?", "", body))
    return Letter(
        header=_header(message),
        prose=prose[:PROSE],
        groups=[group for text in pile.reports for group in _grouped(text)] or groups_of(body),
        complaint=fields_of("\n".join(pile.complaints)) or complaint_of(body),
        original=fields_of(_head(quoted)) or header_of(body),
        quoted=quoted,
        types=frozenset(pile.types),
        wrapped=wrapped,
    )


def _wrapped(message: Message) -> Letter | None:
    """The first returned message that is a report itself; not what that returns in turn."""
    for part in _parts(message):
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if isinstance(inner, Message) and inner.get_content_type() == "multipart/report":
            return _letter(inner)
    return None


def split_original(text: str) -> tuple[str, str]:
    """What a program said, and what it returned: from the first block of header fields, or a line before one."""
    ends = [(found.start(), found.end()) for found in [_QUOTING.search(text, min(len(text), 40))] if found]
    starts = [found.start() for found in _ORIGINAL.finditer(text)]
    for place, start in enumerate(starts):
        following = starts[place : place + 3]
        if len(following) == 3 and text.count("\n", start, following[-1]) <= 8:
            ends.append((start, start))
            break
    end, begin = min(ends, default=(len(text), len(text)))
    return text[:end], text[begin:].lstrip()


def fields_of(text: str) -> Fields:
    """Header-like lines by name in lower case; the first of each, lines that go on joined."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line[:1] in " \t" and name:
            found[name] = f"{found[name]} {line.strip()}"[:2000]
        elif match := _FIELD.match(line.lstrip("> ")):
            name = match[1].lower()
            if name in found:
                name = ""
            else:
                found[name] = match[2].strip()[:2000]
        else:
            name = ""
    return found


def decoded(value: str) -> str:
    """A header's value as one line of text."""
    text = " ".join(value[:4000].split())
    if "=?" not in text:
        return text
    try:
        return " ".join(str(make_header(decode_header(text))).split())
    except Exception:  # noqa: BLE001 - charsets that nobody knows, base64 that is none: whatever was written
        return text


def address_in(text: str) -> str:
    """The address in a field, in lower case; "" where there is none."""
    for _, address in getaddresses([text]):
        if "@" in address:
            return address.strip().lower()
    found = re.search(r"[\w.+=!#$%&'*/?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+", text)
    return found[0].lower() if found else ""


def _parsed(raw: bytes) -> Message:
    try:
        return message_from_bytes(raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    except Exception:  # noqa: BLE001 - nesting without end, and what else the parser does not foresee
        empty = Message()
        empty.set_payload(raw.decode("utf-8", "replace"))
        return empty


def _header(message: Message) -> Fields:
    """The first of each field; bytes beyond ASCII are UTF-8, as nearly always when they are there at all."""
    found: dict[str, str] = {}
    for name, value in message.raw_items():
        found.setdefault(name.lower(), _readable(str(value)))
    return found


def _readable(value: str) -> str:
    """Bytes of a header that stand there unencoded, as text."""
    raw = value.encode("utf-8", "surrogateescape")
    return raw.decode("iso-2022-jp" if b"\x1b$" in raw else "utf-8", "replace")


def _parts(message: Message) -> Iterator[Message]:
    """The parts that are not containers, in order; a returned message counts as one."""
    pending, seen = [message], 0
    while pending and seen < LONGEST:
        part = pending.pop(0)
        seen += 1
        payload = part.get_payload()
        if isinstance(payload, list) and not part.get_content_type().startswith("message/"):
            pending[:0] = [one for one in payload if isinstance(one, Message)]
        else:
            yield part


def _whole(part: Message) -> str:
    """The text of a part, and of what is parsed within it."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _text(part)
    texts = []
    for one in payload[:50]:
        if isinstance(one, Message):
            head = "\n".join(f"{name}: {_readable(str(value))}" for name, value in one.raw_items())
            texts.append(f"{head}\n\n{_first_text(one)}")
    return "\n\n".join(texts)


def _first_text(message: Message) -> str:
    return next((_text(part) for part in _parts(message) if part.get_content_maintype() == "text"), "")


def _text(part: Message) -> str:
    try:
        raw = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001 - an encoding that does not hold what it says
        raw = None
    if not isinstance(raw, bytes):
        return str(part.get_payload()) if isinstance(part.get_payload(), str) else ""
    return _characters(raw, part)


def _characters(raw: bytes, part: Message) -> str:
    try:
        charset = str(part.get_content_charset() or "utf-8")
        if b"\x1b$" in raw[:5000]:  # as Japanese programs wrote it, whatever they call it
            charset = "iso-2022-jp"
        return raw.decode(charset if charset != "us-ascii" else "utf-8", "replace").replace("\x00", "")
    except (LookupError, UnicodeError, ValueError):
        return raw.decode("utf-8", "replace").replace("\x00", "")


def _without_tags(markup: str) -> str:
    for begin, end in _UNSEEN:
        markup = _without_blocks(markup, begin, end)
    lines = re.sub(r"(?i)<(?:br|/p|/tr|/div|/h\d|/li)\b[^<>]{0,200}>", "\n", markup)
    return unescape(_TAG.sub(" ", lines))


def _without_blocks(markup: str, begin: str, end: str) -> str:
    """Found by two searches that only go on, as a pattern would begin anew at each `begin` that has no end."""
    kept, place, lower = [], 0, markup.lower()
    while (start := lower.find(begin, place)) >= 0:
        kept.append(markup[place:start])
        stop = lower.find(end, start)
        place = stop + len(end) if stop >= 0 else len(markup)
    return " ".join([*kept, markup[place:]])


def _head(text: str) -> str:
    """The first header in a text: up to the first empty line behind it."""
    return text.lstrip().partition("\n\n")[0]


def _grouped(text: str) -> list[Fields]:
    """By empty lines, and where these were lost, by the field that each group has once."""
    return [found for block in _GROUPS.split(text) for part in _divided(block) if (found := fields_of(part))]


def _divided(block: str) -> Iterator[str]:
    lines: list[str] = []
    seen: set[str] = set()
    for line in block.splitlines():
        if match := _RECIPIENT.match(line):
            if match[0].lower() in seen:
                yield "\n".join(lines)
                lines, seen = [], set()
            seen.add(match[0].lower())
        lines.append(line)
    yield "\n".join(lines)
