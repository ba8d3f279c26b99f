"""For those who watch: `/readyz` says whether this process can work, `/metrics` has figures for Prometheus."""

import hmac
from collections.abc import Callable, Mapping
from ipaddress import ip_address

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import SchemaMismatch
from digest.store import revision
from digest.store.database import Database
from digest.web.metrics import CONTENT_TYPE, exposition, gauges
from digest.web.pages import SAFE, UNKEPT
from digest.web.visit import Context

#: A request that has one of these came through a proxy: from outside, whatever its address says.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")

Alive = Callable[[], Mapping[str, bool]]


def probes(context: Context, alive: Alive) -> list[Route]:
    """Their routes.  `alive`: which parts of this process are."""
    token = context.settings.web.metrics_token.get_secret_value()

    async def ready(_: Request) -> Response:
        return await run_in_threadpool(_readiness, context.database, alive())

    async def metrics(request: Request) -> Response:
        if not (from_here(request) or bears(request, token)):
            raise HTTPException(404)  # that it is there is nobody's business
        return await run_in_threadpool(_figures, context, alive())

    return [Route("/readyz", ready, methods=["GET"]), Route("/metrics", metrics, methods=["GET"])]


def from_here(request: Request) -> bool:
    """Whether it comes from this machine, asked for by a name of this machine, and through no proxy."""
    if any(name in request.headers for name in FORWARDED):
        return False
    return _is_loopback(request.client.host if request.client else "") and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bears(request: Request, token: str) -> bool:
    """Whether it has the token of `[web] metrics_token` (RFC 6750 2.1)."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def _readiness(database: Database, alive: Mapping[str, bool]) -> Response:
    told = _of_database(database) | {part: "ok" if well else "stuck" for part, well in alive.items()}
    lines = "".join(f"{part}: {verdict}\n" for part, verdict in told.items())
    return PlainTextResponse(lines, 200 if set(told.values()) == {"ok"} else 503, {**SAFE, **UNKEPT})


def _of_database(database: Database) -> dict[str, str]:
    try:
        with database.read() as db:
            db.execute(text("select 1"))
        revision.check(database)
    except SchemaMismatch:
        return {"database": "ok", "schema": "of another age"}
    except DBAPIError:
        return {"database": "away"}
    return {"database": "ok", "schema": "ok"}


def _figures(context: Context, alive: Mapping[str, bool]) -> Response:
    written = exposition(gauges(context.database, alive=alive, now=context.clock()))
    return Response(written, 200, {**SAFE, **UNKEPT, "Content-Type": CONTENT_TYPE})
