"""Deliveries that are due, in; outcomes, out.  Ends when nothing more is due."""

import asyncio
import logging
import math
import random
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from digest.config import Route, Settings, Smtp
from digest.errors import Altered
from digest.model import Delivery, DeliveryState, EditionStatus, Outcome, Stage, domain_of
from digest.outbox.policy import Breaker, Settlement, Strain, settle
from digest.store import deliveries, editions
from digest.store.backup import unreleased
from digest.store.database import Database
from digest.store.deliveries import Settled
from digest.transport.opening import tls_context
from digest.transport.smtp import Relay
from digest.worker.budget import Budget, Claimed
from digest.worker.journal import Journal
from digest.worker.lane import Lane
from digest.worker.letters import Letters
from digest.worker.listening import Listener
from digest.worker.patience import Patience
from digest.worker.quiet import Quiet
from digest.worker.quota import Quota
from digest.worker.sharing import PAUSE, Shares
from digest.worker.shift import Shift
from digest.worker.supply import Supply, Window

log = logging.getLogger(__name__)

GRACE = 8.0  #: seconds that messages on the wire get to finish when the program is told to stop
RECONNECT_TRIES = 3  #: failed connections in a row, over all lanes, before the relay counts as unreachable
COMMIT_PAUSE = 0.05  #: seconds between two commits, at most, where a window lets messages go on meanwhile
#: Messages a second that a domain is thought to take while nothing is known: too many is found out within seconds, too
#: few would last, as a send that has just begun has not seen any rate yet.
LIKELY = 100.0
MOST_CLAIMED = 1000  #: deliveries claimed at once


@dataclass(kw_only=True)
class Drained:
    """What one drain did."""

    settled: dict[DeliveryState, int] = field(default_factory=dict)
    unreachable: str = ""  #: why the relay could not be reached, in the end
    paused: str = ""  #: why sending stopped itself
    closed: str = ""  #: why one of several relays is used no more for a while
    spent_until: datetime | None = None  #: a relay has taken what its warm-up allows for the day; when it goes on
    seconds: float = 0.0


def batch(smtp: Smtp) -> int:
    """How many deliveries are claimed at once, at most."""
    return min(MOST_CLAIMED, smtp.connections * max(8, 2 * smtp.window))


class Drain:
    """One run over what is due, with as many lanes as there are connections.

    Args:
        route: Over which of several relays; without it over the only one.
        shares: What it may claim beside other relays.
        leave: Asked whether this relay may be left out, as another goes on.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        shift: Shift,
        *,
        route: Route | None = None,
        shares: Shares | None = None,
        leave: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._route = route or settings.smtp.routes[0]
        self._smtp = self._route.smtp
        self._shares = shares
        self._leave = leave
        self._database = database
        self._shift = shift
        self._patience = Patience(shift.stop)
        self._breaker = Breaker()
        self._dice = random.Random(shift.owner)  # noqa: S311 - spreads retries, guards nothing
        self._listener = Listener(self._route, database, shift.clock, dice=self._dice)
        self._budget = Budget(self._route, shift, self._listener)
        self._quiet = Quiet(settings.newsletters, shift.clock)
        self._quota = Quota(self._route, shift.clock)
        self._editions: dict[int, EditionStatus] = {}
        self._failures = 0  #: to connect, since somebody last got through
        self._trouble = ""  #: why the last of them failed
        self._fault: Exception | None = None
        self._report = Drained()
        self._begun = time.monotonic()

    async def run(self) -> Drained:
        """Raises:
        ConfigError: a DKIM key cannot be used, or its signatures would not hold.
        DatabaseAway: it was told to stop while the database took nothing.
        """
        if first := await self._next_batch():
            try:
                await self._work(first)
            finally:
                await self._patience(self._give_back)
        if self._fault:
            raise self._fault
        if self._failures and not self._report.unreachable:  # fewer readers than tries
            self._give_up(self._trouble)
        self._report.spent_until = self._quota.spent_until
        self._report.seconds = time.monotonic() - self._begun
        return self._report

    async def _work(self, first: Sequence[Delivery]) -> None:
        letters = await asyncio.to_thread(Letters, self._settings, self._database)
        tls = None if self._smtp.security == "none" else tls_context()
        window = Window(self._smtp.window * self._smtp.connections) if self._smtp.window > 1 else None
        journal = Journal(
            self._database,
            self._shift,
            self._patience,
            pause=COMMIT_PAUSE if window else 0.0,
            plenty=window.places // 2 if window else 1,
            settled=window.give if window else lambda _: None,
            relay=self._route.name,
        )
        waiting = [first]

        supply = Supply(
            letters,
            journal,
            claim=lambda: self._next_batch(waiting),
            window=window,
            unwritable=lambda delivery, outcome: self._settle(journal, delivery, outcome),
            left=self._skip,
            holds_back=self._listener.holds_back,
            put_back=lambda delivery: self._return(journal, delivery, "its domain takes no mail at the moment"),
            ready=self._smtp.connections,
        )
        async with journal:
            async with supply:
                lanes = [self._lane(journal, supply, tls) for _ in range(self._smtp.connections)]
                await self._watch([asyncio.create_task(self._run(lane, relay)) for lane, relay in lanes])
            self._consider_fault(supply.fault)
            for parcel in (lane.following for lane, _ in lanes):
                if parcel and parcel.permitted_at is not None and not parcel.left:
                    self._return(journal, parcel.delivery)
            for delivery in supply.leftovers():
                self._return(journal, delivery)

    async def _watch(self, lanes: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the lanes; once told to stop, only so long as a message on the wire may take."""
        stopping = asyncio.create_task(self._shift.stop.wait())
        everyone = asyncio.create_task(asyncio.wait(lanes))
        await asyncio.wait({everyone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not everyone.done():
            await asyncio.wait({everyone}, timeout=GRACE)
        stopping.cancel()
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(everyone, *lanes, return_exceptions=True)

    # --- one lane ----------------------------------------------------------------------------------------------------

    def _lane(self, journal: Journal, supply: Supply, tls: ssl.SSLContext | None) -> tuple[Lane, Relay]:
        relay = Relay(self._smtp, ssl_context=tls)
        lane = Lane(
            relay,
            supply,
            settle=lambda delivery, outcome: self._settle(journal, delivery, outcome),
            halted=lambda: self._halted,
            depth=self._smtp.window,
        )
        return lane, relay

    async def _run(self, lane: Lane, relay: Relay) -> None:
        try:
            await lane.run()
        except Exception as error:  # noqa: BLE001 - the other lanes finish their messages before it is raised
            self._fault = error
        finally:
            await asyncio.shield(relay.close())

    # --- what became of it -------------------------------------------------------------------------------------------

    def _settle(self, journal: Journal, delivery: Delivery, outcome: Outcome) -> None:
        now = self._shift.clock()
        self._consider_reach(outcome)
        blocked = self._listener.is_blocked(delivery)  # then it is no try of this delivery
        settlement = settle(
            outcome,
            attempts=0 if blocked else delivery.attempts,
            in_doubt=delivery.in_doubt,
            hold=self._editions[delivery.edition_id].in_doubt_policy == "hold",
            now=now,
            dice=self._dice.random(),
        )
        if settlement.strain is not Strain.NONE or self._listener.listens:
            self._consider_domain(domain_of(delivery.address), outcome, settlement)
        journal.settle(
            Settled(
                delivery=delivery,
                state=settlement.state,
                due_at=self._due_at(delivery, outcome, settlement),
                code=outcome.reply,
                kind=settlement.kind,
                outcome=outcome,
                attempts=delivery.attempts + (settlement.counts and not blocked),
                in_doubt=settlement.in_doubt,
                relay=self._route.name,
                blames_reader=settlement.strain is Strain.READER,
            )
        )
        self._quota.settled(delivery, taken=settlement.state is DeliveryState.SENT or settlement.in_doubt)
        self._count(settlement.state)
        if not (settlement.strain is Strain.POLICY and self._listener.is_blocked(delivery)):
            self._consider_pausing(delivery, settlement)

    def _due_at(self, delivery: Delivery, outcome: Outcome, settlement: Settlement) -> datetime | None:
        """Who was refused because the domain is shut comes again as soon as it is not, and need not wait any longer."""
        if settlement.due_at is None or settlement.strain is not Strain.PASSING:
            return settlement.due_at
        opens_at = self._listener.opens_at(domain_of(delivery.address), outcome)
        return min(settlement.due_at, opens_at) if opens_at else settlement.due_at

    def _return(self, journal: Journal, delivery: Delivery, why: str = "sending stopped before it was offered") -> None:
        """What was never offered: no content has left, and there is no doubt."""
        now = self._shift.clock()
        journal.settle(Settled(delivery=delivery, state=DeliveryState.QUEUED, due_at=now, kind="returned", text=why))
        self._quota.settled(delivery, taken=False)

    def _skip(self, delivery: Delivery) -> None:
        """Its reader has left, as the journal has recorded."""
        self._quota.settled(delivery, taken=False)
        self._count(DeliveryState.SKIPPED)

    def _consider_reach(self, outcome: Outcome) -> None:
        """Whether the mail server can be reached at all."""
        if outcome.stage is not Stage.CONNECT:
            self._failures = 0
            return
        self._failures += 1
        self._trouble = outcome.told
        if self._failures >= RECONNECT_TRIES and not self._report.unreachable:
            self._give_up(self._trouble)

    def _give_up(self, why: str) -> None:
        """On the relay, which cannot be reached."""
        self._report.unreachable = why
        if self._route.name:
            self._leave()
            self._close(why)

    def _close(self, why: str) -> None:
        """Leave this relay out for a while; what it has not offered goes to the others."""
        self._report.closed = why
        until = self._listener.close(why)
        log.warning("relay %s gets no mail until %s UTC: %s", self._route.name, f"{until:%H:%M:%S}", why)

    def _consider_domain(self, domain: str, outcome: Outcome, settlement: Settlement) -> None:
        """Whether it is this domain that takes mail, or refuses it, whoever the reader is."""
        if settlement.strain is Strain.NONE:
            self._listener.taken(domain)
            return
        strain, others = settlement.strain, self._breaker.takes
        self._listener.refused(domain, outcome, strain, others=others, seen=max(self._rate, LIKELY))

    @property
    def _rate(self) -> float:
        """Messages a second that were taken, since it began."""
        return self._report.settled.get(DeliveryState.SENT, 0) / max(1.0, time.monotonic() - self._begun)

    def _consider_pausing(self, delivery: Delivery, settlement: Settlement) -> None:
        reason = self._breaker.after(settlement)
        if not reason or self._report.paused or self._report.closed:
            return
        if self._route.name and self._leave():
            self._close(reason)
        else:
            self._pause(delivery.edition_id, reason)

    def _consider_fault(self, fault: Exception | None) -> None:
        """What was changed in the database concerns one edition: the others go on."""
        if isinstance(fault, Altered):
            self._pause(fault.edition_id, str(fault))
        else:
            self._fault = self._fault or fault

    def _pause(self, edition_id: int, reason: str) -> None:
        self._report.paused = reason
        log.error("sending of edition %d pauses: %s", edition_id, reason)
        with self._database.begin() as db:
            editions.pause(db, edition_id, reason)

    def _count(self, state: DeliveryState) -> None:
        self._report.settled[state] = self._report.settled.get(state, 0) + 1
        self._shift.progress(state)

    @property
    def _halted(self) -> bool:
        report = self._report
        return bool(self._shift.stop.is_set() or self._fault or report.paused or report.unreachable or report.closed)

    # --- the database -------------------------------------------------------------------------------------------------

    async def _next_batch(self, waiting: list[Sequence[Delivery]] | None = None) -> Sequence[Delivery]:
        """What is due, claimed, once it has its turn; nothing when nothing is due, or sending has halted."""
        if waiting:
            return waiting.pop()
        while not self._halted:
            claimed = await self._claimed()
            if claimed.deliveries or claimed.again is None or self._has_waited_enough:
                return claimed.deliveries
            with suppress(TimeoutError):
                await asyncio.wait_for(self._shift.stop.wait(), claimed.again)
        return []

    @property
    def _has_waited_enough(self) -> bool:
        return time.monotonic() - self._begun > self._shift.longest_wait

    async def _claimed(self) -> Claimed:
        """Within its part, where several relays share the mail."""
        most = batch(self._smtp)
        if self._listener.slowed:  # a second's worth, as who is slowed down has a turn with each claim and no more
            most = min(most, max(self._smtp.connections, math.ceil(self._rate)))
        if self._shares is None:
            return await self._patience(lambda: self._claim(most))
        most = min(most, self._shares.may_claim(self._route.name))
        if not most:
            return Claimed(deliveries=[], again=PAUSE)
        claimed = await self._patience(lambda: self._claim(most))
        self._shares.claimed(self._route.name, len(claimed.deliveries), asked=most)
        return claimed

    def _claim(self, most: int) -> Claimed:
        with self._database.begin() as db:
            if unreleased(db):
                return Claimed(deliveries=[])
            if not (most := self._quota.room(db, most)):
                return Claimed(deliveries=[], again=self._quota.again)
            claimed = self._loud(db, self._budget.claim(db, most))
            self._quota.reserve(db, len(claimed.deliveries))
            for edition_id in {one.edition_id for one in claimed.deliveries} - set(self._editions):
                editions.start_sending(db, edition_id)
                self._editions[edition_id] = editions.lock(db, edition_id)
        self._quota.hold(claimed.deliveries)
        return claimed

    def _loud(self, db: Connection, claimed: Claimed) -> Claimed:
        """Without what has to wait for the end of quiet hours; behind that there may be others."""
        going = self._quiet.pass_over(db, claimed.deliveries)
        return replace(claimed, deliveries=going, again=0.0 if claimed.deliveries and not going else claimed.again)

    def _give_back(self) -> None:
        """Queue again what this process claimed and did not offer; what it left open is in doubt."""
        with self._database.begin() as db:
            recovered = deliveries.recover(db, now=self._shift.clock(), dead_owners=[self._shift.owner])
            self._quota.leave(db, in_doubt=recovered.in_doubt)
            self._budget.leave(db)
