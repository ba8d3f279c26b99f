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
    """How long it takes until all of these are written, a round after the other."""

    async def write():
        begun, written = time.monotonic(), asyncio.Semaphore(0)
        journal = Journal(
            queue.database,
            Shift(owner="one", clock=lambda: NOW),
            Patience(asyncio.Event()),
            pause=LONG,
            plenty=2,
            settled=lambda number: [written.release() for _ in range(number)],
        )
        async with journal:
            for settled in rounds:
                for one in settled:
                    journal.settle(one)
                for _ in settled:
                    await written.acquire()
            return time.monotonic() - begun

    return asyncio.run(write())


def test_plenty_is_written_at_once(queue):
    claims = [sent(one) for one in queue.take()]
    assert seconds_for(queue, claims[:2], claims[2:]) < LONG
    assert queue.states() == [State.SENT] * 4


def test_little_waits_for_the_pause(queue):
    claims = [sent(one) for one in queue.take()]
    assert seconds_for(queue, claims[:3], claims[3:]) >= LONG
    assert queue.states() == [State.SENT] * 4
