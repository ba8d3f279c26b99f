"""Text from outside in, header lines that cannot be anything else out.  Pure.

Python's own mail package is not used to write headers: its policy encodes any long token, so that no program finds the
address in List-Unsubscribe (cpython #85725), and on some versions a feed's title can add a header (CVE-2024-6923,
CVE-2026-1299).  Here a value is first made one line of visible text, and then encoded or folded by a few rules.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator
from email.utils import parseaddr
from functools import lru_cache
from urllib.parse import quote

import idna

VALUE_LIMIT = 300  #: characters of text from outside in one header
WORD_LIMIT = 75  #: of one encoded word (RFC 2047 section 2)
LINE_LIMIT = 998  #: octets, without CRLF (RFC 5322 2.1.1)
FOLD_AT = 76  #: of a line with an encoded word (RFC 2047 section 2); the others follow

_NOT_TEXT = {"Cc", "Cs", "Zl", "Zp"}  # controls, lone surrogates, line and paragraph separators
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_VISIBLE = re.compile(r"[ -~]*")
_Q_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 section 5 (3)


class AddressError(ValueError):
    """An address that cannot be written into a message as it is: a local part beyond ASCII, or not an address.

    The text says what is wrong, and not which address.
    """


def header_safe(text: str) -> str:
    """One line of text: whatever could end a line becomes a space, runs of spaces one, at most `VALUE_LIMIT` long."""
    visible = "".join(" " if unicodedata.category(char) in _NOT_TEXT else char for char in text)
    return " ".join(visible.split())[:VALUE_LIMIT].rstrip()


def wire_address(address: str) -> str:
    """The address as it goes over the wire: ASCII, its domain in A-labels (RFC 5890).

    Raises:
        AddressError: SMTPUTF8 (RFC 6531) would be needed, or this is no plain local@domain.
    """
    local, _, domain = address.rpartition("@")
    if not address.isascii():
        if not local.isascii():
            raise AddressError("the local part is not ASCII, which needs SMTPUTF8")
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise AddressError("the domain is not a valid internationalised name") from None
    if not _LOCAL.fullmatch(local) or len(local) > 64 or not _DOMAIN.fullmatch(domain) or len(domain) > 253:
        raise AddressError("not a plain local@domain address")
    return f"{local}@{domain}"


@lru_cache(maxsize=64)  # each copy has it twice: in its envelope and in its header
def recipient_address(address: str) -> str:
    """As `wire_address`, but the local part may be beyond ASCII: then the mail server has to offer SMTPUTF8 (RFC 6531).

    Raises:
        AddressError: this is no plain local@domain.
    """
    local, _, domain = address.rpartition("@")
    if local.isascii():
        return wire_address(address)
    plain = "".join("x" if _is_written(char) else char for char in local)
    if not _LOCAL.fullmatch(plain) or len(local.encode("utf-8", "replace")) > 64:
        raise AddressError("not a plain local@domain address")
    return f"{local}@{wire_address(f'x@{domain}')[2:]}"


def address_field(name: str, address: str) -> bytes:
    """A header with one recipient; in UTF-8 where the address is (RFC 6532)."""
    return f"{name}: {recipient_address(address)}\r\n".encode()


def _is_written(char: str) -> bool:
    """A letter, mark or digit beyond ASCII."""
    return not char.isascii() and unicodedata.category(char)[0] in "LMN"


def split_mailbox(mailbox: str) -> tuple[str, str]:
    """(display name, wire address) of a configured mailbox such as ``The Times <news@example.org>``."""
    name, address = parseaddr(mailbox)
    return header_safe(name), wire_address(address)


def text_field(name: str, text: str) -> bytes:
    """A header of free text: encoded (RFC 2047) where it has to be, folded at spaces."""
    text = header_safe(text)
    if _plain(text):
        return _line(name, _fold(text.split(" "), first=len(name) + 2))
    return _line(name, "\r\n ".join(_encoded(text, first=len(name) + 2)))


def mailbox_field(name: str, mailbox: str) -> bytes:
    """A header with one mailbox, its display name quoted or encoded."""
    display, address = split_mailbox(mailbox)
    return named_field(name, display, address)


def named_field(name: str, display: str, address: str) -> bytes:
    """``Name: "display" <address>``; the address, or identifier, stands on one line with its brackets."""
    display = header_safe(display)
    if not display:
        return _line(name, f"<{address}>")
    if _plain(display):
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        words = [f'"{escaped}"']
    else:
        words = list(_encoded(display, first=len(name) + 2))
    folded = "\r\n ".join(words)
    last = folded.rpartition("\r\n")[2] if len(words) > 1 else f"{name}: {folded}"
    gap = " " if len(last) + len(address) + 3 <= FOLD_AT else "\r\n "
    return _line(name, f"{folded}{gap}<{address}>")


def list_id_field(title: str, identifier: str) -> bytes:
    """List-ID (RFC 2919).  An ASCII title is written plainly: programs look for the first `<`, and decode nothing."""
    title = header_safe(title)
    if title.isascii():
        title = re.sub(r'[<>"\\()]|=\?', " ", title)
    return named_field("List-ID", " ".join(title.split()), identifier)


def uri_field(name: str, uris: Iterable[str]) -> bytes:
    """A List-* header of addresses (RFC 2369): never encoded, broken only after ", "."""
    return fixed_field(name, ",\r\n ".join(f"<{_uri(uri)}>" for uri in uris))


def fixed_field(name: str, value: str) -> bytes:
    """A header whose value is ours, as it stands.  Refuses what could not stand in one."""
    if not _VISIBLE.fullmatch(value.replace("\r\n ", " ")):
        raise ValueError(f"{name}: not visible ASCII")
    return _line(name, value)


def mailto(address: str, subject: str = "") -> str:
    """A mailto address (RFC 6068)."""
    query = f"?subject={quote(subject, safe='')}" if subject else ""
    return f"mailto:{quote(address, safe='@!$*+')}{query}"


def _uri(uri: str) -> str:
    if not re.fullmatch(r"[!-;=?-~]+", uri):
        raise ValueError("an address in a List-* header must be visible ASCII without spaces or angle brackets")
    return uri


def _line(name: str, value: str) -> bytes:
    lines = f"{name}: {value}".split("\r\n")
    if max(map(len, lines)) > LINE_LIMIT:
        raise ValueError(f"{name}: a line of more than {LINE_LIMIT} characters")
    return "\r\n".join([*lines, ""]).encode("ascii")


def _plain(text: str) -> bool:
    """True when nothing has to be encoded, and nothing would be taken for encoded."""
    return _VISIBLE.fullmatch(text) is not None and "=?" not in text


def _fold(words: Iterable[str], *, first: int) -> str:
    """Words joined by spaces, a line break before one that would reach too far."""
    lines, room = [""], FOLD_AT - first
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
            room = FOLD_AT - 1
        else:
            lines[-1] = f"{lines[-1]} {word}" if lines[-1] else word
    return "\r\n ".join(lines)


def _encoded(text: str, *, first: int) -> Iterator[str]:
    """`text` as encoded words; the first leaves room for what stands before it.  Characters are not split."""
    kind = min("qb", key=lambda one: len(_word(text, one)))
    chunk, room = "", FOLD_AT - first
    for char in text:
        if chunk and len(_word(chunk + char, kind)) > room:
            yield _word(chunk, kind)
            chunk, room = "", WORD_LIMIT
        chunk += char
    yield _word(chunk, kind)


def _word(text: str, kind: str) -> str:
    raw = text.encode()
    if kind == "b":
        return f"=?utf-8?b?{b64encode(raw).decode()}?="
    body = "".join("_" if byte == 0x20 else chr(byte) if byte in _Q_SAFE else f"={byte:02X}" for byte in raw)
    return f"=?utf-8?q?{body}?="
