"""Links that carry a capability, and the identifiers made of them.  Pure.

A token is 24 bytes: the subscriber's random `uid` (8) and a truncated HMAC-SHA256 (16, RFC 2104 section 5) over
purpose, newsletter, uid and generation.  32 URL characters, no address, no expiry of its own.  Signed with the first
key, verified with all: a rotated key still unsubscribes.
"""

import hashlib
import hmac
import re
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

MAC_BYTES = 16
BLOCK = 64  #: bytes that SHA-256 takes at a time
_MESSAGE_ID = re.compile(r"<([a-z0-9][a-z0-9-]*)\.([0-9a-z-]+)\.([0-9a-f]{16})@[^<>@\s]+>")
VERP_MAC_BYTES = 10  #: a local part has 64 octets (RFC 5321 4.5.3.1.1)


class Purpose(StrEnum):
    """What a token is good for: one made for one purpose opens nothing else."""

    UNSUBSCRIBE = "unsubscribe"  #: Never expires.
    CONFIRM = "confirm"  #: Good while the subscription's generation stays.
    PREFERENCES = "preferences"
    ADDRESS = "address"  #: To move there; good while the move's nonce stays.
    BOUNCE = "bounce"  #: The return path of one delivery.
    CLICK = "click"  #: A story of an edition; of no reader.


class Token(StrEnum):
    """Markers in a rendered edition that are replaced for each reader.

    Letters only, so that they pass through HTML escaping, CSS inlining and quoted-printable unchanged, and as long as
    the token that takes their place, so that every copy has the same lines.
    """

    UNSUBSCRIBE = "DIGESTxTOKENxUNSUBSCRIBExxxxxxxx"
    PREFERENCES = "DIGESTxTOKENxPREFERENCESxxxxxxxx"


def sign(keys: Sequence[str], purpose: Purpose, newsletter: str, uid: str, *, generation: int = 0) -> str:
    """The token: 32 URL characters.  `keys[0]` signs."""
    raw = bytes.fromhex(uid)
    return urlsafe_b64encode(raw + _mac(keys[0], purpose, newsletter, uid, generation)).decode()


def uid_of(token: str) -> str | None:
    """The uid that a token claims, or None when it has not the form of one.  Proves nothing: `verify` does."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii"))
    except (Base64Error, ValueError):
        return None
    return raw[:8].hex() if len(raw) == 8 + MAC_BYTES and len(token) == 32 else None


def verify(keys: Sequence[str], purpose: Purpose, newsletter: str, token: str, *, generation: int = 0) -> str | None:
    """The uid of a token that one of `keys` signed for this purpose and newsletter, else None."""
    uid = uid_of(token)
    if uid is None:
        return None
    mac = urlsafe_b64decode(token)[8:]
    wanted = [_mac(key, purpose, newsletter, uid, generation) for key in keys]
    return uid if any(hmac.compare_digest(mac, one) for one in wanted) else None


def unsubscribe_url(base_url: str, newsletter: str, token: str) -> str:
    return f"{base_url}/unsubscribe/{newsletter}/{token}"


def preferences_url(base_url: str, newsletter: str, token: str) -> str:
    return f"{base_url}/preferences/{newsletter}/{token}"


def confirm_url(base_url: str, newsletter: str, token: str) -> str:
    return f"{base_url}/confirm/{newsletter}/{token}"


def address_url(base_url: str, newsletter: str, token: str) -> str:
    return f"{base_url}/address/{newsletter}/{token}"


def edition_url(base_url: str, key: str) -> str:
    """The public page of an edition: the same for everyone, so it needs no token."""
    return f"{base_url}/editions/{key}"


def archive_url(base_url: str, newsletter: str) -> str:
    return f"{base_url}/editions/{newsletter}"


def click_url(keys: Sequence[str], base_url: str, edition: str, story: str, target: str) -> str:
    """Leads to `target` over our own pages, where it is counted.  The same for all readers."""
    token = click_token(keys[0], edition, story, target)
    return f"{base_url}/r/{edition}/{quote(story, safe='')}/{token}?to={quote(target, safe='')}"


def click_token(key: str, edition: str, story: str, target: str) -> str:
    """22 URL characters that say that we put this address into this edition."""
    return urlsafe_b64encode(_mac(key, Purpose.CLICK, edition, f"{story}\0{target}", 0)).decode().rstrip("=")


def is_click(keys: Sequence[str], edition: str, story: str, target: str, token: str) -> bool:
    """Whether one of `keys` signed this very address for a story of this edition."""
    wanted = [click_token(key, edition, story, target) for key in keys]
    return any(hmac.compare_digest(one.encode(), token.encode()) for one in wanted)


def image_url(base_url: str, name: str) -> str:
    """A picture that `digest serve` shows: the same for everyone."""
    return f"{base_url}/images/{name}"


def message_id(edition: str, uid: str, domain: str) -> str:
    """A function of edition and subscriber: every copy of a delivery carries the same one (RFC 5322 3.6.4)."""
    return f"<{edition.replace('/', '.')}.{uid}@{domain}>"


def read_message_id(text: str) -> tuple[str, str] | None:
    """(edition's key, uid) of a `message_id`, else None.  Nothing signs it: the uid is only hard to guess."""
    match = _MESSAGE_ID.fullmatch(text)
    return (f"{match[1]}/{match[2]}", match[3]) if match else None


def return_path(keys: Sequence[str], mailbox: str, edition_id: int, uid: str) -> str:
    """`mailbox` with a signed extension naming the delivery (VERP): ``bounces+TOKEN@example.org``."""
    local, _, domain = mailbox.rpartition("@")
    return f"{local}+{delivery_token(keys[0], edition_id, uid)}@{domain}"


@lru_cache(maxsize=64)  # each copy has it twice: in its return path, and where it says what a complaint is about
def delivery_token(key: str, edition_id: int, uid: str) -> str:
    """Names a delivery, signed.  Base32 in lower case, as mail systems may fold the case of a local part."""
    mac = _mac(key, Purpose.BOUNCE, str(edition_id), uid, 0)[:VERP_MAC_BYTES]
    return b32encode(bytes.fromhex(uid) + edition_id.to_bytes(4, "big") + mac).decode().rstrip("=").lower()


def read_delivery_token(keys: Sequence[str], token: str) -> tuple[int, str] | None:
    """(edition id, uid) of a `delivery_token` that one of `keys` signed, else None."""
    try:
        raw = b32decode(token.upper() + "=" * (-len(token) % 8))
    except (Base64Error, ValueError):
        return None
    if len(raw) != 12 + VERP_MAC_BYTES:
        return None
    uid, edition_id, mac = raw[:8].hex(), int.from_bytes(raw[8:12], "big"), raw[12:]
    wanted = [_mac(key, Purpose.BOUNCE, str(edition_id), uid, 0)[:VERP_MAC_BYTES] for key in keys]
    return (edition_id, uid) if any(hmac.compare_digest(mac, one) for one in wanted) else None


def address_hash(key: str) -> str:
    """What is kept of an address that asked to be erased: enough to refuse it, too little to read it."""
    return hashlib.sha256(f"digest:{key}".encode()).hexdigest()


def _mac(key: str, purpose: Purpose, newsletter: str, uid: str, generation: int) -> bytes:
    """HMAC-SHA-256 (RFC 2104).  Each copy has three: with what they share done once, one takes a fourth of the time."""
    begun, ending = _begun(key, purpose, newsletter)
    inner, outer = begun.copy(), ending.copy()
    inner.update(f"{uid}\0{generation}".encode())
    outer.update(inner.digest())
    return outer.digest()[:MAC_BYTES]


@lru_cache(maxsize=256)
def _begun(key: str, purpose: Purpose, newsletter: str) -> tuple["hashlib._Hash", "hashlib._Hash"]:
    """What HMAC hashes before the part of the text that differs, and before the text's hash."""
    raw = key.encode()
    padded = (raw if len(raw) <= BLOCK else hashlib.sha256(raw).digest()).ljust(BLOCK, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ mask for byte in padded)) for mask in (0x36, 0x5C))
    inner.update(f"digest\0{purpose}\0{newsletter}\0".encode())
    return inner, outer
