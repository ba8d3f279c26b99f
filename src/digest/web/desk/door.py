"""A request in, who sits at the desk out; and whether it may change anything.

Two doors.  That of `digest preview` is for who started it: the address has a random part, and each request has to name
this machine, so that no other page can have a name of its own lead here (DNS rebinding).  That of `digest serve` is for
editors with an account, or for whom the proxy in front of it lets in.

A change needs three things: a page of ours that asks (Origin, Sec-Fetch-Site), its form's token, and a seat.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from starlette.requests import Request

from digest.config import Settings
from digest.store import editors
from digest.store.database import Database
from digest.web.desk import session

#: What opens the desk and its dashboard where nobody can come in.
CLOSED = "no desk and no dashboard: set `[desk] serve = true`, then `digest editors add NAME` makes an account"
NOBODY = "nobody can sign in to the desk and its dashboard: `digest editors add NAME` makes an account"
HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, kw_only=True)
class Seat:
    """Who is at the desk."""

    who: str
    form_token: str  #: what each form has to carry
    can_leave: bool = False  #: by signing out


class Door(Protocol):
    """Who may come in."""

    def knows_host(self, request: Request) -> bool:
        """Whether the request was meant for us."""

    def origin(self, request: Request) -> str:
        """Of our own pages."""

    def seat(self, request: Request) -> Seat | None:
        """None for who has to sign in first."""

    def closed(self) -> str:
        """Why nobody can come in, and what opens it; "" where somebody can."""


class OwnDoor:
    """For the person who started the program."""

    def __init__(self, who: str) -> None:
        self._seat = Seat(who=who, form_token=secrets.token_urlsafe(24))

    def knows_host(self, request: Request) -> bool:
        return _host(request).partition(":")[0] in HOSTS

    def origin(self, request: Request) -> str:
        return f"http://{_host(request)}"

    def seat(self, request: Request) -> Seat | None:  # noqa: ARG002 - who has found the address sits
        return self._seat

    def closed(self) -> str:
        return ""


class TeamDoor:
    """For editors: by cookie, or as the proxy says."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        parts = urlsplit(settings.site.base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.is_secure = parts.scheme == "https"
        #: The prefix has browsers take it from this host and from TLS alone.
        self.cookie = "__Host-digest-desk" if self.is_secure else "digest-desk"

    def knows_host(self, request: Request) -> bool:  # noqa: ARG002 - no page of another name is sent our cookie
        return True

    def origin(self, request: Request) -> str:  # noqa: ARG002 - what a request claims as its host is not believed
        return self._origin

    def seat(self, request: Request) -> Seat | None:
        header = self._settings.desk.user_header
        name = request.headers.get(header, "").strip() if header else self._signed_in(request)
        if not name:
            return None
        held = request.cookies.get(self.cookie, "") or name
        return Seat(who=name, form_token=session.form_token(self._settings.site.keys[0], held), can_leave=not header)

    def closed(self) -> str:
        if self._settings.desk.user_header:
            return ""
        with self._database.read() as db:
            return "" if editors.listing(db) else NOBODY

    def _signed_in(self, request: Request) -> str:
        cookie = request.cookies.get(self.cookie, "")
        name = session.name_of(cookie)
        if not name:
            return ""
        with self._database.read() as db:
            editor = editors.get(db, name)
        keys = self._settings.site.keys
        holds = editor and session.holds(keys, cookie, name, editor.password, now=self._clock())
        return name if holds else ""


def is_ours(request: Request, door: Door) -> bool:
    """Whether a page of ours sent it: browsers say so, and who does not say is refused."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if origin is None and site is None:
        return False
    return origin in {None, door.origin(request)} and site in {None, "same-origin"}


def has_token(seat: Seat, token: str) -> bool:
    return secrets.compare_digest(token.encode(), seat.form_token.encode())


def _host(request: Request) -> str:
    return request.headers.get("host", "")
