"""An address as somebody wrote it in; the address to keep, the key that makes it unique, and its hash out.  Pure."""

import re
import unicodedata
from functools import lru_cache

import idna

from digest import links

LOCAL_OCTETS = 64  #: RFC 5321 4.5.3.1.1
ADDRESS_OCTETS = 254  #: RFC 5321 4.5.3.1.3, less the angle brackets
DOMAIN_OCTETS = ADDRESS_OCTETS - len("a@")

#: Scripts that one word may mix; all others stand alone in it, or "gmаil" with a Cyrillic "а" passes for another.
_MIXABLE = {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"}

#: A local part as nearly all are (RFC 5321 dot-string): nothing in it has to be looked at any closer.
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9_+'&/=^{}~$#*?`|-]+(?:\.[A-Za-z0-9_+'&/=^{}~$#*?`|-]+)*", re.ASCII)


#: A domain in lower case as nearly all are (RFC 1123 2.1), with a letter at its end: neither Punycode nor what looks
#: like it ("ab--", RFC 5890 2.3.1).
_LABEL = "(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}(?<=[a-z])", re.ASCII)


def check(address: str, *, smtputf8: bool = False) -> str:
    """The address to store: trimmed, its domain in lower-case ASCII.  Asks no DNS.

    `smtputf8` lets a local part in that only RFC 6531 servers can take.

    Raises:
        ValueError: with the reason, which does not repeat the address.
    """
    address = unicodedata.normalize("NFC", address.strip())
    local, _, domain = address.rpartition("@")
    if not _PLAIN_LOCAL.fullmatch(local) or "=?" in local:
        local = _checked_local(address, local, domain, smtputf8=smtputf8)
    kept = f"{local}@{checked_domain(domain)}"
    if len(local.encode()) > LOCAL_OCTETS or len(kept.encode()) > ADDRESS_OCTETS:
        raise ValueError("longer than an address can be")
    return kept


def _checked_local(address: str, local: str, domain: str, *, smtputf8: bool) -> str:
    _check_characters(address)
    local = _valid(f"{local}@{domain}", smtputf8=smtputf8)[0]
    _check_scripts(local)
    return local


@lru_cache(maxsize=20_000)  # a list of a million readers has few domains
def checked_domain(domain: str) -> str:
    """The domain in lower-case ASCII (UTS 46, IDNA 2008).

    Raises:
        ValueError: as `check`.
    """
    plain = _plain_domain(domain)
    return plain if plain and not f".{plain}".endswith(_special_domains()) else _checked_closely(domain)


def _plain_domain(domain: str) -> str:
    """In lower case, where nothing in it has to be looked at any closer; else ""."""
    lower = domain.lower()
    is_plain = domain.isascii() and len(domain) <= DOMAIN_OCTETS and _PLAIN_DOMAIN.fullmatch(lower)
    return lower if is_plain else ""


@lru_cache(maxsize=1)
def _special_domains() -> tuple[str, ...]:
    """How names end that are nobody's (RFC 6761)."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES  # noqa: PLC0415 - as below

    return tuple(f".{one}" for one in SPECIAL_USE_DOMAIN_NAMES)


def _checked_closely(domain: str) -> str:
    _check_characters(f"a@{domain}")
    _, ascii_domain, shown = _valid(f"a@{domain}", smtputf8=False)
    if len(ascii_domain) > DOMAIN_OCTETS:
        raise ValueError("longer than an address can be")
    _check_scripts(*shown.split("."))
    return ascii_domain


def _valid(address: str, *, smtputf8: bool) -> tuple[str, str, str]:
    """The local part, the domain in ASCII and as people read it."""
    # It brings a DNS library along, and most commands check no address.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=smtputf8)
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
    return valid.local_part, valid.ascii_domain, valid.domain


def _check_scripts(*words: str) -> None:
    if any(_mixes_scripts(word) for word in words):
        raise ValueError("mixes letters of several alphabets, so that it can pass for another address")


def normalise(address: str) -> str:
    """The key: two spellings of one mailbox have the same.  Takes anything, as a bounce may name anything.

    Capital letters are the same mailbox: RFC 5321 2.4 lets a server tell them apart, and none that people have mail at
    does, whereas a wish to leave must hold however the address was typed.  Nothing else is folded, as dots and tags
    (`a.b`, `a+b`) or “ß” and “ss” may be two people.
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return unicodedata.normalize("NFC", local.lower()) + at + _ascii_domain(domain)


def hash_of(address: str) -> str:
    return links.address_hash(normalise(address))


def _check_characters(address: str) -> None:
    local, _, domain = address.rpartition("@")
    if any(unicodedata.category(character)[0] in "CZ" for character in address):
        raise ValueError("contains a space or a control character")
    if "=?" in local:
        raise ValueError("contains an encoded word, which some programs read as another address")
    if "%" in local or "!" in local:
        raise ValueError("contains a route to another server")
    if not local or not domain:
        raise ValueError("not an e-mail address")


def _mixes_scripts(word: str) -> bool:
    scripts = {unicodedata.name(letter, "UNKNOWN").split()[0] for letter in word if letter.isalpha()}
    return len(scripts) > 1 and not scripts <= _MIXABLE


@lru_cache(maxsize=10_000)
def _ascii_domain(domain: str) -> str:
    return _plain_domain(domain) or _encoded(domain)


def _encoded(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain.casefold()
