"""A request in, a `Visit` for a plain handler, its answer out.

The form is read within its limits, then a thread takes over.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic
from typing import Any, Self

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.config import Settings
from digest.languages import Voice
from digest.model import Subscriber
from digest.store.database import Database
from digest.web import forms
from digest.web.pages import Pages

logger = logging.getLogger(__name__)

BODY_BYTES = 8192  #: no form here comes near it
FIELDS = 60  #: a box for each section, and some more


@dataclass(frozen=True, kw_only=True)
class Context:
    """What every page needs, made once."""

    settings: Settings
    database: Database
    pages: Pages
    clock: Callable[[], datetime]
    wake: Callable[[], None]  #: a mail waits to be sent; called from a thread
    pace: float  #: seconds: an answer that must not tell by its time leaves at a multiple of this after its request

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
    spoken: str = ""  #: a language that the visitor chose
    wants_json: bool = False  #: a program asks, and says so

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
        """What the visitor chose; else the newsletter's, where the page belongs to one."""
        return self.spoken or self.context.language(self.params.get("newsletter", ""))

    @property
    def voice(self) -> Voice:
        return self.context.pages.voice(self.language)

    def speaking(self, language: str) -> Self:
        """The same visit in another language, where there are words in it, or in "de" for "de-AT"."""
        tongue = self.context.pages.tongue(language)
        return replace(self, spoken=tongue) if tongue else self

    def page(self, name: str, *, status: int = 200, private: bool = False, **values: Any) -> Response:
        """As `Pages.page`, in the language of this visit."""
        return self.context.pages.page(name, language=self.language, status=status, private=private, **values)

    def lost_link(self, reason: str = "") -> Response:
        """The one answer to every token that does not open anything: whether the person exists is not said.

        `reason`: in the words of the page, to who has a link that once did.
        """
        return self.page("lost_link", status=404, private=True, reason=reason)


def at_home(visit: Visit, reader: Subscriber | None) -> Visit:
    """In the reader's own language, where they chose one."""
    return visit.speaking(reader.language) if reader else visit


Handler = Callable[[Visit], Response]


def route(
    context: Context, path: str, *, show: Handler | None = None, act: Handler | None = None, paced: bool = False
) -> Route:
    """`show` answers GET and HEAD and changes nothing; `act` answers POST, at the pace of the pages where `paced`."""
    handlers = {method: handler for method, handler in (("GET", show), ("POST", act)) if handler}

    async def endpoint(request: Request) -> Response:
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        form = await _form(request) if request.method == "POST" else {}
        began = monotonic()
        answer = await run_in_threadpool(_answer, handler, _visit(context, request, form))
        if paced and request.method == "POST":
            await at_pace(context, began)
        return answer

    return Route(path, endpoint, methods=list(handlers))


async def at_pace(context: Context, began: float) -> None:
    """Wait until the next multiple of the pace after a moment of the monotonic clock."""
    await asyncio.sleep(-(monotonic() - began) % context.pace)


def _visit(context: Context, request: Request, form: Mapping[str, str]) -> Visit:
    return Visit(
        context=context,
        params=request.path_params,
        form=form,
        now=context.clock(),
        ip=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", "")[:300],
        wants_json="application/json" in request.headers.get("accept", "").lower(),
        method=request.method,
        query=request.query_params,
    )


def _answer(handler: Handler, visit: Visit) -> Response:
    try:
        return handler(visit)
    except HTTPException:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the reader gets a page and the log gets the place
        failure(error)
        return visit.context.pages.refusal(500)


def failure(error: Exception) -> None:
    """Log where something unforeseen happened."""
    place = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    # Without its message: that of a database error repeats the values, and so an address.
    logger.error("%s\n%s", type(error).__name__, place)


async def _form(request: Request) -> Mapping[str, str]:
    """The last value of each field."""
    return {name: values[-1] for name, values in (await forms.read(request, most=BODY_BYTES, fields=FIELDS)).items()}


async def read_body(request: Request) -> bytes:
    """All of it.

    Raises:
        HTTPException: as `forms.body` does.
    """
    return await forms.body(request, most=BODY_BYTES)


class Prefix:
    """Takes the path of `base_url` off a request, for a proxy that leaves it on."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app, self.prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if self.prefix and f"{path}/".startswith(f"{self.prefix}/"):
            scope = {**scope, "path": path.removeprefix(self.prefix) or "/"}
        await self.app(scope, receive, send)
