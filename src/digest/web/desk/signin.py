"""A name and a password in, a cookie out; and the way out again.  Who guesses has to wait."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digest.store import editors
from digest.web import forms
from digest.web.desk import passwords, session
from digest.web.desk.door import TeamDoor, is_ours
from digest.web.desk.sheet import Desk

BYTES = 2048  #: of the form
PAGES = ("/dashboard",)  #: that signing in may lead to, beside the desk itself
WRONG = "Name and password do not belong together."


class SignIn:
    """The pages for it.

    Args:
        door: That lets in who has signed in.
        desk: Its database has the accounts.
        page: Makes a page of a name, a status and values.
        root: Of the desk.
    """

    def __init__(self, door: TeamDoor, desk: Desk, page: Callable[..., Response], root: str) -> None:
        self._door, self._desk, self._page, self._root = door, desk, page, root
        self._tries = session.Tries()

    def routes(self) -> list[Route]:
        return [
            Route(f"{self._root}/sign-in", self._asked, methods=["POST"]),
            Route(f"{self._root}/sign-out", self._leaves, methods=["POST"]),
        ]

    async def _asked(self, request: Request) -> Response:
        if not is_ours(request, self._door):
            raise HTTPException(403)
        fields = await forms.read(request, most=BYTES, fields=8)
        name, password, to = ((fields.get(one) or [""])[-1] for one in ("name", "password", "to"))
        address = request.client.host if request.client else ""
        answer = partial(self._answer, name.strip()[:64], password, to=to if to in PAGES else "")
        return await run_in_threadpool(answer, address)

    def _answer(self, name: str, password: str, address: str, *, to: str) -> Response:
        now, counted = self._desk.clock(), (f"address {address}", f"name {name}")
        if wait := self._tries.waits(*counted, now=now):
            return self._again(name, f"Too many tries. It goes on in {_minutes(wait)}.", 429, to=to)
        with self._desk.database.read() as db:
            editor = editors.get(db, name)
        fits = passwords.fits(password[: passwords.MOST + 1], editor.password if editor else passwords.NOBODY)
        if editor is None or not fits:
            self._tries.failed(*counted, now=now)
            return self._again(name, WRONG, 401, to=to)
        self._tries.forget(*counted)
        answer = RedirectResponse(f"{self._root}{to or '/'}", status_code=303)
        cookie = session.issue(self._desk.settings.site.keys, name, editor.password, now=now)
        answer.set_cookie(
            self._door.cookie,
            cookie,
            max_age=int(session.LIFE.total_seconds()),
            secure=self._door.is_secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    def _again(self, name: str, wrong: str, status: int, *, to: str) -> Response:
        return self._page("signin", wrong=wrong, typed=name, to=to, status=status)

    async def _leaves(self, request: Request) -> Response:
        if not is_ours(request, self._door):
            raise HTTPException(403)
        answer = RedirectResponse(f"{self._root}/", status_code=303)
        answer.delete_cookie(self._door.cookie, secure=self._door.is_secure, httponly=True, samesite="strict")
        return answer


def _minutes(wait: timedelta) -> str:
    minutes = -(-int(wait.total_seconds()) // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
