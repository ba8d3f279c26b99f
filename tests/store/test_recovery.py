"""A worker may die at any time: nothing is lost, and what may have left is recorded before it leaves again."""

from datetime import timedelta
from functools import partial

import pytest

from build import NOW
from digest.model import DeliveryState as State
from digest.model import EditionState
from digest.store import deliveries, editions
from digest.store.recovery import POISON, Recovered
from queues import LEASE, Queue, deferred, in_doubt, sent

LATE = NOW + LEASE


def test_what_was_only_claimed_is_queued_again(queue):
    queue.claim(owner="dead")
    assert queue.recover(dead=["dead"]) == Recovered(requeued=3, in_doubt=0, held=0)
    assert set(queue.states()) == {State.QUEUED}
    assert {one.fence for one in queue.claim()} == {2}


def test_what_was_attempting_is_in_doubt_and_sent_again(queue):
    queue.take(limit=1, owner="dead")
    assert queue.recover(dead=["dead"]) == Recovered(requeued=0, in_doubt=1, held=0)
    assert queue.kinds() == ["in_doubt"]
    assert [(one.subscriber_id, one.in_doubt, one.attempts) for one in queue.claim()] == [
        (1, 1, 1),
        (2, 0, 0),
        (3, 0, 0),
    ]


def test_under_hold_what_was_attempting_waits_for_a_person(database):
    queue = Queue(database, policy="hold")
    queue.take(limit=1, owner="dead")
    queue.claim(limit=1, owner="dead")
    assert queue.recover(dead=["dead"]) == Recovered(requeued=1, in_doubt=1, held=1)
    assert queue.states() == [State.HELD, State.QUEUED, State.QUEUED]
    assert queue.kinds() == ["in_doubt", "held"]


def test_a_delivery_that_is_there_whenever_a_process_dies_is_held(queue):
    for death in range(POISON):
        queue.take(owner=f"dead {death}")
        result = queue.recover(dead=[f"dead {death}"])
    assert result == Recovered(requeued=0, in_doubt=3, held=3)
    assert {row.in_doubt for row in queue.rows()} == {POISON}


def test_the_living_keep_what_they_have(queue):
    queue.take(limit=1, owner="alive")
    queue.claim(limit=1, owner="alive")
    assert queue.recover(dead=["dead"]) == Recovered(requeued=0, in_doubt=0, held=0)
    assert queue.states() == [State.ATTEMPTING, State.CLAIMED, State.QUEUED]


def test_a_lease_that_ran_out_gives_back_without_anybody_dead(queue):
    queue.take(limit=1)
    queue.claim(limit=1)
    assert queue.recover(now=LATE - timedelta(seconds=1)) == Recovered(requeued=0, in_doubt=0, held=0)
    assert queue.recover(now=LATE) == Recovered(requeued=1, in_doubt=1, held=0)


def test_recovering_twice_records_one_doubt(queue):
    queue.take(owner="dead")
    queue.recover(dead=["dead"])
    assert queue.recover(dead=["dead"]) == Recovered(requeued=0, in_doubt=0, held=0)
    assert queue.tally().in_doubt == 3


def test_old_editions_expire(database):
    queue = Queue(database, expires_at=NOW + timedelta(hours=1))
    queue.take(limit=1)
    assert queue.change(deliveries.expire, now=NOW + timedelta(minutes=59)) == 0
    assert queue.change(deliveries.expire, now=NOW + timedelta(hours=1)) == 2
    assert queue.states() == [State.ATTEMPTING, State.EXPIRED, State.EXPIRED]
    assert queue.kinds() == ["expired", "expired"]
    assert queue.tally().adds_up


def test_what_was_sent_long_ago_costs_the_next_look_nothing(database):
    """By the machine instructions that SQLite counts: of each row that is walked through it takes ten and more."""
    if not database.is_sqlite:
        pytest.skip("counts what SQLite does")
    before, readers = looked(database), 500
    queue = Queue(database, readers=readers, expires_at=NOW + timedelta(hours=1))
    queue.settle(*map(sent, queue.take(limit=readers)))
    assert queue.change(editions.close_if_done, queue.id, now=NOW)
    assert looked(database) - before < readers


def looked(database):
    """The instructions of what is asked between two drains, and when a process begins."""
    later, steps = NOW + timedelta(days=400), []
    deeds = (partial(deliveries.expire, now=later), partial(deliveries.hold_strays, relays=["east"], now=later))
    with database.begin() as db:
        driver = db.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(1), 1)
        for deed in (*deeds, deliveries.doubted_by_relay):
            deed(db)
        driver.set_progress_handler(None, 0)
    return len(steps)


def test_retry_makes_due_what_waits_and_ends_the_pause(queue):
    one, two, _ = queue.take()
    queue.settle(deferred(one), sent(two))
    queue.change(editions.pause, queue.id, "the server refuses us")
    assert queue.change(deliveries.retry, queue.id, now=NOW) == 1
    assert queue.edition().paused_reason == ""
    assert queue.states() == [State.QUEUED, State.SENT, State.ATTEMPTING]
    assert [claimed.subscriber_id for claimed in queue.claim()] == [one.subscriber_id]


def test_retry_leaves_what_is_held(queue):
    queue.settle(in_doubt(queue.take(limit=1)[0], state=State.HELD))
    queue.change(deliveries.retry, queue.id, now=NOW)
    assert queue.states()[0] == State.HELD


def test_release_sends_what_was_held_also_of_an_edition_that_is_done(queue):
    claims = queue.take()
    queue.settle(in_doubt(claims[0], state=State.HELD), sent(claims[1]), sent(claims[2]))
    assert queue.change(editions.close_if_done, queue.id, now=NOW)
    tomorrow = NOW + timedelta(hours=30)
    assert queue.change(deliveries.release, queue.id, now=tomorrow) == 1
    assert queue.edition().state == EditionState.SENDING
    assert queue.change(deliveries.expire, now=tomorrow) == 0, "a person has just said that it may go"
    again = queue.take(now=tomorrow)
    assert [one.in_doubt for one in again] == [1]
    assert queue.kinds(again[0].subscriber_id) == ["in_doubt", "released"]


def test_releasing_nothing_changes_nothing(queue):
    assert queue.change(deliveries.release, queue.id, now=NOW) == 0
