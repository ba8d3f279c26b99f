"""The long-running processes: alarm clock and polling, worker, and web pages, together or apart."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.pipeline.fetching import fetch
from digest.pulse import Pulse
from digest.schedule.clock import AlarmClock, Schedule
from digest.schedule.watch import watch
from digest.signals import stopping
from digest.store import owners, processes, revision
from digest.store.database import Database
from digest.web.app import create_app
from digest.web.server import Server
from digest.worker.letters import Letters
from digest.worker.service import keep_sending, new_owner

log = logging.getLogger(__name__)

POLL_SECONDS = 60.0  #: between two looks for sources that are due
SIGN_SECONDS = 30.0  #: between two signs of life
WATCH_SECONDS = 120.0  #: between two looks for what the operator has to see to


async def run(settings: Settings, database: Database, *, clock: bool, worker: bool, web: bool) -> None:
    """Run the chosen roles until SIGTERM or SIGINT; messages on the wire finish, the rest stays queued."""
    revision.check(database)
    Letters(settings, database)  # a key that cannot be used is told now, and not at the hour
    loop = asyncio.get_running_loop()
    wake = asyncio.Event()
    owner = new_owner()

    pulse = Pulse(part for part, wanted in (("clock", clock), ("worker", worker)) if wanted)

    def rouse() -> None:
        loop.call_soon_threadsafe(wake.set)

    with stopping() as stop, owners.Presence(database, owner):
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(_sign_off, database, owner)
            await stack.enter_async_context(_meanwhile(_keep_signing(database, owner, pulse, web=web)))
            if web:
                await stack.enter_async_context(_web(settings, database, rouse, pulse))
            if clock:
                alarm = AlarmClock(Schedule(settings, database), rouse, beat=lambda: pulse.beat("clock"))
                alarm.start()
                stack.push_async_callback(asyncio.to_thread, alarm.stop)
                await stack.enter_async_context(_meanwhile(_keep_polling(settings, database)))
                await stack.enter_async_context(_meanwhile(_keep_watching(settings, database)))
            if worker:
                beat = partial(pulse.beat, "worker")
                await keep_sending(settings, database, owner=owner, stop=stop, wake=wake, beat=beat)
            await stop.wait()
            log.info("stopping")


@contextlib.asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """It goes on inside the block, and is cut off at its end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep_signing(database: Database, owner: str, pulse: Pulse, *, web: bool) -> None:
    """Say every half minute that this process lives, and what works in it: for `digest status` and metrics."""
    started = datetime.now(UTC)

    def sign() -> None:
        roles = [*(part for part, well in pulse.alive().items() if well), *(["web"] if web else [])]
        with database.begin() as db:
            processes.seen(db, owner, roles, started_at=started, now=datetime.now(UTC))

    while True:
        with contextlib.suppress(DBAPIError):  # whoever has something to write tells that the database is away
            await asyncio.to_thread(sign)
        await asyncio.sleep(SIGN_SECONDS)


async def _sign_off(database: Database, owner: str) -> None:
    def sign() -> None:
        with database.begin() as db:
            processes.gone(db, owner)

    with contextlib.suppress(DBAPIError):
        await asyncio.to_thread(sign)


async def _keep_watching(settings: Settings, database: Database) -> None:
    """Look every two minutes for what the operator has to see to."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            await watch(settings, database, now=datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            log.error("alerts: %s; trying again in %.0f s", _kind(error), WATCH_SECONDS)


async def _keep_polling(settings: Settings, database: Database) -> None:
    """Look every minute for what is due; what is on its way when it is cut off is fetched again the next time.

    A source's failures are told by `fetch`.
    """
    while True:
        try:
            report = await fetch(settings, database, now=datetime.now(UTC))
            if stored := sum(one.stored for one in report.results):
                log.info("%d new articles", stored)
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            # Only the kind: a message may hold an address.
            log.error("polling: %s; trying again in %.0f s", _kind(error), POLL_SECONDS)
        await asyncio.sleep(POLL_SECONDS)


def _kind(error: BaseException) -> str:
    """The kind of an error, or of the first in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


@contextlib.asynccontextmanager
async def _web(settings: Settings, database: Database, wake: Callable[[], None], pulse: Pulse) -> AsyncIterator[None]:
    app = create_app(settings, database, wake=wake, alive=pulse.alive)
    server = Server(app, host=settings.web.host, port=settings.web.port)
    log.info("web pages on %s", server.url)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        await server.stop()
        await serving
