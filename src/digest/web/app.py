"""Settings and a database in, the public pages out: the route table."""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.config import Settings
from digest.errors import ConfigError
from digest.store.database import Database
from digest.web import clicks, editions, feeds, leave, preferences, subscribe
from digest.web.pages import Pages
from digest.web.visit import Context, Prefix, Visit, route

#: Nothing is forbidden: who may not read a page does not see that it is not to be listed.
ROBOTS = "User-agent: *\nDisallow:\n"


def utcnow() -> datetime:
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    database: Database,
    *,
    wake: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = utcnow,
) -> Starlette:
    """The public pages.

    Args:
        settings: with at least one site secret.
        database: opened, and of this program's schema.
        wake: called, from a thread, when a confirmation mail waits to be sent.
        clock: aware moments.

    Raises:
        ConfigError: no site secret, so no link could be signed or read.
    """
    if not settings.site.keys:
        raise ConfigError("configuration", ["site.secrets: at least one is needed; `digest init` makes one"])
    pages = Pages(settings)
    context = Context(settings=settings, database=database, pages=pages, clock=clock, wake=wake)

    async def refuse(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return await run_in_threadpool(pages.refusal, error.status_code, headers=error.headers)

    app = Starlette(
        routes=routes(context),
        middleware=[Middleware(Prefix, prefix=unquote(pages.prefix))],
        exception_handlers={HTTPException: refuse},
    )
    app.router.redirect_slashes = False  # the redirect would go to whatever host the request claims
    return app


def routes(context: Context) -> list[Route]:
    return [
        route(context, "/", show=editions.home),
        route(context, "/subscribe/{newsletter}", show=subscribe.show_form, act=subscribe.ask),
        route(context, "/confirm/{newsletter}/{token}", show=subscribe.show_confirm, act=subscribe.confirm),
        route(context, "/unsubscribe/{newsletter}/{token}", show=leave.show_unsubscribe, act=leave.unsubscribe),
        route(context, "/resubscribe/{newsletter}/{token}", act=leave.resubscribe),
        route(context, "/preferences/{newsletter}/{token}", show=preferences.show, act=preferences.act),
        route(context, "/editions/{newsletter}", show=editions.archive),
        route(context, f"/editions/{{newsletter}}/{feeds.ATOM}", show=editions.atom),
        route(context, f"/editions/{{newsletter}}/{feeds.JSON}", show=editions.json_feed),
        route(context, "/editions/{newsletter}/{day}", show=editions.edition),
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
