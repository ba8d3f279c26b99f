"""A request in, a `Visit` for a plain handler, its answer out.

The one async place of the pages: it reads the form within its limits, then hands over to a thread.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.config import Settings
from digest.languages import Voice
from digest.store.database import Database
from digest.web.pages import Pages

logger = logging.getLogger(__name__)

BODY_BYTES = 8192  #: no form here comes near it
BODY_SECONDS = 10.0  #: to send it
FIELDS = 60  #: a box for each section, and some more


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every page needs, made once."""

    settings: Settings
    database: Database
    pages: Pages
    clock: Callable[[], datetime]
    wake: Callable[[], None]  #: a mail waits to be sent; called from a thread

    @property
    def keys(self) -> tuple[str, ...]:
        return self.settings.site.keys

    def title(self, newsletter: str) -> str:
        """The newsletter's title; its name when it is no longer configured, as its links work for ever."""
        known = self.settings.newsletters.get(newsletter)
        return known.title if known else newsletter

    def language(self, newsletter: str) -> str:
        """Its own, else the site's."""
        known = self.settings.newsletters.get(newsletter)
        return (known.language if known else "") or self.settings.site.language


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request, as a handler sees it."""

    context: Context
    params: Mapping[str, str]  #: of the route
    form: Mapping[str, str]
    now: datetime
    ip: str
    user_agent: str
    method: str  #: of HTTP
    query: Mapping[str, str]

    @property
    def newsletter(self) -> str:
        return self.params["newsletter"]

    @property
    def token(self) -> str:
        return self.params["token"]

    @property
    def title(self) -> str:
        return self.context.title(self.newsletter)

    @property
    def language(self) -> str:
        """The newsletter's, where the page belongs to one."""
        return self.context.language(self.params.get("newsletter", ""))

    @property
    def voice(self) -> Voice:
        return self.context.pages.voice(self.language)

    def page(self, name: str, *, status: int = 200, private: bool = False, **values: Any) -> Response:
        """As `Pages.page`, in the language of this visit."""
        return self.context.pages.page(name, language=self.language, status=status, private=private, **values)

    def lost_link(self) -> Response:
        """The one answer to every token that does not open anything: whether the person exists is not said."""
        return self.page("lost_link", status=404, private=True)


Handler = Callable[[Visit], Response]


def route(context: Context, path: str, *, show: Handler | None = None, act: Handler | None = None) -> Route:
    """`show` answers GET and HEAD and changes nothing; `act` answers POST."""
    handlers = {method: handler for method, handler in (("GET", show), ("POST", act)) if handler}

    async def endpoint(request: Request) -> Response:
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        form = await _form(request) if request.method == "POST" else {}
        return await run_in_threadpool(_answer, handler, _visit(context, request, form))

    return Route(path, endpoint, methods=list(handlers))


def _visit(context: Context, request: Request, form: Mapping[str, str]) -> Visit:
    return Visit(
        context=context,
        params=request.path_params,
        form=form,
        now=context.clock(),
        ip=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", "")[:300],
        method=request.method,
        query=request.query_params,
    )


def _answer(handler: Handler, visit: Visit) -> Response:
    try:
        return handler(visit)
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader gets a page and the log gets the place
        place = "".join(traceback.format_tb(error.__traceback__)).rstrip()
        # Without its message: that of a database error repeats the values, and so an address.
        logger.error("%s\n%s", type(error).__name__, place)
        return visit.context.pages.refusal(500)


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form in either encoding; none when it cannot be read, as a mailbox provider's one-click counts
    whatever it looks like.

    Raises:
        HTTPException: 413 when it is too long, 408 when it does not come.
    """
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _body(request)
    except TimeoutError:
        raise HTTPException(408) from None

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        form = await Request(request.scope, replay).form(max_files=0, max_fields=FIELDS)
    except HTTPException:
        return {}
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _body(request: Request) -> bytes:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return body


class Prefix:
    """Takes the path of `base_url` off a request, for a proxy that leaves it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app, self.prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if self.prefix and f"{path}/".startswith(f"{self.prefix}/"):
            scope = {**scope, "path": path.removeprefix(self.prefix) or "/"}
        await self.app(scope, receive, send)
