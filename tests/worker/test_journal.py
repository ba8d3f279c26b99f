"""When the journal writes: as often as the pause lets it, and at once when there is plenty."""

import asyncio
import time

import pytest

from build import NOW
from digest.model import DeliveryState as State
from digest.worker.journal import Journal
from digest.worker.patience import Patience
from digest.worker.shift import Shift
from queues import Queue, sent

LONG = 1.0  #: seconds


@pytest.fixture
def queue(sqlite_database):
    return Queue(sqlite_database, readers=4)


def seconds_for(queue, *rounds):
    """How long it takes until all of these are settled, a round after the other."""
    written = asyncio.Semaphore(0)

    async def settle(journal, settled):
        for one in settled:
            journal.settle(one)
        for _ in settled:
            await written.acquire()

    return seconds_of(queue, settle, rounds, settled=lambda number: [written.release() for _ in range(number)])


def seconds_of(queue, write, rounds, **options):
    async def journalled():
        begun = time.monotonic()
        shift, patience = Shift(owner="one", clock=lambda: NOW), Patience(asyncio.Event())
        async with Journal(queue.database, shift, patience, pause=LONG, plenty=2, **options) as journal:
            for one in rounds:
                await write(journal, one)
            return time.monotonic() - begun

    return asyncio.run(journalled())


def test_plenty_is_written_at_once(queue):
    claims = [sent(one) for one in queue.take()]
    assert seconds_for(queue, claims[:2], claims[2:]) < LONG
    assert queue.states() == [State.SENT] * 4


def test_little_waits_for_the_pause(queue):
    claims = [sent(one) for one in queue.take()]
    assert seconds_for(queue, claims[:3], claims[3:]) >= LONG
    assert queue.states() == [State.SENT] * 4


@pytest.mark.parametrize(("rounds", "waits"), [([2, 2], False), ([3, 1], True)], ids=["many", "few"])
def test_those_that_are_to_be_attempted_wait_where_they_are_few(queue, rounds, waits):
    claims = queue.claim()
    parts = claims[: rounds[0]], claims[rounds[0] :]
    assert (seconds_of(queue, Journal.attempt, parts) >= LONG) is waits
    assert queue.states() == [State.ATTEMPTING] * 4
