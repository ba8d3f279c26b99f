"""Copies recorded ahead: what a look at whose readers have left may still stop, and what it may not."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from digest.model import DeliveryState as State
from digest.store import deliveries, subscribers
from digest.worker import supply as supplying
from digest.worker.journal import Journal
from digest.worker.letters import Letters
from digest.worker.moments import LEASE
from digest.worker.patience import Patience
from digest.worker.shift import Shift
from digest.worker.supply import Supply, Window


class Held(Journal):
    """Whose looks are only heard of once they are let through."""

    def __init__(self, *words):
        super().__init__(*words)
        self.has_looked, self.through = asyncio.Event(), asyncio.Event()

    async def left(self, attempting):
        found = await super().left(attempting)
        self.has_looked.set()
        await self.through.wait()
        return found


@pytest.fixture
def claimed(approved, database):
    status = approved(2)
    with database.begin() as db:
        return deliveries.claim(db, now=datetime.now(UTC), limit=2, owner="one", lease=LEASE, edition_id=status.id)


@pytest.mark.parametrize("window", [4], indirect=True)
def test_a_copy_that_went_while_it_was_looked_at_is_not_skipped_for_it(claimed, database, sending, monkeypatch):
    """Both readers leave.  One copy is offered while the last look is good enough; the other waits for a new one."""
    batches, skipped, now = [claimed], [], [1.0]
    monkeypatch.setattr(supplying, "time", SimpleNamespace(monotonic=lambda: now[0]))

    async def claim():
        return batches.pop() if batches else []

    def never(*_):
        raise AssertionError

    async def main():
        async with Held(database, Shift(owner="one"), Patience(asyncio.Event())) as journal:
            supply = Supply(
                Letters(sending, database),
                journal,
                claim=claim,
                window=Window(4),
                unwritable=never,
                left=skipped.append,
                holds_back=lambda _: False,
                put_back=never,
                ready=2,
            )
            async with supply:
                offered, waits = [await supply.next(), await supply.next()]
                with database.begin() as db:
                    for one in claimed:
                        subscribers.unsubscribe(db, one.subscriber_id, "daily", now=datetime.now(UTC))
                now[0] += 0.6 * supplying.FRESH
                assert await supply.permit(offered)
                await journal.has_looked.wait()
                now[0] += 0.6 * supplying.FRESH
                answer = asyncio.create_task(supply.permit(waits))
                await asyncio.sleep(0)
                journal.through.set()
                assert not await answer
        return offered, waits

    offered, waits = asyncio.run(main())
    assert skipped == [waits.delivery]
    with database.read() as db:
        states = {one.uid: one.state for one in deliveries.listing(db, offered.delivery.edition_id)}
    assert states == {offered.delivery.uid: State.ATTEMPTING, waits.delivery.uid: State.SKIPPED}
