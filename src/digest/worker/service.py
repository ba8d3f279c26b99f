"""Sends whatever becomes due, until told to stop."""

import asyncio
import logging
import os
import secrets
import socket
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError

from digest.config import Settings
from digest.store.database import Database
from digest.worker.confirmations import send_confirmations
from digest.worker.drain import Drain, idle_until, tidy

log = logging.getLogger(__name__)

LONGEST_NAP = timedelta(seconds=2)  #: between looks at the database while nothing is due
UNREACHABLE_NAP = 15.0  #: seconds before the relay is tried again


def new_owner() -> str:
    """A name for this process that no other has: host, process number, and chance."""
    return f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(4)}"


async def keep_sending(
    settings: Settings, database: Database, *, owner: str, stop: asyncio.Event, wake: asyncio.Event
) -> None:
    """Drain the outbox again and again.  `wake` cuts a nap short."""
    while not stop.is_set():
        try:
            nap = await _round(settings, database, owner=owner, stop=stop)
        except DBAPIError as error:
            log.error("database: %s; trying again", type(error.orig).__name__)
            nap = LONGEST_NAP.total_seconds()
        await _nap(nap, stop, wake)


async def _round(settings: Settings, database: Database, *, owner: str, stop: asyncio.Event) -> float:
    """One look at what is due.  How long to wait for the next, in seconds."""
    now = datetime.now(UTC)
    await asyncio.to_thread(tidy, database, now=now)
    drained = await Drain(settings, database, owner=owner, stop=stop).run()
    if drained.settled:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(drained.settled.items()))
        log.info("%s in %.1f s", counts, drained.seconds)
        await asyncio.to_thread(tidy, database, now=datetime.now(UTC))
    if drained.unreachable:
        log.error("the mail server cannot be used: %s", drained.unreachable)
        return UNREACHABLE_NAP
    await send_confirmations(settings, database, stop=stop)
    return await asyncio.to_thread(idle_until, database, now=datetime.now(UTC), at_most=LONGEST_NAP)


async def _nap(seconds: float, stop: asyncio.Event, wake: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (stop, wake)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    wake.clear()
