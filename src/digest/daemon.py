"""The long-running processes: alarm clock, worker and web pages, together or apart."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable

from digest.config import Settings
from digest.schedule.clock import AlarmClock, Schedule
from digest.signals import stopping
from digest.store import owners, revision
from digest.store.database import Database
from digest.web.app import create_app
from digest.web.server import Server
from digest.worker.letters import Letters
from digest.worker.service import keep_sending, new_owner

log = logging.getLogger(__name__)


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
            if web:
                await stack.enter_async_context(_web(settings, database, rouse))
            if clock:
                alarm = AlarmClock(Schedule(settings, database), rouse)
                alarm.start()
                stack.push_async_callback(asyncio.to_thread, alarm.stop)
            if worker:
                await keep_sending(settings, database, owner=owner, stop=stop, wake=wake)
            await stop.wait()
            log.info("stopping")


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
