"""A connection on which nothing moves keeps its own messages, and nobody else's."""

import asyncio
import time

import pytest

from digest.model import DeliveryState as State
from digest.store import owners
from digest.worker.drain import Drain
from digest.worker.shift import Shift
from digest.worker.supply import Window
from pipeliner import OFFERS, pipeliner


@pytest.fixture
def window(request):
    return getattr(request, "param", 2)


@pytest.fixture
def beside(approved, sending, database):
    """Send to so many readers over eight connections, some of which get stuck.

    When each was sent: up to what the stuck ones may hold while they are stuck, the rest once they are let go.
    """

    def run(readers, *, stuck, bdat=False, **server_options):
        approved(readers)
        told = []

        async def main():
            async with pipeliner(offers=(*OFFERS, "CHUNKING"), stuck=stuck, **server_options) as (server, port):
                smtp = sending.smtp.model_copy(update={"port": port, "connections": 8, "bdat": bdat})
                settings = sending.model_copy(update={"smtp": smtp})
                others, enough = readers - stuck * smtp.window, asyncio.Event()

                def progress(state):
                    told.append((state, time.monotonic()))
                    if len(told) >= others:
                        enough.set()

                drain = Drain(settings, database, Shift(owner="test", progress=progress))
                task = asyncio.create_task(drain.run())
                await asyncio.wait_for(enough.wait(), 30)
                server.go_on.set()
                await task

        with owners.Presence(database, "test"):
            asyncio.run(main())
        assert [state for state, _ in told] == [State.SENT] * readers
        return [when for _, when in told]

    return run


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("bdat", [False, True])
@pytest.mark.parametrize("stuck", [1, 7])
@pytest.mark.parametrize("window", [1, 2, 4, 16], indirect=True)
def test_all_others_get_theirs_meanwhile(stuck, bdat, beside):
    assert len(beside(200, stuck=stuck, bdat=bdat)) == 200


@pytest.mark.usefixtures("window")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("window", [1, 4], indirect=True)
def test_one_of_eight_costs_the_others_less_than_a_fifth(beside):
    """Answers take their time, so that connections bound the rate, of which seven are left."""
    sent = beside(700, stuck=1, after=350, pause=0.05)
    before, after = sent[340] - sent[40], sent[680] - sent[380]
    assert before / after > 0.8 * 7 / 8


def test_places_that_are_held_for_long_do_not_keep_from_the_rest():
    async def main():
        window = Window(16)
        held = await window.take(14)
        first = await window.take(8)
        waiting = asyncio.create_task(window.take(8))
        await asyncio.sleep(0)
        window.give(1)
        second = await asyncio.wait_for(waiting, 1)
        return held, first, second

    assert asyncio.run(main()) == (14, 2, 1)
