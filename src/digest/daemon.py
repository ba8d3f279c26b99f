"""The long-running processes: alarm clock and polling, worker, and web pages, together or apart."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.errors import SchemaMismatch
from digest.pipeline.fetching import fetch
from digest.pipeline.receiving import Receiver, keep_looking
from digest.pulse import Pulse
from digest.schedule.clock import AlarmClock, Schedule
from digest.schedule.leading import BEAT, Leadership
from digest.schedule.watch import watch
from digest.signals import stopping
from digest.store import owners, processes, revision
from digest.store.database import Database
from digest.transport.lmtp import listening
from digest.web.app import Site
from digest.web.desk.door import CLOSED
from digest.web.server import Server
from digest.worker.calling import keep_calling
from digest.worker.letters import Letters
from digest.worker.lookups import keep_looking_up
from digest.worker.meanwhile import meanwhile, once, repeated
from digest.worker.service import keep_sending, new_owner
from digest.worker.starting import answers

log = logging.getLogger(__name__)

POLL_SECONDS = 60.0  #: between two looks for sources that are due
SIGN_SECONDS = 30.0  #: between two signs of life
WATCH_SECONDS = 120.0  #: between two looks for what the operator has to see to
START_SECONDS = 600.0  #: that the database may take to answer at the start
SCHEMA_SECONDS = 5.0  #: between two looks whether the database still fits


async def run(settings: Settings, database: Database, *, clock: bool, worker: bool, web: bool) -> None:
    """Run the chosen roles until told to stop; messages on the wire finish, the rest stays queued."""
    with stopping() as stop:
        # Whoever starts us again and again instead gives up after some times, as when all machines come back at once.
        if await answers(partial(revision.check, database), stop, seconds=START_SECONDS):
            await _run_roles(settings, database, stop, clock=clock, worker=worker, web=web)


async def _run_roles(
    settings: Settings, database: Database, stop: asyncio.Event, *, clock: bool, worker: bool, web: bool
) -> None:
    Letters(settings, database)  # a key that cannot be used is told now, and not at the hour
    loop = asyncio.get_running_loop()
    wake = asyncio.Event()
    owner = new_owner()

    pulse = Pulse(part for part, wanted in (("clock", clock), ("worker", worker)) if wanted)

    def rouse() -> None:
        loop.call_soon_threadsafe(wake.set)

    with owners.Presence(database, owner) as presence:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(_while_it_fits(database, stop))
            stack.push_async_callback(_sign_off, database, owner)
            signs = repeated(presence.renew, every=owners.RENEWED), _keep_signing(database, owner, pulse, web=web)
            await stack.enter_async_context(meanwhile(*signs))
            if web:
                await stack.enter_async_context(_web(settings, database, rouse, pulse))
            if clock:
                await stack.enter_async_context(_clock(settings, database, owner, rouse, pulse))
                await stack.enter_async_context(_receiving(settings, database))
            if worker:
                await stack.enter_async_context(meanwhile(keep_calling(settings, database)))
                beat = partial(pulse.beat, "worker")
                await keep_sending(settings, database, owner=owner, stop=stop, wake=wake, beat=beat)
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
async def _clock(
    settings: Settings, database: Database, owner: str, wake: Callable[[], None], pulse: Pulse
) -> AsyncIterator[None]:
    """While this process leads, slots are taken, sources polled, and the operator told what to see to.

    What is on its way when it ends is fetched again the next time.
    """
    lead = Leadership(database, owner)

    def ask() -> bool:
        return lead.ask(datetime.now(UTC))

    await once(ask)
    schedule = Schedule(settings, database)
    alarm = AlarmClock(schedule, wake, leads=lambda: lead.leads, beat=lambda: pulse.beat("clock"))
    alarm.start()
    work = (
        repeated(ask, every=BEAT),
        repeated(alarm.look, every=BEAT),
        _keep_polling(settings, database, lead),
        _keep_watching(settings, database, lead),
        keep_looking_up(settings, database, leads=lambda: lead.leads),
    )
    try:
        async with meanwhile(*work):
            yield
    finally:
        await asyncio.to_thread(alarm.stop)


async def _keep_signing(database: Database, owner: str, pulse: Pulse, *, web: bool) -> None:
    """Say every half minute that this process lives, and what works in it: for `digest status` and metrics."""
    started = datetime.now(UTC)

    def sign() -> None:
        roles = [*(part for part, well in pulse.alive().items() if well), *(["web"] if web else [])]
        with database.begin() as db:
            processes.seen(db, owner, roles, started_at=started, now=datetime.now(UTC))

    while True:
        await once(sign)
        await asyncio.sleep(SIGN_SECONDS)


async def _sign_off(database: Database, owner: str) -> None:
    def sign() -> None:
        with database.begin() as db:
            processes.gone(db, owner)

    await once(sign)


async def _keep_watching(settings: Settings, database: Database, lead: Leadership) -> None:
    """Look every two minutes for what the operator has to see to."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            if lead.leads:
                await watch(settings, database, now=datetime.now(UTC))
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            log.error("alerts: %s; trying again in %.0f s", _kind(error), WATCH_SECONDS)


async def _keep_polling(settings: Settings, database: Database, lead: Leadership) -> None:
    while True:
        if lead.leads:
            await _poll(settings, database)
        await asyncio.sleep(POLL_SECONDS if lead.leads else BEAT)


async def _poll(settings: Settings, database: Database) -> None:
    """A look at what is due.  A source's failures are told by `fetch`."""
    try:
        report = await fetch(settings, database, now=datetime.now(UTC))
        if stored := sum(one.stored for one in report.results):
            log.info("%d new articles", stored)
    except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
        # Only the kind: a message may hold an address.
        log.error("polling: %s; trying again in %.0f s", _kind(error), POLL_SECONDS)


def _kind(error: BaseException) -> str:
    """The kind of an error, or of the first in a group."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return type(error).__name__


@contextlib.asynccontextmanager
async def _receiving(settings: Settings, database: Database) -> AsyncIterator[None]:
    """What comes back of mails is read meanwhile, where there is a place that it comes to."""
    receiver = Receiver(settings, database)
    async with contextlib.AsyncExitStack() as stack:
        if settings.feedback.lmtp_port:
            port = await stack.enter_async_context(listening(settings.feedback.lmtp_port, receiver.take))
            log.info("LMTP on port %d", port)
        await stack.enter_async_context(meanwhile(keep_looking(receiver, seconds=settings.feedback.seconds)))
        stack.callback(receiver.stop)
        yield


@contextlib.asynccontextmanager
async def _web(settings: Settings, database: Database, wake: Callable[[], None], pulse: Pulse) -> AsyncIterator[None]:
    site = Site(settings, database, wake=wake, alive=pulse.alive)
    server = Server(site, host=settings.web.host, port=settings.web.port)
    log.info("web pages on %s", server.url)
    if not settings.desk.serve:
        log.info("%s", CLOSED)
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        site.end()
        await server.stop()
        await serving
