"""A clock that jumps between and during sends: no second edition, none lost, and each reader gets it once.

`JUMPS=100 pytest tests/worker/test_jumps.py` adds so many jumps by chance on each database.
"""

import asyncio
import os
import random
from datetime import UTC, datetime, timedelta

import pytest

from build import article, reader
from digest.config import Settings
from digest.model import EditionState
from digest.pipeline import storing
from digest.schedule.clock import Schedule
from digest.store import deliveries, editions, newsletters, owners, subscribers
from digest.store.database import Database
from digest.worker.drain import Drain
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy
from postbox import Mailbox

READERS = 6
DICE = random.Random(5)
SECONDS = [
    3600,
    -3600,
    86400,
    -86400,
    -600,
    *(DICE.uniform(-2e5, 2e5) for _ in range(int(os.environ.get("JUMPS", "0")))),
]
ORDINARY, LAST = datetime(2026, 11, 23, 7, 0, tzinfo=UTC), datetime(2038, 1, 19, 7, 0, tzinfo=UTC)
KEYS = {ORDINARY: "daily/2026-11-23", LAST: "daily/2038-01-19"}  # 2038: where 32 bits of seconds end


@pytest.fixture
def window() -> int:
    return 1


@pytest.mark.parametrize("due", [ORDINARY, LAST], ids=["2026", "2038"])
@pytest.mark.parametrize("jump", SECONDS)
def test_one_edition_and_one_copy_each_whatever_the_clock_does(
    jump: float, due: datetime, database: Database, sending: Settings, mailbox: Mailbox
) -> None:
    """It jumps in the middle of the send, by itself back again some minutes later, as when time is set by a server."""
    clock = [due]
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=due - timedelta(hours=1))
        storing.put(db, [article(n, published=due - timedelta(hours=n)) for n in range(1, 5)], now=due)
        people = [reader(n) for n in range(1, READERS + 1)]
        subscribers.add(db, people, newsletter="daily", consent="asked", now=due - timedelta(hours=1))

    def leap(_envelope: object) -> None:
        if len(mailbox.messages) == READERS // 2:
            clock[0] = due + timedelta(seconds=jump)

    mailbox.hooks["data"] = leap
    assert Schedule(sending, database).tick(due) == [KEYS[due]]
    for now in (None, due + timedelta(seconds=jump), due + timedelta(minutes=5)):
        clock[0] = now or clock[0]
        others = Schedule(sending, database).tick(clock[0]) if now else []
        assert KEYS[due] not in others
        send(sending, database, clock)
    tidy(database, now=due + timedelta(minutes=30))
    with database.read() as db:
        status = editions.get(db, KEYS[due])
        assert status
        tally = deliveries.tally(db, status.id)
    assert status.state is EditionState.DONE
    assert tally.adds_up
    assert tally.in_doubt == 0
    mine = [one for one in mailbox.messages if KEYS[due] in one.raw.decode()]
    assert sorted(one.recipient for one in mine) == [f"reader{n}@example.net" for n in range(1, READERS + 1)]


def send(settings: Settings, database: Database, clock: list[datetime]) -> None:
    async def main() -> None:
        await Drain(settings, database, Shift(owner="test", clock=lambda: clock[0])).run()

    with owners.Presence(database, "test"):
        asyncio.run(main())
