"""Several relays that share the mail, with real servers, on both databases."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from digest.config import RelayTable
from digest.model import DeliveryState as State
from digest.model import EditionState, of_relay
from digest.store import deliveries, history, owners, paces
from digest.store.schema import deliveries as table
from digest.store.schema import editions, outcomes
from digest.store.schema import paces as paces_table
from digest.worker.fleet import Fleet, hold_strays
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy
from pipeliner import pipeliner
from postbox import Mailbox


@pytest.fixture
def east(mailbox):
    return mailbox


@pytest.fixture
def west():
    with Mailbox() as one:
        yield one


@pytest.fixture
def over(sending, database):
    """Sends all that is due over relays of these names, ports and weights, as one process would.

    With `says` the last of them is a server that says so.
    """

    async def fleet(owner, *relays):
        rows = [RelayTable(name=name, port=port, weight=weight) for name, port, weight in relays]
        settings = sending.model_copy(update={"smtp": sending.smtp.model_copy(update={"relays": tuple(rows)})})
        hold_strays(settings, database)
        return await Fleet(settings, database, Shift(owner=owner)).run()

    async def beside(owner, *relays, says):
        async with pipeliner(says) as (server, port):
            *others, (name, _, weight) = relays
            await fleet(owner, *others, (name, port, weight))
            return server

    def run(*relays, owner="test", says=None):
        with owners.Presence(database, owner):
            work = fleet(owner, *relays) if says is None else beside(owner, *relays, says=says)
            found = asyncio.run(work)
        tidy(database, now=datetime.now(UTC))
        return found

    return run


def recorded(database, kind="sent"):
    """Over which relay, by the record, how many were so settled."""
    with database.read() as db:
        return Counter(db.execute(select(outcomes.c.relay).where(outcomes.c.kind == kind)).scalars())


def state_of(database, name):
    with database.read() as db:
        return paces.load(db, [of_relay(name)]).get(of_relay(name))


def change(database, what, **values):
    with database.begin() as db:
        db.execute(update(what).values(**values))


def all_again(database, *, west_from):
    """Every reader is to get another copy; west may be tried from then on."""
    change(database, editions, state=EditionState.SENDING)
    change(database, table, state=State.QUEUED, attempts=0, in_doubt=0, due_at=datetime.now(UTC))
    change(database, paces_table, shut_until=datetime(west_from, 1, 1, tzinfo=UTC))


def test_each_gets_its_part_by_weight_and_the_record_says_which(*, approved, over, east, west, database, tally):
    status = approved(240)
    assert over(("east", east.port, 3.0), ("west", west.port, 1.0)).settled == {State.SENT: 240}
    assert Counter(east.addresses + west.addresses) == Counter(
        f"reader{number}@example.net" for number in range(1, 241)
    )
    assert recorded(database) == {"east": len(east.messages), "west": len(west.messages)}
    assert 45 <= len(west.messages) <= 85, "a quarter of them, but for a batch"
    assert tally(status).states == {State.SENT: 240}
    with database.read() as db:
        life = history.life(db, status.id, west.addresses[0])
    assert [(one.kind, one.relay) for one in life.events] == [("sent", "west")]


def test_one_that_cannot_be_reached_is_left_out_and_its_part_goes_to_the_other(
    *, approved, over, east, database, tally
):
    status = approved(60)
    drained = over(("east", east.port, 1.0), ("west", 1, 1.0))
    assert (drained.unreachable, drained.closed.partition(":")[0]) == ("", "west")
    assert state_of(database, "west").shut_until > datetime.now(UTC)
    change(database, table, due_at=datetime.now(UTC))  # the few that were to go over it are tried again in a minute
    over(("east", east.port, 1.0), ("west", 1, 1.0), owner="again")
    assert tally(status).states == {State.SENT: 60}
    assert len(set(east.addresses)) == len(east.messages) == recorded(database)["east"] == 60


def test_one_that_refuses_us_is_left_out_and_comes_back_once_it_takes_a_message(
    *, approved, over, east, west, database, tally
):
    status = approved(80)
    both = (("east", east.port, 1.0), ("west", west.port, 1.0))
    west.refuse["mail"] = "550 5.7.1 we do not relay for you"
    assert not over(*both).paused, "the edition goes on"
    assert "refuses us before any reader is named" in state_of(database, "west").reason
    asked, _ = west.connections, west.refuse.clear()
    all_again(database, west_from=2100)
    over(*both, owner="again")
    assert (west.connections, west.messages) == (asked, [])
    all_again(database, west_from=2000)
    over(*both, owner="at last")
    assert west.messages
    assert (state_of(database, "west").refusals, state_of(database, "west").reason) == (0, "")
    assert tally(status).states == {State.SENT: 80}


def test_one_that_refuses_as_policy_costs_nobody_the_edition(*, approved, over, east, west, database, tally):
    status = approved(120)
    west.refuse["rcpt"] = "550 5.7.1 blocked"
    assert not over(("east", east.port, 1.0), ("west", west.port, 1.0)).paused
    assert "as a matter of policy" in state_of(database, "west").reason
    change(database, table, due_at=datetime.now(UTC))
    over(("east", east.port, 1.0), ("west", west.port, 1.0), owner="again")
    assert tally(status).states == {State.SENT: 120}


def test_where_all_refuse_us_the_edition_pauses_as_with_one(*, approved, over, east, west, tally):
    status = approved(80)
    east.refuse["mail"] = west.refuse["mail"] = "550 5.7.1 we do not relay for you"
    assert "refuses us" in over(("east", east.port, 1.0), ("west", west.port, 1.0)).paused
    assert tally(status).states == {State.QUEUED: 80}


def test_where_none_can_be_reached_all_waits_and_nothing_has_failed(*, approved, over, tally):
    status = approved(5)
    drained = over(("east", 1, 1.0), ("west", 1, 1.0))
    assert "east: " in drained.unreachable
    assert "west: " in drained.unreachable
    assert tally(status).states == {State.QUEUED: 5}
    assert over(("east", 1, 1.0), ("west", 1, 1.0), owner="again").settled == {}, "both are left alone"


def test_what_is_in_doubt_at_one_goes_over_no_other(*, approved, over, east, database, tally):
    """West takes each content and says nothing; then it is away; then it answers."""
    status = approved(40)
    silent = over(("east", east.port, 1.0), ("west", 0, 1.0), says={"dot": None})
    assert silent.commands
    doubted = tally(status).in_doubt
    assert 0 < doubted < 40
    change(database, table, due_at=datetime.now(UTC))
    over(("east", east.port, 1.0), ("west", 1, 1.0), owner="again")
    assert (tally(status).count(State.SENT), len(east.messages)) == (40 - doubted, 40 - doubted)
    all_due = {"due_at": datetime.now(UTC)}
    change(database, table, **all_due)
    change(database, paces_table, shut_until=None)
    west = over(("east", east.port, 1.0), ("west", 0, 1.0), owner="at last", says={})
    assert len(west.taken) == doubted
    assert len(east.messages) == 40 - doubted
    assert tally(status).states == {State.SENT: 40}


def test_what_is_in_doubt_at_a_relay_that_is_gone_waits_for_a_person(*, approved, over, east, drain, database, tally):
    status = approved(40)
    over(("east", east.port, 1.0), ("west", 0, 1.0), says={"dot": None})
    doubted = tally(status).in_doubt
    change(database, table, due_at=datetime.now(UTC))
    drain(owner="without relays")
    assert tally(status).states == {State.SENT: 40 - doubted, State.QUEUED: doubted}
    over(("east", east.port, 1.0), owner="again")
    assert tally(status).states == {State.SENT: 40 - doubted, State.HELD: doubted}
    with database.begin() as db:
        deliveries.release(db, status.id, now=datetime.now(UTC))
    over(("east", east.port, 1.0), owner="at last")
    assert tally(status).states == {State.SENT: 40}


def test_each_relay_keeps_to_its_own_rate_and_the_others_go_on(*, approved, sending, east, west, database, tally):
    status = approved(100)
    rows = (
        RelayTable(name="east", port=east.port),
        RelayTable(name="west", port=west.port, rate="3/s"),
    )
    settings = sending.model_copy(update={"smtp": sending.smtp.model_copy(update={"relays": rows})})
    with owners.Presence(database, "test"):
        asyncio.run(Fleet(settings, database, Shift(owner="test")).run())
    times = [at for at, _ in west.named]
    assert tally(status).states == {State.SENT: 100}
    assert len(times) <= 3 * (times[-1] - times[0]) + 3 + 2
    assert len(east.messages) > 50
