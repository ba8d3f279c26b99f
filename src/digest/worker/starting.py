"""A question to the database in, whether it was answered out: a server that starts later than we is waited for."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from time import monotonic

from sqlalchemy.exc import OperationalError

from digest.store.trouble import is_of_server, matter

log = logging.getLogger(__name__)

PAUSE = 2.0  #: seconds between two questions


async def answers(ask: Callable[[], object], stop: asyncio.Event, *, seconds: float) -> bool:
    """Ask, in a thread, until there is an answer; False if told to stop.

    Raises:
        OperationalError: it is a file that cannot be used, or a server that has not answered for so many `seconds`.
    """
    began, told = monotonic(), False
    while not stop.is_set():
        try:
            await asyncio.to_thread(ask)
        except OperationalError as error:
            if not is_of_server(error) or monotonic() - began > seconds:
                raise
            if not told:
                log.error("the database: %s; waiting for it", matter(error))
            told = True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE)
        else:
            return True
    return False
