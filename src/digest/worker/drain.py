"""Deliveries that are due, in; outcomes, out.  Ends when nothing more is due."""

import asyncio
import logging
import random
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from digest import links
from digest.config import Settings, bounce_mailbox
from digest.model import Delivery, DeliveryState, EditionStatus, Outcome, Stage
from digest.outbox.headers import AddressError, wire_address
from digest.outbox.policy import Breaker, Settlement, settle
from digest.store import deliveries, editions
from digest.store.database import Database
from digest.store.deliveries import Settled
from digest.transport.smtp import Relay, tls_context
from digest.worker.journal import LEASE, Journal
from digest.worker.letters import Letters

log = logging.getLogger(__name__)

GRACE = 8.0  #: seconds that messages on the wire get to finish when the program is told to stop
RECONNECT_TRIES = 3  #: failed connections in a row, over all lanes, before the relay counts as unreachable
REFUSED_CONTENT = Outcome(stage=Stage.RCPT, code=553, text="5.1.3 the address cannot be written in a message")


@dataclass(kw_only=True)
class Drained:
    """What one drain did."""

    settled: dict[DeliveryState, int] = field(default_factory=dict)
    unreachable: str = ""  #: why the relay could not be reached, in the end
    paused: str = ""  #: why sending stopped itself
    seconds: float = 0.0


class Drain:
    """One run over what is due, with as many lanes as there are connections."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        owner: str,
        stop: asyncio.Event,
        edition_id: int | None = None,
        progress: Callable[[DeliveryState], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._owner = owner
        self._stop = stop
        self._edition_id = edition_id
        self._progress = progress
        self._breaker = Breaker()
        self._dice = random.Random(owner)  # noqa: S311 - spreads retries, guards nothing
        self._editions: dict[int, EditionStatus] = {}
        self._stock: list[Delivery] = []
        self._supply = asyncio.Lock()
        self._failures = 0
        self._fault: Exception | None = None
        self._report = Drained()

    @cached_property
    def _letters(self) -> Letters:
        return Letters(self._settings, self._database)

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        return None if self._settings.smtp.security == "none" else tls_context()

    async def run(self) -> Drained:
        begun = time.monotonic()
        async with Journal(self._database, self._owner) as journal:
            lanes = [asyncio.create_task(self._lane(journal)) for _ in range(self._settings.smtp.connections)]
            await self._watch(lanes)
        await asyncio.to_thread(self._give_back)
        if self._fault:
            raise self._fault
        self._report.seconds = time.monotonic() - begun
        return self._report

    async def _watch(self, lanes: Sequence[asyncio.Task[None]]) -> None:
        """Wait for the lanes; once told to stop, only so long as a message on the wire may take."""
        stopping = asyncio.create_task(self._stop.wait())
        everyone = asyncio.create_task(asyncio.wait(lanes))
        await asyncio.wait({everyone, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not everyone.done():
            await asyncio.wait({everyone}, timeout=GRACE)
        stopping.cancel()
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(everyone, *lanes, return_exceptions=True)

    # --- one lane ----------------------------------------------------------------------------------------------------

    async def _lane(self, journal: Journal) -> None:
        relay: Relay | None = None
        try:
            while not self._halted and (delivery := await self._next()) is not None:
                relay = relay or Relay(self._settings.smtp, ssl_context=self._tls)
                await self._deliver(journal, relay, delivery)
        except Exception as error:  # noqa: BLE001 - the other lanes finish their messages before it is raised
            self._fault = error
        finally:
            if relay:
                await asyncio.shield(relay.close())

    async def _deliver(self, journal: Journal, relay: Relay, delivery: Delivery) -> None:
        """One delivery over one connection: envelope, the durable record, content, the outcome."""
        if not relay.usable and (outcome := await relay.open()) is not None:
            self._failures += 1
            if self._failures >= RECONNECT_TRIES:
                self._report.unreachable = outcome.reply
            self._settle(journal, delivery, outcome)
            return
        self._failures = 0
        try:
            message = self._letters.copy(delivery)
        except AddressError:
            self._settle(journal, delivery, REFUSED_CONTENT)
            return
        outcome = await relay.envelope(self._return_path(delivery), wire_address(delivery.address))
        if outcome is None:
            if not await journal.attempt(delivery):
                self._count(DeliveryState.SKIPPED)
                await relay.reset()
                return
            outcome = await relay.content(message)
        elif relay.usable:
            await relay.reset()
        self._settle(journal, delivery, outcome)

    def _return_path(self, delivery: Delivery) -> str:
        newsletter = self._settings.newsletters.get(delivery.edition.partition("/")[0])
        domain = newsletter.sender_domain if newsletter else self._settings.site.contact.rpartition("@")[2]
        mailbox = bounce_mailbox(self._settings.smtp, domain)
        return links.return_path(self._settings.site.keys, mailbox, delivery.edition_id, delivery.uid)

    # --- what became of it -------------------------------------------------------------------------------------------

    def _settle(self, journal: Journal, delivery: Delivery, outcome: Outcome) -> None:
        now = datetime.now(UTC)
        settlement = settle(
            outcome,
            attempts=delivery.attempts,
            in_doubt=delivery.in_doubt,
            hold=self._editions[delivery.edition_id].in_doubt_policy == "hold",
            now=now,
            dice=self._dice.random(),
        )
        journal.settle(
            Settled(
                delivery=delivery,
                state=settlement.state,
                due_at=settlement.due_at,
                code=outcome.reply,
                kind=settlement.kind,
                outcome=outcome,
                attempts=delivery.attempts + settlement.counts,
                in_doubt=settlement.in_doubt,
            )
        )
        self._count(settlement.state)
        self._consider_pausing(delivery, settlement)

    def _consider_pausing(self, delivery: Delivery, settlement: Settlement) -> None:
        reason = self._breaker.after(settlement)
        if not reason or self._report.paused:
            return
        self._report.paused = reason
        log.error("sending of edition %d pauses: %s", delivery.edition_id, reason)
        with self._database.begin() as db:
            editions.pause(db, delivery.edition_id, reason)

    def _count(self, state: DeliveryState) -> None:
        self._report.settled[state] = self._report.settled.get(state, 0) + 1
        self._progress(state)

    @property
    def _halted(self) -> bool:
        return bool(self._stop.is_set() or self._fault or self._report.paused or self._report.unreachable)

    # --- supply ------------------------------------------------------------------------------------------------------

    async def _next(self) -> Delivery | None:
        """The next delivery, claimed; None when nothing is due."""
        async with self._supply:
            if not self._stock and not self._halted:
                self._stock = await asyncio.to_thread(self._claim)
                self._stock.reverse()
        return self._stock.pop() if self._stock else None

    def _claim(self) -> list[Delivery]:
        with self._database.begin() as db:
            claimed = deliveries.claim(
                db,
                now=datetime.now(UTC),
                limit=min(100, 8 * self._settings.smtp.connections),
                owner=self._owner,
                lease=LEASE,
                edition_id=self._edition_id,
            )
            for edition_id in {one.edition_id for one in claimed} - set(self._editions):
                editions.start_sending(db, edition_id)
                self._editions[edition_id] = editions.lock(db, edition_id)
        return claimed

    def _give_back(self) -> None:
        """Queue again what this process claimed and did not offer; what it left open is in doubt."""
        with self._database.begin() as db:
            deliveries.recover(db, now=datetime.now(UTC), dead_owners=[self._owner])
