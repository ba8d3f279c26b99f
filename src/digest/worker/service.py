"""Sends whatever becomes due, until told to stop."""

import asyncio
import logging
import os
import secrets
import socket
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from digest.config import Settings
from digest.errors import DatabaseAway
from digest.store.database import Database
from digest.worker.confirmations import send_confirmations
from digest.worker.fleet import Fleet, hold_strays
from digest.worker.moves import send_moves
from digest.worker.patience import Patience
from digest.worker.shift import Shift
from digest.worker.upkeep import nap, tidy

log = logging.getLogger(__name__)

LONGEST_NAP = timedelta(seconds=2)  #: between looks at the database while nothing is due
FAULT_NAP = 5.0  #: seconds before another try after something unforeseen
LONGEST_WAIT = 30.0  #: seconds of a drain that waits for turns; confirmation mails and upkeep are not to wait for hours
UNREACHABLE_NAP = 15.0  #: seconds before the relay is tried again


def new_owner() -> str:
    """A name for this process that no other has: host, process number, and chance."""
    return f"{socket.gethostname()[:16]}-{os.getpid()}-{secrets.token_hex(4)}"


async def keep_sending(
    settings: Settings,
    database: Database,
    *,
    owner: str,
    stop: asyncio.Event,
    wake: asyncio.Event,
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Drain the outbox again and again.  `wake` cuts a nap short; `beat` is called whenever something moved."""
    await Patience(stop)(lambda: hold_strays(settings, database))
    while not stop.is_set():
        try:
            seconds = await _round(settings, database, owner=owner, stop=stop, beat=beat)
            beat()
        except DatabaseAway as error:
            log.error("%s", error)
            return
        except Exception as error:  # noqa: BLE001 - it has to be there tomorrow as well
            where = "".join(traceback.format_tb(error.__traceback__)).rstrip()
            # Without its message, which may hold somebody's address.
            log.error("%s; trying again in %.0f s\n%s", type(error).__name__, FAULT_NAP, where)
            seconds = FAULT_NAP
        await _sleep(seconds, stop, wake)


async def _round(
    settings: Settings, database: Database, *, owner: str, stop: asyncio.Event, beat: Callable[[], None]
) -> float:
    """One look at what is due.  How long to wait for the next, in seconds."""
    patience = Patience(stop)
    await patience(lambda: tidy(database, now=datetime.now(UTC)))
    shift = Shift(owner=owner, stop=stop, longest_wait=LONGEST_WAIT, progress=lambda _: beat())
    drained = await Fleet(settings, database, shift).run()
    if drained.settled:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(drained.settled.items()))
        log.info("%s in %.1f s", counts, drained.seconds)
        await patience(lambda: tidy(database, now=datetime.now(UTC)))
    if drained.unreachable:
        log.error("the mail server cannot be used: %s", drained.unreachable)
        return UNREACHABLE_NAP
    await send_confirmations(settings, database, stop=stop)
    await send_moves(settings, database, stop=stop)
    if drained.closed or drained.spent_until:  # what waits for it is due, and to look again at once would find nothing
        return LONGEST_NAP.total_seconds()
    return await asyncio.to_thread(nap, database, now=datetime.now(UTC), at_most=LONGEST_NAP)


async def _sleep(seconds: float, stop: asyncio.Event, wake: asyncio.Event) -> None:
    waits = [asyncio.create_task(event.wait()) for event in (stop, wake)]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    wake.clear()
