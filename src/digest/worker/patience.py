"""Something to do in the database in, what came of it out: tried until it is taken, or the program has to end.

The operator is told once that it is away and why, and once that it is back.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from digest.errors import DatabaseAway
from digest.store.trouble import matter

log = logging.getLogger(__name__)

PAUSE = 0.5  #: seconds between two tries
LAST_TRIES = 6  #: once the program has to end

T = TypeVar("T")


class Patience:
    """Of one process, for all that it has to write down.

    Args:
        stop: Set when the program has to end.
    """

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._left = LAST_TRIES
        self._failing = 0  #: how much waits for the database
        self._matter = ""
        self._since = 0.0

    async def __call__(self, work: Callable[[], T]) -> T:
        """What `work` returns, from a thread; it may be begun again after a commit whose answer was lost.

        Raises:
            DatabaseAway: the program has to end, and the database has not come back.
        """
        failing = False
        try:
            while True:
                try:
                    done = await asyncio.to_thread(work)
                    break
                except DBAPIError as error:
                    self._failing += not failing
                    failing = True
                    self._tell(matter(error))
                    self._lose_patience()
                    await asyncio.sleep(PAUSE)
        finally:
            self._failing -= failing
        if failing:
            self._tell_end()
        return done

    def _lose_patience(self) -> None:
        self._left -= self._stop.is_set()
        if self._left <= 0:
            raise DatabaseAway(f"the database takes nothing: {self._matter}") from None

    def _tell(self, why: str) -> None:
        if not self._matter:
            self._since = time.monotonic()
        if why != self._matter:
            log.error("the database takes nothing: %s; sending waits for it", why)
        self._matter = why

    def _tell_end(self) -> None:
        """Once nothing waits any more: what only reads may succeed while a disk is full."""
        if not self._failing:
            log.warning("the database is back after %.0f s", time.monotonic() - self._since)
            self._matter, self._left = "", LAST_TRIES
