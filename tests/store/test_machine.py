"""The life of deliveries in any order of events: none is lost, final states stay, no copy goes unrecorded."""

import os
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from build import NOW
from digest.model import DeliveryState as State
from digest.model import EditionState
from digest.store import deliveries, editions, subscribers
from digest.store.database import Database
from digest.store.schema import metadata
from queues import Queue, deferred, failed, in_doubt, sent

READERS = 4
WORKERS = ("one", "two")
ENDED = {State.SENT, State.FAILED, State.SKIPPED, State.EXPIRED}


class Outbox(RuleBasedStateMachine):
    """Two workers, a mail server that counts what it accepted, processes that die and clocks that run on."""

    policy = "resend"
    database: Database

    def __init__(self):
        super().__init__()
        with self.database.begin() as db:
            for table in (*(table.name for table in reversed(metadata.sorted_tables)), "sqlite_sequence"):
                db.exec_driver_sql(f"DELETE FROM {table}")
        self.queue = Queue(self.database, readers=READERS, policy=self.policy, expires_at=NOW + timedelta(days=30))
        self.now = NOW
        self.claims = []  # (worker, delivery)
        self.leaving = []  # (worker, delivery)
        self.copies = Counter()
        self.ended = {}

    def teardown(self):
        """Whatever happened, the edition can be brought to its end."""
        self.queue.recover(now=self.now, dead=WORKERS)
        self.queue.change(deliveries.release, self.queue.id, now=self.now)
        self.queue.change(deliveries.retry, self.queue.id, now=self.now)
        self.queue.settle(*[sent(one) for one in self.queue.take(now=self.now)], now=self.now)
        self.queue.change(editions.close_if_done, self.queue.id, now=self.now)
        assert set(self.queue.states()) <= ENDED
        assert self.queue.edition().state == EditionState.DONE

    @rule(worker=st.sampled_from(WORKERS), limit=st.integers(1, READERS))
    def claim(self, worker, limit):
        self.claims += [(worker, one) for one in self.queue.claim(owner=worker, limit=limit, now=self.now)]

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def attempt(self, data):
        worker = data.draw(st.sampled_from([worker for worker, _ in self.claims]))
        mine = [one for owner, one in self.claims if owner == worker]
        self.claims = [(owner, one) for owner, one in self.claims if owner != worker]
        gone = self.queue.attempt(mine, owner=worker, now=self.now)
        self.leaving += [(worker, one) for one in mine if one.claim in gone]

    @precondition(lambda self: self.leaving)
    @rule(data=st.data(), end=st.sampled_from([sent, deferred, failed, in_doubt, "lost"]))
    def settle(self, data, end):
        _, one = self.leaving.pop(data.draw(st.integers(0, len(self.leaving) - 1)))
        self.copies[one.subscriber_id] += end in (sent, "lost")  # lost: accepted, and the answer never came
        result = in_doubt(one, due_at=self.now) if end == "lost" else end(one)
        self.queue.settle(result, now=self.now)

    @precondition(lambda self: self.claims or self.leaving)
    @rule(worker=st.sampled_from(WORKERS), accepted=st.booleans(), noticed=st.booleans())
    def die(self, worker, accepted, noticed):
        """With the answer on its way, or not; the owner's lock tells it, or only the lease does."""
        self.copies.update(one.subscriber_id for owner, one in self.leaving if owner == worker and accepted)
        self.claims = [(owner, one) for owner, one in self.claims if owner != worker]
        self.leaving = [(owner, one) for owner, one in self.leaving if owner != worker]
        if noticed:
            self.queue.recover(now=self.now, dead=[worker])

    @precondition(lambda self: self.claims or self.leaving)
    @rule()
    def leases_run_out(self):
        """Though the workers live, and may still have something to say."""
        self.now += timedelta(minutes=10)
        self.queue.recover(now=self.now)

    @rule()
    def one_reader_leaves(self):
        self.queue.change(subscribers.unsubscribe, self.queue.subscriber(READERS).id, None, now=self.now)

    @precondition(lambda self: State.HELD in self.queue.states())
    @rule()
    def release(self):
        self.queue.change(deliveries.release, self.queue.id, now=self.now)

    @precondition(lambda self: self.now > NOW)
    @rule()
    def expire(self):
        self.queue.change(deliveries.expire, now=self.now + timedelta(days=30))

    @invariant()
    def nothing_is_lost(self):
        closed = self.queue.change(editions.close_if_done, self.queue.id, now=self.now)
        tally = self.queue.tally()
        assert tally.adds_up
        assert tally.audience == READERS
        assert not (closed and tally.waiting)

    @invariant()
    def final_states_stay_and_no_copy_is_unrecorded(self):
        """Held is final only until a person or a late answer says more."""
        for number, row in enumerate(self.queue.rows(), start=1):
            assert self.ended.get(number, row.state) == row.state
            if row.state in ENDED:
                self.ended[number] = row.state
            assert self.copies[number] <= row.in_doubt + (row.state in {State.SENT, State.ATTEMPTING})


class HoldingOutbox(Outbox):
    policy = "hold"


@pytest.mark.parametrize("machine", [Outbox, HoldingOutbox])
def test_any_order_of_events(machine, sqlite_database):
    Outbox.database = sqlite_database
    with sqlite_database.engine.connect() as db:  # a test of logic: the disk may take its time
        db.connection.driver_connection.execute("PRAGMA synchronous=OFF")
    few = settings(
        max_examples=int(os.environ.get("EXAMPLES", "15")),
        stateful_step_count=30,
        deadline=None,
        phases=set(Phase) - {Phase.explain},  # it traces every line of SQLAlchemy, which takes five times as long
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=few)
