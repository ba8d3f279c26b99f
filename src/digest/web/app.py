"""Settings and a database in, the public pages out: the route table."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.config import Settings
from digest.errors import ConfigError
from digest.store.database import Database
from digest.web import account, clicks, editions, entry, feeds, leave, moving, preferences, problems, subscribe
from digest.web.api import ROOT
from digest.web.desk.app import create_desk
from digest.web.desk.door import TeamDoor
from digest.web.desk.sheet import Desk
from digest.web.pages import Pages
from digest.web.probes import Alive, probes
from digest.web.visit import Context, Prefix, Visit, route

#: Nothing is forbidden: who may not read a page does not see that it is not to be listed.
ROBOTS = "User-agent: *\nDisallow:\n"


PACE = 0.1  #: seconds: several times as long as it takes to note who wants to join


def utcnow() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    database: Database,
    *,
    wake: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = utcnow,
    pace: float = PACE,
    alive: Alive = dict,
) -> Starlette:
    """The public pages.

    Args:
        settings: with at least one site secret.
        database: opened, and of this program's schema.
        wake: called, from a thread, when a confirmation mail waits to be sent.
        clock: aware moments.
        pace: seconds, as of `Context`.
        alive: which parts of this process are; of those it is told of only.

    Raises:
        ConfigError: no site secret, so no link could be signed or read.
    """
    if not settings.site.keys:
        raise ConfigError("configuration", ["site.secrets: at least one is needed; `digest init` makes one"])
    pages = Pages(settings)
    context = Context(settings=settings, database=database, pages=pages, clock=clock, wake=wake, pace=pace)

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if f"{request.scope['path']}/".startswith(f"{ROOT}/"):
            return problems.of_status(error.status_code, error.headers)
        return await run_in_threadpool(pages.refusal, error.status_code, headers=error.headers)

    app = Starlette(
        routes=[*routes(context), *probes(context, alive)],
        middleware=[Middleware(Prefix, prefix=unquote(pages.prefix))],
        exception_handlers={HTTPException: refuse},
    )
    app.router.redirect_slashes = False  # the redirect would go to whatever host the request claims
    return app


class Site:
    """The public pages and, where the settings ask for one, the desk beside them.

    Args:
        settings: With at least one site secret.
        database: Opened, and of this program's schema.
        wake: As for `create_app`.
        clock: As for `create_app`.
        alive: As for `create_app`.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        wake: Callable[[], None] = lambda: None,
        clock: Callable[[], datetime] = utcnow,
        alive: Alive = dict,
    ) -> None:
        self._public: ASGIApp = create_app(settings, database, wake=wake, clock=clock, alive=alive)
        self._root, self._desk = f"{urlsplit(settings.site.base_url).path.rstrip('/')}/desk", None
        if settings.desk.serve:
            door = TeamDoor(settings, database, clock)
            self._desk, self._live = create_desk(Desk(settings, database, clock), door, root=self._root)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._desk and f"{scope.get('path', '')}/".startswith(f"{self._root}/"):
            await self._desk(scope, receive, send)
        else:
            await self._public(scope, receive, send)

    def end(self) -> None:
        """What goes on by itself ends, so that a server can."""
        if self._desk:
            self._live.end()


def routes(context: Context) -> list[Route]:
    return [
        route(context, "/", show=editions.home),
        route(context, "/subscribe/{newsletter}", show=subscribe.show_form, act=subscribe.ask, paced=True),
        route(context, "/confirm/{newsletter}/{token}", show=subscribe.show_confirm, act=subscribe.confirm),
        route(context, "/unsubscribe/{newsletter}/{token}", show=leave.show_unsubscribe, act=leave.unsubscribe),
        route(context, "/resubscribe/{newsletter}/{token}", act=leave.resubscribe),
        route(context, "/preferences/{newsletter}/{token}", show=preferences.show, act=preferences.act, paced=True),
        route(context, "/preferences/{newsletter}/{token}/data", show=account.download),
        route(context, "/preferences/{newsletter}/{token}/erase", show=account.show_erase, act=account.erase),
        route(context, "/address/{newsletter}/{token}", show=moving.show, act=moving.act),
        route(context, "/editions/{newsletter}", show=editions.archive),
        route(context, f"/editions/{{newsletter}}/{feeds.ATOM}", show=editions.atom),
        route(context, f"/editions/{{newsletter}}/{feeds.JSON}", show=editions.json_feed),
        route(context, "/editions/{newsletter}/{day}", show=editions.edition),
        *entry.routes(context),
        route(context, "/r/{newsletter}/{day}/{story}/{token}", show=clicks.Counter().follow),
        route(context, "/images/{name}", show=editions.image),
        route(context, "/help", show=editions.help_page),
        route(context, "/healthz", show=_health),
        route(context, "/robots.txt", show=lambda visit: visit.context.pages.text(ROBOTS)),
        route(context, "/favicon.ico", show=lambda visit: visit.context.pages.icon()),
        route(context, "/static/site.css", show=lambda visit: visit.context.pages.style()),
    ]


def _health(visit: Visit) -> Response:
    """For a load balancer: the pages answer and the database opens."""
    with visit.context.database.read():
        return visit.context.pages.text("ok\n")
