"""A form's nonce: when it was shown, signed.  Pure.

What fills in forms does it at once, or posts without having asked for the form; a person needs a few seconds.
"""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.web import stamp


def issue(keys: Sequence[str], newsletter: str, *, now: datetime) -> str:
    """A nonce for a form that is shown `now`; `keys[0]` signs."""
    shown = str(int(now.timestamp()))
    return f"{shown}.{_mac(keys[0], newsletter, shown)}"


def age(keys: Sequence[str], newsletter: str, nonce: str, *, now: datetime) -> timedelta | None:
    """How long ago the form was shown; None when none of `keys` signed this nonce for this newsletter."""
    shown, _, mac = nonce.partition(".")
    return stamp.age(keys, shown, mac, sign=lambda key: _mac(key, newsletter, shown), now=now)


def _mac(key: str, newsletter: str, shown: str) -> str:
    # "form" keeps it apart from the tokens of `links`, which are made with the same keys.
    text = f"digest\0form\0{newsletter}\0{shown}"
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
