"""What is due, sent over all relays at once: a drain for each, with a part of the mail by its weight.

A relay that cannot be reached, or refuses us, is left out; what it has claimed and not offered is queued again, for the
others.  It is tried with a message a second when its time is over.  What it may have taken goes over no other one.
"""

import asyncio
import time
from dataclasses import replace
from datetime import datetime
from functools import partial

from digest.config import Route, Settings
from digest.model import DeliveryState
from digest.store import deliveries, paces
from digest.store.database import Database
from digest.store.owners import part
from digest.worker.drain import Drain, Drained, batch
from digest.worker.moments import Now, utcnow
from digest.worker.sharing import Shares
from digest.worker.shift import Shift

LOOK = 0.5  #: seconds between looks at whether a relay may be tried again


def hold_strays(settings: Settings, database: Database, clock: Now = utcnow) -> int:
    """Let what is in doubt at a relay that is not configured any more wait for a person; how many deliveries."""
    with database.begin() as db:
        return deliveries.hold_strays(db, [one.name for one in settings.smtp.relays], now=clock())


class Fleet:
    """One run over what is due."""

    def __init__(self, settings: Settings, database: Database, shift: Shift) -> None:
        self._settings = settings
        self._database = database
        self._shift = shift
        self._routes = settings.smtp.routes
        weights = {one.name: one.weight for one in self._routes}
        self._shares = Shares(weights, batch=sum(batch(one.smtp) for one in self._routes))
        self._closed: set[str] = set()
        self._report = Drained()

    async def run(self) -> Drained:
        """Raises:
        ConfigError, DatabaseAway: as a drain does; the other relays have finished by then.
        """
        begun = time.monotonic()
        if len(self._routes) == 1 and not self._routes[0].name:
            return await Drain(self._settings, self._database, self._shift).run()
        self._closed = set(await asyncio.to_thread(self._shut))
        while await self._all() and not self._shift.stop.is_set() and not self._report.paused:
            pass  # who closed has left something to the others, who may have come to their end before
        await self._sum_up()
        self._report.seconds = time.monotonic() - begun
        return self._report

    async def _all(self) -> bool:
        """Whether a relay was closed meanwhile, and others are left."""
        before = set(self._closed)
        tasks = [self._keep(number, one) for number, one in enumerate(self._routes) if one.name not in before]
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                raise error
        return self._closed > before and len(self._closed) < len(self._routes)

    async def _keep(self, number: int, route: Route) -> None:
        """Until there is nothing more to do for it."""
        while True:
            self._closed.discard(route.name)
            self._shares.come(route.name)
            try:
                report = await self._drain(number, route).run()
            finally:
                self._shares.go(route.name)
            self._add(report)
            if report.closed:
                self._closed.add(route.name)
            elif report.spent_until is None:
                return
            if not await self._opens_again(route, report.spent_until):
                return

    def _drain(self, number: int, route: Route) -> Drain:
        return Drain(
            self._settings,
            self._database,
            replace(self._shift, owner=part(self._shift.owner, number), progress=partial(self._moved, route)),
            route=route,
            shares=self._shares,
            leave=partial(self._leaves, route),
        )

    def _leaves(self, route: Route) -> bool:
        """At once, and not when its drain has ended: of two that are refused together one has to stay."""
        goes_on = any(one.name not in self._closed for one in self._routes if one is not route)
        if goes_on:
            self._closed.add(route.name)
        return goes_on

    def _moved(self, route: Route, state: DeliveryState) -> None:
        self._shares.moved(route.name)
        self._shift.progress(state)

    async def _opens_again(self, route: Route, spent_until: datetime | None) -> bool:
        """Whether it is to be tried again while the others are still at work; not before its next day of warm-up."""
        while self._shares.at_work and not self._shift.stop.is_set():
            is_spent = spent_until is not None and self._shift.clock() < spent_until
            if not is_spent and route.name not in await asyncio.to_thread(self._shut):
                return True
            await asyncio.sleep(LOOK)
        return False

    def _shut(self) -> dict[str, str]:
        """The relays that may not be tried yet, and why not."""
        with self._database.read() as db:
            shut = paces.shut_relays(db, [one.name for one in self._routes], now=self._shift.clock())
        return {name: one.reason for name, one in shut.items()}

    def _add(self, report: Drained) -> None:
        for state, count in report.settled.items():
            self._report.settled[state] = self._report.settled.get(state, 0) + count
        self._report.paused = self._report.paused or report.paused
        self._report.spent_until = report.spent_until or self._report.spent_until

    async def _sum_up(self) -> None:
        shut = await asyncio.to_thread(self._shut)
        self._report.closed = "; ".join(f"{name}: {why}" for name, why in sorted(shut.items()))
        if len(shut) == len(self._routes):
            self._report.unreachable = self._report.closed
