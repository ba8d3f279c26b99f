"""What a rehearsal is made with: an edition and its readers, in another database."""

import shutil

import pytest
from sqlalchemy import update

from build import NOW, circle, edition, reader
from digest.model import Cadence
from digest.model import DeliveryState as State
from digest.store import audiences, deliveries, editions, newsletters, subscribers
from digest.store.copying import copy_edition
from digest.store.database import Database
from digest.store.schema import subscriptions
from queues import LEASE, Queue, sent

WEEKLY = circle(cadence=Cadence.WEEKLY, frequencies=frozenset({"weekly"}))


@pytest.fixture
def other(migrated_file, tmp_path):
    """A second database, empty."""
    one = Database(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'other.db')}")
    yield one
    one.close()


def test_a_draft_is_frozen_for_the_same_readers_as_it_would_be_here(database, other):
    """Who has a copy of the day's other edition, and changed the frequency since, gets no second one there either."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(1), reader(2)], newsletter="daily", consent="{}", now=NOW)
        daily = editions.save_draft(db, edition(), [], due_at=None)
        weekly = editions.save_draft(db, edition(cadence=Cadence.WEEKLY), [], due_at=None)
        audiences.freeze(db, daily.id, circle(), variant="default", now=NOW)
        subscribers.add(db, [reader(3, frequency="weekly")], newsletter="daily", consent="{}", now=NOW)
        db.execute(update(subscriptions).where(subscriptions.c.subscriber_id == 2).values(frequency="weekly"))
    with database.read() as source, other.begin() as target:
        copy_edition(source, target, weekly, now=NOW)
        assert audiences.prospective(source, WEEKLY, due_at=NOW) == 1
        assert audiences.prospective(target, WEEKLY, due_at=NOW) == 1


def test_of_what_is_frozen_all_is_due_again(database, other):
    queue = Queue(database)
    queue.settle(sent(queue.take(limit=1)[0]))
    with database.read() as source, other.begin() as target:
        assert copy_edition(source, target, queue.edition(), now=NOW) == 3
        assert deliveries.tally(target, queue.id).states == {State.QUEUED: 3}
        assert len(deliveries.claim(target, now=NOW, limit=9, owner="x", lease=LEASE, edition_id=queue.id)) == 3
    assert queue.tally().count(State.SENT) == 1
