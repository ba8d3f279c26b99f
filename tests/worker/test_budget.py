"""Rates and slowed domains with real workers, as the mail server sees it, on both databases."""

import asyncio
import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select, update

from digest.config import Route
from digest.model import DeliveryState as State
from digest.model import domain_of
from digest.store import deliveries, owners, paces, suppressions
from digest.store.database import Database
from digest.store.schema import deliveries as table
from digest.worker.budget import NAPS, Budget
from digest.worker.drain import Drain
from digest.worker.listening import Listener
from digest.worker.rates import per_second
from digest.worker.shift import Shift
from digest.worker.turns import charge
from digest.worker.upkeep import nap

SLOW = "slow.example"


@pytest.fixture
def seen(mailbox):
    """The mail server's own record of whom it was asked to take mail for."""

    class Seen:
        refuse = mailbox.refuse

        @property
        def domains(self):
            return [domain_of(address) for _, address in mailbox.named]

        def times(self, domain=""):
            return [at for at, address in mailbox.named if domain in ("", domain_of(address))]

    return Seen()


def limited(sending, **over):
    return sending.smtp.model_copy(update=over)


def most_above(times, rate):
    """How many messages a stretch of time had above its rate, of all stretches the most."""
    return max(
        (last - first + 1) - (times[last] - times[first]) * rate
        for first in range(len(times))
        for last in range(first, len(times))
    )


def attempts(database):
    with database.read() as db:
        return list(db.execute(select(table.c.attempts)).scalars())


def test_three_workers_together_keep_to_the_rate_and_each_gets_a_share(spread, seen, sending, database_url, tally):
    status = spread(90, "a.example", "b.example")
    settings = sending.model_copy(update={"smtp": limited(sending, rate="20/s")})
    shares = []

    def work(number):
        mine, owner = Database(database_url), f"worker{number}"
        with owners.Presence(mine, owner):
            drained = asyncio.run(Drain(settings, mine, Shift(owner=owner)).run())
        shares.append(drained.settled.get(State.SENT, 0))
        mine.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert tally(status).states == {State.SENT: 90}
    assert min(shares) >= 4  # a thread may start late, on a busy machine
    # A second's worth may go at once, and what was claimed in time may leave late: half a second's worth.
    assert most_above(seen.times(), 20) <= 20 + 10


def test_a_domain_with_a_rate_delays_nobody_else(spread, seen, sending, drain, database):
    spread(80, SLOW, "a.example", "b.example", "c.example")
    drained = drain(smtp=limited(sending, domain_rates={SLOW: "8/s"}))
    assert drained.settled == {State.SENT: 80}
    assert set(attempts(database)) == {1}, "who waits for a turn has not been tried"
    assert most_above(seen.times(SLOW), 8) <= 8 + 4
    last_of_others = max(place for place, domain in enumerate(seen.domains) if domain != SLOW)
    assert seen.domains[:last_of_others].count(SLOW) < 20


def test_who_has_waited_enough_ends_and_loses_nothing(approved, sending, database, tally):
    """As the daemon does, which has other things to do as well."""
    status = approved(3)
    settings = sending.model_copy(update={"smtp": limited(sending, rate="60/h")})
    with owners.Presence(database, "one"):
        drain = Drain(settings, database, Shift(owner="one", longest_wait=0.0))
        assert asyncio.run(drain.run()).settled == {State.SENT: 1}
    assert tally(status).states == {State.SENT: 1, State.QUEUED: 2}
    assert set(attempts(database)) == {0, 1}


def test_a_rate_for_each_domain(spread, seen, sending, drain):
    spread(30, "a.example", "b.example", "c.example")
    assert drain(smtp=limited(sending, domain_rate="5/s")).settled == {State.SENT: 30}
    assert all(most_above(seen.times(domain), 5) <= 5 + 3 for domain in ("a.example", "b.example", "c.example"))


def test_a_domain_that_refuses_for_now_waits_alone_and_is_sent_in_the_end(spread, seen, drain, tally, database):
    status = spread(80, SLOW, "a.example", "b.example", "c.example")
    seen.refuse[SLOW] = "421 4.7.0 too many"
    assert drain().settled[State.SENT] == 60
    asked = len(seen.times(SLOW))
    assert 3 <= asked < 20, "those in flight, and no more"
    assert sum(attempts(database)) == 60 + asked
    with database.read() as db:
        pace = paces.slowed(db)[SLOW]
    assert pace.shut_until > datetime.now(UTC)
    assert pace.reason.startswith("421 4.7.0")
    # Another process, as after a restart: it is remembered.
    drain(owner="another")
    assert len(seen.times(SLOW)) == asked
    with database.read() as db:
        assert [(one.domain, one.number) for one in paces.waiting(db)] == [(SLOW, 20 - asked)]
    assert nap(database, now=datetime.now(UTC), at_most=timedelta(seconds=2)) > 1, "nothing to do until then"
    seen.refuse.clear()
    with database.begin() as db:
        deliveries.retry(db, status.id, now=datetime.now(UTC))
    drain(owner="a third")
    assert tally(status).states == {State.SENT: 80}
    assert len(set(seen.domains)) == 4
    with database.read() as db:
        after = paces.load(db, [SLOW])[SLOW]
    assert after.rate is None or after.rate > pace.rate, "it grows with what is taken"


def test_the_log_names_the_domain_and_no_address(spread, seen, drain, caplog):
    spread(20, SLOW, "a.example")
    seen.refuse[SLOW] = f"421 4.7.0 {SLOW} too many messages for reader4@{SLOW}"
    drain()
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("mail.")]
    assert [line for line in ours if line.startswith(f"{SLOW} gets no mail until")]
    assert not [line for line in ours if "reader4@" in line]


def test_a_domain_that_blocks_us_costs_its_readers_nothing_and_stops_nobody_else(spread, seen, drain, tally, database):
    status = spread(120, SLOW, "a.example", "b.example", "c.example")
    seen.refuse[SLOW] = "550 5.7.1 blocked"
    drained = drain()
    assert not drained.paused
    assert tally(status).states == {State.SENT: 90, State.QUEUED: 30}
    assert len(seen.times(SLOW)) < 30
    with database.read() as db:
        assert paces.slowed(db)[SLOW].blocked
    for turn in range(4):  # probed again and again, no delivery fails
        with database.begin() as db:
            deliveries.retry(db, status.id, now=datetime.now(UTC))
        drain(owner=f"probe {turn}")
    assert tally(status).states == {State.SENT: 90, State.QUEUED: 30}
    with database.read() as db:
        assert suppressions.listing(db) == []


def test_several_domains_that_block_us_pause_everything(spread, seen, drain, tally):
    status = spread(160, "a.example", "b.example", "c.example", "d.example")
    for domain in ("a.example", "b.example", "c.example"):
        seen.refuse[domain] = "550 5.7.1 blocked"
    assert "as a matter of policy" in drain().paused
    assert tally(status).count(State.FAILED) == 0
    assert len(seen.times()) <= 200


def claiming(route, database):
    """What a drain claims by, and what it listens with."""
    shift = Shift(owner="one")
    listener = Listener(route, database, shift.clock, dice=random.Random(1))
    return Budget(route, shift, listener), listener


def test_without_limits_a_claim_asks_nothing_more(approved, sending, sqlite_database):
    asked = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    one, heard = claiming(Route(smtp=sending.smtp), sqlite_database)
    for _ in range(5):
        with sqlite_database.begin() as db:
            one.claim(db, 10)
    assert len([statement for statement in asked if "paces" in statement]) == 1
    assert not heard.listens


def test_mail_that_somebody_waits_for_goes_first_and_others_pay(approved, sending, database):
    approved(3)
    smtp = limited(sending, rate="1/s")
    one, _ = claiming(Route(smtp=smtp), database)
    with database.begin() as db:
        charge(db, smtp, 30)
        claimed = one.claim(db, 10)
        assert (claimed.deliveries, claimed.again) == ([], NAPS[1])
        assert paces.lock(db).turns == pytest.approx(-29, abs=0.9)
        charge(db, sending.smtp, 30)
        assert paces.lock(db).turns > -30, "without a rate nothing is counted"


def test_an_erased_reader_takes_one_turn_as_any_other(approved, sending, database):
    approved(3)
    with database.begin() as db:
        db.execute(update(table).values(address=""))
    one, _ = claiming(Route(smtp=limited(sending, rate="3/h")), database)
    with database.begin() as db:
        assert len(one.claim(db, 10).deliveries) == 1
        assert paces.lock(db).turns == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("text", "rate"), [("", 0.0), ("20/s", 20.0), ("90/min", 1.5), ("1800/h", 0.5)])
def test_rates_are_of_seconds_minutes_and_hours(text, rate):
    assert per_second(text) == rate
