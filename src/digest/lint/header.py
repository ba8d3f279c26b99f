"""Rules on the header fields, as they go over the wire."""

import re
from collections import Counter
from collections.abc import Iterator
from email.header import decode_header, make_header

from digest.lint.finding import Rule, Severity, Spot
from digest.lint.linking import scheme_of
from digest.lint.mail import Field, Mail, Part, Place

SUBJECT = 70  #: visible characters
LINE = 998  #: octets, without CRLF
ONE_CLICK = "List-Unsubscribe=One-Click"

#: What each copy of an edition has exactly once, and who wants it.
REQUIRED = {
    **dict.fromkeys(("From", "To", "Subject", "Date", "Message-ID", "Reply-To"), "RFC 5322 3.6"),
    "List-ID": "RFC 2919",
    **dict.fromkeys(("List-Unsubscribe", "List-Help", "List-Archive", "List-Post", "List-Owner"), "RFC 2369"),
    "List-Unsubscribe-Post": "RFC 8058",
    "Feedback-ID": "Gmail's feedback loop",
    **dict.fromkeys(("CFBL-Address", "CFBL-Feedback-ID"), "RFC 9477"),
    "Precedence": "RFC 3834 2",
    "Auto-Submitted": "RFC 3834 5",
    "X-Auto-Response-Suppress": "Exchange",
    **dict.fromkeys(("MIME-Version", "Content-Type"), "RFC 2045"),
}
#: What the mail that asks to confirm has of these; it belongs to no list.
LETTER = (
    *("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
)
_PLAIN = re.compile(r"List-.*|Message-ID|Feedback-ID|CFBL-.*", re.IGNORECASE)


def once(mail: Mail) -> Iterator[Spot]:
    counts = Counter(one.name.lower() for one in mail.fields or ())
    wanted = REQUIRED if mail.own.unsubscribe else {name: REQUIRED[name] for name in LETTER}
    for name, source in wanted.items() if mail.fields is not None else ():
        if (count := counts[name.lower()]) != 1:
            place = Place(part=Part.HEADER, name=name)
            yield Spot(place=place, wrong=f"it stands there {count} times" if count else "it is missing", source=source)


def encoded(mail: Mail) -> Iterator[Spot]:
    for one in mail.fields or ():
        # The phrase before the identifier of a List-ID is text for people, and may be encoded.
        value = one.value[one.value.rfind("<") :] if one.name.lower() == "list-id" else one.value
        if _PLAIN.fullmatch(one.name) and "=?" in value:
            yield Spot(place=one.place, wrong="it is encoded (=?…?=)")


def one_click(mail: Mail) -> Iterator[Spot]:
    for one in _of(mail, "List-Unsubscribe"):
        addresses = re.findall(r"<([^<>]*)>", one.value)
        web = [kind for kind in map(scheme_of, addresses) if kind in {"https", "http", "local"}]
        if len(web) != 1:
            yield Spot(place=one.place, wrong=f"it has {len(web)} web addresses, not one")
        if "http" in web:
            yield Spot(place=one.place, wrong="its address is http, not https", severity=Severity.WARNING)
    for one in _of(mail, "List-Unsubscribe-Post"):
        if one.value != ONE_CLICK:
            yield Spot(place=one.place, wrong=f"it says {one.value[:60]!r}, not {ONE_CLICK}")


def subject(mail: Mail) -> Iterator[Spot]:
    for one in _of(mail, "Subject"):
        text = str(make_header(decode_header(one.value)))
        if not text.strip():
            yield Spot(place=one.place, wrong="it is empty", severity=Severity.ERROR)
        elif re.match(r"(re|fwd?|aw|wg)\s*:", text, re.IGNORECASE):
            yield Spot(place=one.place, wrong="it begins like an answer or a forwarded mail", severity=Severity.WARNING)
        elif len(text) > SUBJECT:
            wrong = f"it has {len(text)} characters; {SUBJECT} are shown at most"
            yield Spot(place=one.place, wrong=wrong, severity=Severity.WARNING)


def long_lines(mail: Mail) -> Iterator[Spot]:
    for number, line in enumerate(mail.wire.split(b"\r\n"), 1):
        if len(line) > LINE:
            yield Spot(place=Place(part=Part.MESSAGE, line=number), wrong=f"a line of {len(line):,} characters")


def line_ends(mail: Mail) -> Iterator[Spot]:
    for stray in re.finditer(rb"(?<!\r)\n|\r(?!\n)|\x00", mail.wire):
        number = mail.wire.count(b"\n", 0, stray.start()) + 1
        yield Spot(place=Place(part=Part.MESSAGE, line=number), wrong="a line end that is not CRLF, or a NUL")
        return


def _of(mail: Mail, name: str) -> Iterator[Field]:
    return (one for one in mail.fields or () if one.name.lower() == name.lower())


RULES = (
    Rule(
        name="header-once",
        severity=Severity.ERROR,
        look=once,
        why="a mail without it, or with two, is refused, filed as spam, answered by machines, or cannot be left",
        source="RFC 5322 3.6",
        mend="see to the settings of site and newsletter; a proxy or relay may have added one",
    ),
    Rule(
        name="header-encoded",
        severity=Severity.ERROR,
        look=encoded,
        why="programs look for the address or the identifier itself: no unsubscribe button is shown",
        source="RFC 2047 5; RFC 2369 2",
        mend="use ASCII in addresses and names of newsletters",
    ),
    Rule(
        name="one-click",
        severity=Severity.ERROR,
        look=one_click,
        why="Gmail and Yahoo want a button that unsubscribes at once; without it they file large senders as spam",
        source="RFC 8058 3.1; Gmail and Yahoo sender rules of 2024",
        mend="set site.base_url to an https address",
    ),
    Rule(
        name="subject",
        severity=Severity.ERROR,
        look=subject,
        why="a mailbox shows about 70 characters, a telephone 40; a feigned answer counts as deceit",
        source="RFC 5322 3.6.5; CAN-SPAM 5(a)(2)",
        mend="a shorter headline, or another lead story",
    ),
    Rule(
        name="line-length",
        severity=Severity.ERROR,
        look=long_lines,
        why="mail servers cut it, and with it the signature",
        source="RFC 5322 2.1.1",
        mend="shorten what is in it: an address, most likely",
    ),
    Rule(
        name="line-end",
        severity=Severity.ERROR,
        look=line_ends,
        why="servers differ on where such a message ends, and many refuse it",
        source="RFC 5321 2.3.8, 4.1.1.4",
        mend="report it: digest writes no such line",
    ),
)
