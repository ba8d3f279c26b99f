"""Who is signed in, as a cookie says it: a name and a moment, signed.  And who has tried too often.

A cookie counts for one password: its signature is over the hash, so it ends with a change or with the account.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.web import stamp

LIFE = timedelta(hours=12)  #: a working day
TRIES = 5  #: of a wrong password from one address
FOR_NAME = 25  #: at one account, from wherever; more, or anybody could keep an editor out
SPAN = timedelta(minutes=15)  #: in which they count
REMEMBERED = 10_000  #: addresses and names


def issue(keys: Sequence[str], name: str, password: str, *, now: datetime) -> str:
    """A cookie for who signed in `now`.

    Args:
        keys: The site's; the first signs.
        name: Of the account.
        password: Its hash.
        now: The moment.
    """
    since = int(now.timestamp())
    return f"{urlsafe_b64encode(name.encode()).decode()}.{since}.{_mac(keys[0], 'session', name, password, str(since))}"


def name_of(cookie: str) -> str:
    """Whose it says it is; nothing is proved by that.  "" where it is none."""
    try:
        return urlsafe_b64decode(cookie.partition(".")[0]).decode()
    except ValueError:
        return ""


def holds(keys: Sequence[str], cookie: str, name: str, password: str, *, now: datetime) -> bool:
    """Whether the cookie is of this account, of its present password, and not too old."""
    _, since, mac = [*cookie.split("."), "", ""][:3]
    held = stamp.age(keys, since, mac, sign=lambda key: _mac(key, "session", name, password, since), now=now)
    return held is not None and timedelta() <= held < LIFE


def form_token(key: str, session: str) -> str:
    """What each form of a session carries, so that no other page can send one (CSRF)."""
    return _mac(key, "form", session)


def _mac(key: str, *words: str) -> str:
    text = "\0".join(("digest", "desk", *words))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


class Tries:
    """How often somebody failed lately.  In memory: who can end the process has other ways."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def waits(self, *keys: str, now: datetime) -> timedelta:
        """How long it takes until one more may be tried; nothing where it may be tried now.

        A key is "address …" or "name …".
        """
        return max((self._wait(key, now) for key in keys), default=timedelta())

    def failed(self, *keys: str, now: datetime) -> None:
        for key in keys:
            since, count = self._failed.pop(key, (now, 0))
            self._failed[key] = (since, count + 1) if now - since < SPAN else (now, 1)
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def forget(self, *keys: str) -> None:
        for key in keys:
            self._failed.pop(key, None)

    def _wait(self, key: str, now: datetime) -> timedelta:
        since, count = self._failed.get(key, (now, 0))
        left = since + SPAN - now
        most = FOR_NAME if key.startswith("name ") else TRIES
        return left if count >= most and left > timedelta() else timedelta()
