"""What the lanes say, in; durable records, out: commits grouped over all connections.

The journal keeps the promise of the outbox: `attempt` returns only after "attempting" is committed, and what a lane
settled before is committed no later than that.  So at any moment only what was attempted and not settled could be left
unknown by a crash; `Supply` sees to it that this is never more than connections x window.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from digest.errors import DatabaseAway
from digest.model import Delivery, DeliveryState
from digest.store import deliveries
from digest.store.database import Database
from digest.store.deliveries import Settled
from digest.store.outcomes import LEFT
from digest.worker import refusals
from digest.worker.patience import Patience
from digest.worker.shift import Shift

log = logging.getLogger(__name__)

Claims = set[tuple[int, int, int]]


class Journal:
    """One writer for the lanes of one process.  Use as an async context manager.

    Args:
        patience: Tries until the database takes it: what the mail server accepted must never be forgotten.
        pause: Seconds between two commits, at most: what comes meanwhile goes into the next one.
        plenty: So many settlements, or deliveries that are to be attempted, do not wait for the pause to end.
        settled: Told how many settlements a commit has written.
        relay: Over which of several the content leaves.
    """

    def __init__(
        self,
        database: Database,
        shift: Shift,
        patience: Patience,
        *,
        pause: float = 0.0,
        plenty: int = 1,
        settled: Callable[[int], None] = lambda _: None,
        relay: str = "",
    ) -> None:
        self._database = database
        self._shift = shift
        self._patience = patience
        self._pause = pause
        self._plenty = plenty
        self._on_settled = settled
        self._relay = relay
        self._settled: list[Settled] = []
        self._wanted: list[tuple[Sequence[Delivery], asyncio.Future[Claims]]] = []
        self._news = asyncio.Event()
        self._enough = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._idle.wait()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def attempt(self, claimed: Sequence[Delivery]) -> Claims:
        """Record that content is about to leave; the `Delivery.claim` of those that may go, and others' beside them.

        Those that may not have left since, are suppressed, or the claim was lost.

        Raises:
            DatabaseAway: nothing could be recorded, and the program has to end.
        """
        answer: asyncio.Future[Claims] = asyncio.get_running_loop().create_future()
        self._wanted.append((claimed, answer))
        self._wake(sum(len(one) for one, _ in self._wanted))
        return await answer

    async def left(self, attempting: Sequence[Delivery]) -> Claims:
        """The `Delivery.claim` of those whose readers have left since."""
        return await self._patience(lambda: self._gone(attempting))

    def skip(self, delivery: Delivery) -> None:
        """Record that the reader has left, and that no content has."""
        now = self._shift.clock()
        self.settle(Settled(delivery=delivery, state=DeliveryState.SKIPPED, due_at=now, kind="skipped", text=LEFT))

    def settle(self, settled: Settled) -> None:
        """Record what became of a delivery; it is written before anything that is recorded later."""
        self._settled.append(settled)
        self._wake(len(self._settled))

    def _wake(self, waiting: int) -> None:
        self._idle.clear()
        self._news.set()
        if waiting >= self._plenty:
            self._enough.set()

    async def _write(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            self._enough.clear()
            settled, self._settled = self._settled, []
            wanted, self._wanted = self._wanted, []
            try:
                allowed = await self._commit(settled, [delivery for claimed, _ in wanted for delivery in claimed])
            except DatabaseAway as away:
                self._give_up(away, len(settled), [answer for _, answer in wanted])
            else:
                self._answer(allowed, wanted)
            self._on_settled(len(settled))
            if not self._settled and not self._wanted:
                self._idle.set()
            if self._pause:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._enough.wait(), self._pause)

    @staticmethod
    def _answer(allowed: Claims, wanted: Sequence[tuple[Sequence[Delivery], asyncio.Future[Claims]]]) -> None:
        for _, answer in wanted:
            if not answer.done():
                answer.set_result(allowed)

    @staticmethod
    def _give_up(away: DatabaseAway, settled: int, answers: Sequence[asyncio.Future[Claims]]) -> None:
        """The program has to end: nothing more may leave, and what was not written down will be in doubt."""
        if settled:
            log.error("%d outcomes could not be recorded: these deliveries will be in doubt", settled)
        for answer in answers:
            if not answer.done():
                answer.set_exception(away)

    def _gone(self, attempting: Sequence[Delivery]) -> Claims:
        with self._database.read() as db:
            return deliveries.gone(db, attempting)

    async def _commit(self, settled: Sequence[Settled], wanted: Sequence[Delivery]) -> Claims:
        return await self._patience(lambda: self._transaction(settled, wanted))

    def _transaction(self, settled: Sequence[Settled], wanted: Sequence[Delivery]) -> Claims:
        shift = self._shift
        now = shift.clock()
        with self._database.begin() as db:
            if settled:
                deliveries.settle(db, settled, now=now)
                refusals.count(db, settled, now=now)
            if not wanted:
                return set()
            return deliveries.attempt(db, wanted, now=now, owner=shift.owner, lease=shift.lease, relay=self._relay)
