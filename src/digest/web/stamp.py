"""A moment that we signed, as it comes back to us.  Pure."""

import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

SECONDS_DIGITS = 11  #: until the year 5138


def age(keys: Sequence[str], since: str, mac: str, *, sign: Callable[[str], str], now: datetime) -> timedelta | None:
    """How long ago the moment was; None when none of `keys` signed it.

    Args:
        keys: The site's, those of the past too.
        since: Seconds since 1970, in digits, as somebody sent them.
        mac: What should be the signature.
        sign: Of a key, the signature that it makes.
        now: An aware moment.
    """
    if not (since.isascii() and since.isdigit() and len(since) <= SECONDS_DIGITS and mac.isascii()):
        return None
    if not any(hmac.compare_digest(mac, sign(key)) for key in keys):
        return None
    return now - datetime.fromtimestamp(int(since), UTC)
