"""An address as somebody wrote it in; the address to keep, the key that makes it unique, and its hash out.  Pure."""

import unicodedata
from functools import lru_cache

import idna

from digest import links

LOCAL_OCTETS = 64  #: RFC 5321 4.5.3.1.1
ADDRESS_OCTETS = 254  #: RFC 5321 4.5.3.1.3, less the angle brackets

#: Scripts that one word may mix; all others stand alone in it, or "gmаil" with a Cyrillic "а" passes for another.
_MIXABLE = {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO"}


def check(address: str, *, smtputf8: bool = False) -> str:
    """The address to store: trimmed, its domain in lower-case ASCII.  Asks no DNS.

    `smtputf8` lets a local part in that only RFC 6531 servers can take.

    Raises:
        ValueError: with the reason, which does not repeat the address.
    """
    # It brings a DNS library along, and most commands check no address.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    address = unicodedata.normalize("NFC", address.strip())
    _check_characters(address)
    try:
        valid = validate_email(address, check_deliverability=False, allow_smtputf8=smtputf8)
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
    kept = valid.ascii_email or f"{valid.local_part}@{valid.ascii_domain}"
    if len(valid.local_part.encode()) > LOCAL_OCTETS or len(kept.encode()) > ADDRESS_OCTETS:
        raise ValueError("longer than an address can be")
    for word in (valid.local_part, *valid.domain.split(".")):
        if _mixes_scripts(word):
            raise ValueError("mixes letters of several alphabets, so that it can pass for another address")
    return kept


def normalise(address: str) -> str:
    """The key: two spellings of one mailbox have the same.  Takes anything, as a bounce may name anything."""
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    return unicodedata.normalize("NFC", local.casefold()) + at + _ascii_domain(domain)


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
    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return domain.casefold()
