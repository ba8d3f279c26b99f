"""The long-running processes: alarm clock and polling, worker, and web pages, together or apart."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.errors import SchemaMismatch
from digest.pipeline.fetching import fetch
from digest.schedule.clock import AlarmClock, Schedule
from digest.signals import stopping
from digest.store import owners, revision
from digest.store.database import Database
from digest.web.app import create_app
from digest.web.server import Server
from digest.worker.letters import Letters
from digest.worker.service import keep_sending, new_owner

log = logging.getLogger(__name__)

POLL_SECONDS = 60.0  #: between two looks for sources that are due
SCHEMA_SECONDS = 5.0  #: between two looks whether the database still fits


async def run(settings: Settings, database: Database, *, clock: bool, worker: bool, web: bool) -> None:
    """Run the chosen roles until SIGTERM or SIGINT; messages on the wire finish, the rest stays queued."""
    revision.check(database)
    Letters(settings, database)  # a key that cannot be used is told now, and not at the hour
    loop = asyncio.get_running_loop()
    wake = asyncio.Event()
    owner = new_owner()

    def rouse() -> None:
        loop.call_soon_threadsafe(wake.set)

    with stopping() as stop, owners.Presence(database, owner):
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(_while_it_fits(database, stop))
            if web:
                await stack.enter_async_context(_web(settings, database, rouse))
            if clock:
                alarm = AlarmClock(Schedule(settings, database), rouse)
                alarm.start()
                stack.push_async_callback(asyncio.to_thread, alarm.stop)
                await stack.enter_async_context(_polling(settings, database))
            if worker:
                await keep_sending(settings, database, owner=owner, stop=stop, wake=wake)
            await stop.wait()
            log.info("stopping")


@contextlib.asynccontextmanager
async def _while_it_fits(database: Database, stop: asyncio.Event) -> AsyncIterator[None]:
    """Another process may bring the database up to date meanwhile: then this one finishes what is on the wire.

    Raises:
        SchemaMismatch: in the end, where that was so.
    """
    watching = asyncio.create_task(_watch_schema(database, stop))
    try:
        yield
    finally:
        watching.cancel()
        (seen,) = await asyncio.gather(watching, return_exceptions=True)
    if isinstance(seen, SchemaMismatch):
        raise seen


async def _watch_schema(database: Database, stop: asyncio.Event) -> None:
    while True:
        await asyncio.sleep(SCHEMA_SECONDS)
        try:
            await asyncio.to_thread(revision.check, database)
        except SchemaMismatch:
            stop.set()
            raise
        except DBAPIError:  # it is away for a moment, which is told by who needs it
            continue


@contextlib.asynccontextmanager
async def _polling(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Sources are polled meanwhile; what is on its way when it ends is fetched again the next time."""
    polling = asyncio.create_task(_keep_polling(settings, database))
    try:
        yield
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def _keep_polling(settings: Settings, database: Database) -> None:
    """Look every minute for what is due.  A source's failures are told by `fetch`."""
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
async def _web(settings: Settings, database: Database, wake: Callable[[], None]) -> AsyncIterator[None]:
    server = Server(create_app(settings, database, wake=wake), host=settings.web.host, port=settings.web.port)
    log.info("web pages on %s", server.url)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        await server.stop()
        await serving
