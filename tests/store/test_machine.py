"""The life of deliveries in any order of events: none is lost, final states stay, no copy goes unrecorded."""

import os
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from build import NOW
from digest.model import FINAL
from digest.model import DeliveryState as State
from digest.store import deliveries, editions, subscribers
from digest.store.database import Database
from queues import Queue, deferred, failed, in_doubt, sent

WORKERS = st.sampled_from(["one", "two"])
ENDED = {State.SENT, State.FAILED, State.SKIPPED, State.EXPIRED}


class Outbox(RuleBasedStateMachine):
    """Two workers, a mail server that counts what it accepted, processes that die and clocks that run on."""

    policy = "resend"
    template: Path  # a migrated database

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        database = Database(f"sqlite:///{shutil.copy(self.template, self.folder.name)}")
        with database.engine.connect() as db:  # a test of logic: the disk may take its time
            db.connection.driver_connection.execute("PRAGMA synchronous=OFF")
        self.queue = Queue(database, readers=4, policy=self.policy, expires_at=NOW + timedelta(days=30))
        self.now = NOW
        self.claims = {"one": [], "two": []}
        self.leaving = {"one": [], "two": []}
        self.copies = Counter()
        self.ended = {}

    def teardown(self):
        self.queue.database.close()
        self.folder.cleanup()

    @rule(worker=WORKERS, limit=st.integers(1, 3))
    def claim(self, worker, limit):
        self.claims[worker] += self.queue.claim(owner=worker, limit=limit, now=self.now)

    @rule(worker=WORKERS)
    def attempt(self, worker):
        claims, self.claims[worker] = self.claims[worker], []
        gone = self.queue.attempt(claims, owner=worker, now=self.now)
        self.leaving[worker] += [one for one in claims if (one.edition_id, one.subscriber_id) in gone]

    @rule(worker=WORKERS, end=st.sampled_from([sent, sent, deferred, failed, in_doubt, "lost"]))
    def settle(self, worker, end):
        if not self.leaving[worker]:
            return
        one = self.leaving[worker].pop()
        if end == "lost":  # accepted, and the answer never came
            self.copies[one.subscriber_id] += 1
            end = in_doubt
        elif end is sent:
            self.copies[one.subscriber_id] += 1
        self.queue.settle(end(one), now=self.now)

    @rule(worker=WORKERS, accepted=st.booleans(), noticed=st.booleans())
    def die(self, worker, accepted, noticed):
        """With the answer on its way, or not; the owner's lock tells it, or only the lease does."""
        if accepted:
            self.copies.update(one.subscriber_id for one in self.leaving[worker])
        self.claims[worker], self.leaving[worker] = [], []
        if noticed:
            self.queue.recover(now=self.now, dead=[worker])

    @rule(hours=st.sampled_from([0.1, 0.5]))
    def time_passes(self, hours):
        """Leases run out, though the workers live and may still have something to say."""
        self.now += timedelta(hours=hours)
        self.queue.recover(now=self.now)

    @rule(number=st.integers(1, 4))
    def unsubscribe(self, number):
        self.queue.change(subscribers.unsubscribe, self.queue.subscriber(number).id, None, now=self.now)

    @rule()
    def release(self):
        self.queue.change(deliveries.release, self.queue.id, now=self.now)

    @rule()
    def retry(self):
        self.queue.change(deliveries.retry, self.queue.id, now=self.now)

    @rule()
    def expire(self):
        self.queue.change(deliveries.expire, now=self.now)

    @invariant()
    def nothing_is_lost(self):
        tally = self.queue.tally()
        assert tally.adds_up
        assert tally.audience == 4

    @invariant()
    def final_states_stay(self):
        """Held is final only until a person or a late answer says more."""
        for number, row in enumerate(self.queue.rows(), start=1):
            assert self.ended.get(number, row.state) == row.state
            if row.state in ENDED:
                self.ended[number] = row.state

    @invariant()
    def no_copy_is_unrecorded(self):
        for number, row in enumerate(self.queue.rows(), start=1):
            unsettled = row.state == State.ATTEMPTING
            assert self.copies[number] <= row.in_doubt + (row.state == State.SENT or unsettled)

    @invariant()
    def done_means_done(self):
        closed = self.queue.change(editions.close_if_done, self.queue.id, now=self.now)
        assert not closed or all(row.state in FINAL for row in self.queue.rows())


class HoldingOutbox(Outbox):
    policy = "hold"


@pytest.mark.parametrize("machine", [Outbox, HoldingOutbox])
def test_any_order_of_events(machine, migrated_file):
    Outbox.template = migrated_file
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=int(os.environ.get("EXAMPLES", "25")),
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
