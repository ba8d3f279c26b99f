"""Several daemons on one database in, one that asks for slots and polls out.

The others take over at their next look when the leader's process has ended (`store/owners.py`: the operating system and
PostgreSQL free its lock), and after `SILENCE` when it is paused, or cannot reach the database.  This saves work and
makes the log readable.  That no edition is made twice does not hang on it: for that there is the unique row of a slot.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from digest.store import leaders, owners
from digest.store.database import Database
from digest.store.leaders import Leader

log = logging.getLogger(__name__)

BEAT = 2.0  #: seconds between two beats of the leader, and between two looks of the others
SILENCE = 10.0  #: seconds without a beat, by the clock of who listens, after which another takes over


class Leadership:
    """Whether this process leads.

    Args:
        owner: Its name, under which an `owners.Presence` says that it lives.
        steady: Seconds by a clock that never jumps.
    """

    def __init__(self, database: Database, owner: str, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._owner = owner
        self._steady = steady
        self._until = float("-inf")
        self._led = False
        self._heard: Leader | None = None
        self._heard_at = 0.0

    @property
    def leads(self) -> bool:
        """False, too, once it could not beat for so long that another may have taken over."""
        return self._steady() < self._until

    def ask(self, now: datetime) -> bool:
        """Beat, or take a lead that is free; whether it leads.

        Raises:
            DBAPIError: the database cannot be reached; a lead ends by itself if that goes on.
        """
        asked = self._steady()
        with self._database.read() as db:
            found = leaders.current(db)
        leads = self._beats(found, now) if found and found.owner == self._owner else self._takes(found, now)
        self._until = asked + SILENCE if leads else float("-inf")
        self._tell(leads=leads)
        return self.leads

    def _beats(self, own: Leader, now: datetime) -> bool:
        with self._database.begin() as db:
            return leaders.beat(db, own, now=now)

    def _takes(self, found: Leader | None, now: datetime) -> bool:
        if found and not self._is_silent(found) and not owners.dead(self._database, [found.owner]):
            return False
        with self._database.begin() as db:
            return leaders.take(db, self._owner, instead_of=found, now=now)

    def _is_silent(self, found: Leader) -> bool:
        if self._heard is None or (found.term, found.beats) != (self._heard.term, self._heard.beats):
            self._heard, self._heard_at = found, self._steady()
        return self._steady() - self._heard_at >= SILENCE

    def _tell(self, *, leads: bool) -> None:
        if leads != self._led:
            log.info("this process leads: it asks for slots and polls" if leads else "another process leads by now")
        self._led = leads
