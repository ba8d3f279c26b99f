"""Relays that warm up, with real workers and servers, on both databases."""

import asyncio
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from build import reader
from digest.config import RelayTable, WarmUp
from digest.model import DeliveryState as State
from digest.model import Reason
from digest.outbox.warming import goes_on_at
from digest.store import newsletters, owners, subscribers, suppressions, warming
from digest.store.database import Database
from digest.store.schema import deliveries as table
from digest.store.schema import warm_ups
from digest.worker import service
from digest.worker.confirmations import send_confirmations
from digest.worker.drain import Drain
from digest.worker.fleet import Fleet
from digest.worker.quota import left, warmth
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy
from pipeliner import pipeliner
from postbox import Mailbox


@pytest.fixture
def at():
    """The moment of a send, by argument: no test minds midnight."""
    return datetime.now(UTC).replace(hour=12) + timedelta(days=1)


@pytest.fixture
def plan(at):
    """Makes a plan that begins today."""
    return lambda first_day, **over: WarmUp.model_validate({"begin": at.date(), "first_day": first_day, **over})


@pytest.fixture
def warm(sending, plan):
    """Settings in which the only mail server may take so many on the first day."""

    def make(first_day, **over):
        smtp = sending.smtp.model_copy(update={"warm_up": plan(first_day, **over)})
        return sending.model_copy(update={"smtp": smtp})

    return make


@pytest.fixture
def ready(approved, at, database):
    """An approved edition whose copies are due at that moment."""

    def make(readers):
        status = approved(readers, expire_hours=96)
        with database.begin() as db:
            db.execute(update(table).values(due_at=at))
        return status

    return make


def run(kind, settings, database, *, now, owner="test", **over):
    """A drain or a fleet, as one process would have it, by the clock `now`."""
    work = kind(settings, database, Shift(owner=owner, clock=now, **over))
    with owners.Presence(database, owner):
        return asyncio.run(work.run())


def used(database):
    """By relay and day."""
    with database.read() as db:
        return {(row.relay, row.day): row.used for row in db.execute(select(warm_ups))}


def attempts(database):
    with database.read() as db:
        return set(db.execute(select(table.c.attempts)).scalars())


def test_two_workers_at_once_take_what_the_day_has_and_no_more(
    *, ready, warm, at, mailbox, database_url, database, tally
):
    status, settings = ready(90), warm(50)
    mailbox.refuse["reader7@example.net"] = "451 4.3.0 later"

    def work(number):
        mine = Database(database_url)
        run(Drain, settings, mine, now=lambda: at, owner=f"worker{number}")
        mine.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    run(Drain, settings, database, now=lambda: at, owner="after")  # what came back of one, as the other had ended
    assert len(mailbox.messages) == len(set(mailbox.addresses)) == 50
    assert used(database) == {("", at.date()): 50}
    assert tally(status).states == {State.SENT: 50, State.QUEUED: 40}
    assert attempts(database) == {0, 1}, "who waits for tomorrow has not been tried"


def test_over_midnight_there_is_what_the_next_day_has_until_there_is_no_limit(
    *, ready, warm, at, mailbox, database, tally
):
    status, settings, sent = ready(80), warm(10, growth=2, until=40), []
    for day in range(3):
        drained = run(Drain, settings, database, now=partial(at.__add__, timedelta(days=day)), owner=f"day {day}")
        sent.append(drained.settled[State.SENT])
        assert drained.spent_until == (
            goes_on_at(settings.smtp.warm_up, at.date() + timedelta(day)) if day < 2 else None
        )
    assert sent == [10, 20, 50]
    assert used(database) == {("", at.date()): 10, ("", at.date() + timedelta(1)): 20}
    assert tally(status).states == {State.SENT: 80}
    assert len(set(mailbox.addresses)) == 80


def test_a_place_that_the_relay_did_not_take_is_for_the_next(*, ready, warm, at, mailbox, database, tally):
    """Unknown readers, some who are asked to come later, and one who has left meanwhile."""
    status, settings = ready(60), warm(40)
    for number in range(1, 6):
        mailbox.refuse[f"reader{number}@example.net"] = "550 5.1.1 no such user"
        mailbox.refuse[f"reader{number + 5}@example.net"] = "451 4.3.0 later"
    with database.begin() as db:
        suppressions.add(db, "reader11@example.net", reason=Reason.MANUAL, evidence="", now=at)
    run(Drain, settings, database, now=lambda: at)
    assert len(mailbox.messages) == 40
    assert used(database) == {("", at.date()): 40}
    assert tally(status).states == {State.SENT: 40, State.FAILED: 5, State.SKIPPED: 1, State.QUEUED: 14}


def test_who_is_told_to_stop_gives_back_what_was_not_offered(ready, warm, at, mailbox, database):
    ready(60)
    stop, settings = asyncio.Event(), warm(50)
    run(Drain, settings, database, now=lambda: at, stop=stop, progress=lambda _: stop.set())
    assert 0 < len(mailbox.messages) < 20
    assert used(database) == {("", at.date()): len(mailbox.messages)}


def test_who_died_at_any_moment_would_waste_a_tenth_of_the_day(ready, warm, at, mailbox, database):
    ready(130)
    wasted = []

    def look(_envelope):
        time.sleep(0.005)  # the worker has the time to be ahead
        with database.read() as db:
            reserved = sum(db.execute(select(warm_ups.c.used)).scalars())
        wasted.append(reserved - len(mailbox.messages))

    mailbox.hooks["data"] = look
    run(Drain, warm(120), database, now=lambda: at)
    assert len(mailbox.messages) == 120
    assert 2 < max(wasted) <= 12


def test_what_may_have_arrived_counts(*, ready, sending, plan, at, database, tally):
    """The server takes each content and closes."""
    status = ready(60)

    async def send():
        async with pipeliner({"dot": None}) as (server, port):
            smtp = sending.smtp.model_copy(update={"port": port, "warm_up": plan(50)})
            settings = sending.model_copy(update={"smtp": smtp})
            drain = Drain(settings, database, Shift(owner="test", clock=lambda: at))
            await drain.run()
            return server

    with owners.Presence(database, "test"):
        server = asyncio.run(send())
    doubted = tally(status).in_doubt
    assert 0 < doubted <= len(server.commands)
    assert used(database) == {("", at.date()): doubted}


def relays(sending, *rows):
    smtp = sending.smtp.model_copy(update={"relays": rows})
    return sending.model_copy(update={"smtp": smtp})


def test_the_others_take_the_rest_and_it_comes_back_at_midnight(*, ready, sending, plan, at, mailbox, database, tally):
    status, clock = ready(160), [at.replace(hour=23, minute=55)]
    with Mailbox() as west:
        settings = relays(
            sending,
            RelayTable(name="east", port=mailbox.port),
            RelayTable(name="west", port=west.port, warm_up=plan(10, growth=1.5)),
        )

        def midnight(_envelope):
            if used(database).get(("west", at.date()), 0) < 10:
                time.sleep(0.02)  # the other one takes its ten before all are gone
            elif len(mailbox.messages) >= 60:
                time.sleep(0.02)  # slower than a look at whether another relay is back
                clock[0] = at.replace(hour=0, minute=1) + timedelta(days=1)

        mailbox.hooks["data"] = midnight
        drained = run(Fleet, settings, database, now=lambda: clock[0])
    assert tally(status).states == {State.SENT: 160}
    assert not set(mailbox.addresses) & set(west.addresses)
    days = [used(database).get(("west", at.date() + timedelta(number)), 0) for number in range(2)]
    assert (days[0], sum(days)) == (10, len(west.messages))
    assert 0 < days[1] <= 15
    assert drained.settled == {State.SENT: 160}


def test_where_all_are_used_up_the_rest_waits_and_expires_in_its_time(
    *, ready, sending, plan, at, mailbox, database, tally
):
    status = ready(60)
    with Mailbox() as west:
        settings = relays(
            sending,
            RelayTable(name="east", port=mailbox.port, warm_up=plan(20)),
            RelayTable(name="west", port=west.port, warm_up=plan(10)),
        )
        drained = run(Fleet, settings, database, now=lambda: at)
        assert (len(mailbox.messages), len(west.messages)) == (20, 10)
        with database.read() as db:
            assert left(db, settings.smtp, at.date()) == 0
            assert left(db, settings.smtp, at.date() + timedelta(1)) == 28 + 14
    assert drained.spent_until == goes_on_at(plan(20), at.date())
    assert (drained.unreachable, drained.closed, drained.paused) == ("", "", "")
    assert tally(status).states == {State.SENT: 30, State.QUEUED: 30}
    tidy(database, now=at + timedelta(days=9))
    assert tally(status).states == {State.SENT: 30, State.EXPIRED: 30}


def test_the_daemon_does_not_look_again_at_once(approved, sending, mailbox, database, tally):
    status = approved(20)
    today = WarmUp(begin=datetime.now(UTC).date(), first_day=5)
    settings = sending.model_copy(update={"smtp": sending.smtp.model_copy(update={"warm_up": today})})
    moment = {"owner": "daemon", "stop": asyncio.Event(), "beat": lambda: None}
    for _ in range(2):
        seconds = asyncio.run(service._round(settings, database, **moment))
        assert seconds == service.LONGEST_NAP.total_seconds()
    assert tally(status).states in ({State.SENT: 5, State.QUEUED: 15}, {State.SENT: 12, State.QUEUED: 8})  # midnight


def test_mail_that_somebody_waits_for_goes_and_counts(settings, sending, mailbox, database):
    now = datetime.now(UTC)
    today = WarmUp(begin=now.date() - timedelta(days=1), first_day=1, until=100)
    settings = sending.model_copy(update={"smtp": sending.smtp.model_copy(update={"warm_up": today})})
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=now)
        for number in range(3):
            subscribers.ask(db, reader(number), newsletter="daily", consent="asked", now=now)
    asyncio.run(send_confirmations(settings, database, stop=asyncio.Event()))
    assert len(mailbox.messages) == 3
    assert sum(used(database).values()) == 3


def test_before_it_begins_nothing_goes_over_it(ready, sending, at, mailbox, database):
    ready(5)
    plan = WarmUp(begin=at.date() + timedelta(days=2))
    settings = sending.model_copy(update={"smtp": sending.smtp.model_copy(update={"warm_up": plan})})
    drained = run(Drain, settings, database, now=lambda: at)
    assert (drained.settled, mailbox.connections) == ({}, 0)
    assert drained.spent_until == datetime.combine(plan.begin, datetime.min.time(), tzinfo=UTC)


def test_without_one_nothing_is_counted(ready, sending, at, database):
    ready(5)
    run(Drain, sending, database, now=lambda: at)
    assert used(database) == {}
    with database.read() as db:
        assert left(db, sending.smtp, at.date()) is None
        assert warmth(db, sending.smtp.routes[0], now=at) is None


def test_a_day_is_counted_apart_by_relay(database, at):
    day = at.date()
    with database.begin() as db:
        warming.use(db, "east", day, 5)
        warming.use(db, "east", day, -2)
        warming.use(db, "west", day, 1)
        assert warming.lock(db, "east", day) == 3
        assert warming.used(db, ["east", "north"], day) == {"east": 3}
