"""A password in, its hash out, and whether the two belong together.  The only module that knows argon2."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12  #: characters: those who guess need longer than a newsletter lives
MOST = 200  #: characters; hashing more only costs

_AT_ONCE = BoundedSemaphore(2)
_hasher = PasswordHasher()  # argon2id with the library's figures, those of RFC 9106 for little memory
#: Of nobody's password: who asks for an account that there is not waits as long as for one that there is.
NOBODY = _hasher.hash("nobody has this password")


def check(password: str) -> str:
    """The password, if it will do.

    Raises:
        ValueError: it is too short or too long.
    """
    if not LEAST <= len(password) <= MOST:
        raise ValueError(f"a password has {LEAST} to {MOST} characters; this one has {len(password)}")
    return password


def hashed(password: str) -> str:
    return _hasher.hash(password)


def fits(password: str, hash_: str) -> bool:
    """Takes some 50 ms and 64 MB, which is the point; two at a time, so that guessing does not take all there is."""
    try:
        with _AT_ONCE:
            return _hasher.verify(hash_, password)
    except (VerificationError, InvalidHashError):
        return False
