"""Claim, attempt, tally: what may leave, and to whom."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from build import NOW, circle, edition, reader
from digest.model import DeliveryState as State
from digest.model import EditionState, Reason
from digest.store import audiences, deliveries, editions, newsletters, subscribers, suppressions
from digest.store.database import Database
from digest.store.schema import deliveries as deliveries_table
from digest.store.schema import editions as editions_table
from queues import LEASE, Queue, deferred, failed, sent


def pairs(claims):
    return {(one.edition_id, one.subscriber_id) for one in claims}


def rights(claims):
    return {one.claim for one in claims}


def test_a_claimed_delivery_has_all_that_sending_needs(queue):
    one = queue.claim(limit=1)[0]
    assert one.edition == "daily/2026-11-23"
    assert one.address == "reader1@example.net"
    assert (one.variant, one.attempts, one.in_doubt, one.fence) == ("default", 0, 0, 1)
    assert one.uid == queue.subscriber(1).uid


def test_claims_come_in_the_order_in_which_they_are_due(queue):
    first = queue.take(limit=1)
    queue.settle(deferred(first[0], due_at=NOW + timedelta(minutes=1)))
    later = NOW + timedelta(minutes=2)
    assert [one.subscriber_id for one in queue.claim(limit=1, now=later)] == [2]
    assert [one.subscriber_id for one in queue.claim(limit=2, now=later)] == [1, 3]


def test_what_is_not_due_or_is_taken_is_not_claimed(queue):
    queue.settle(deferred(queue.take(limit=1)[0]))
    assert len(queue.claim()) == 2
    assert queue.claim(owner="two") == []


@pytest.mark.parametrize("stop", ["hold", "pause", "cancel"])
def test_a_stopped_edition_is_not_claimed(queue, stop):
    if stop == "hold":
        queue.change(editions.set_hold, queue.id, hold=True)
    elif stop == "pause":
        queue.change(editions.pause, queue.id, "the server refuses us")
    else:
        queue.change(editions.cancel, queue.id, now=NOW)
    assert queue.claim() == []


def test_a_claim_can_be_kept_to_one_edition(queue):
    assert queue.change(deliveries.claim, now=NOW, limit=9, owner="one", lease=LEASE, edition_id=queue.id + 1) == []
    assert len(queue.change(deliveries.claim, now=NOW, limit=9, owner="one", lease=LEASE, edition_id=queue.id)) == 3


def test_eight_workers_claim_each_delivery_once(database, database_url):
    queue = Queue(database, readers=400)
    taken, errors = [], []

    def work(name):
        mine = Database(database_url)
        try:
            while claims := Queue.claim(type("", (), {"database": mine})(), limit=15, owner=name):
                taken.extend(claims)
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails the test
            errors.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert errors == []
    assert len(taken) == len(pairs(taken)) == 400
    assert queue.tally().count(State.CLAIMED) == 400


def test_attempting_is_recorded_for_all_that_may_go(queue):
    claims = queue.claim()
    assert queue.attempt(claims) == rights(claims)
    assert set(queue.states()) == {State.ATTEMPTING}
    assert queue.attempt(claims) == set(), "only once"


def test_nothing_to_attempt(queue):
    assert queue.attempt([]) == set()


def test_only_those_who_left_are_gone(queue):
    claims = queue.take()
    assert queue.change(deliveries.gone, claims) == set()
    queue.change(suppressions.add, claims[1].address, reason=Reason.BOUNCE, evidence="", now=NOW)
    assert queue.change(deliveries.gone, claims) == {claims[1].claim}


def test_who_left_after_the_claim_gets_nothing(queue):
    """An unsubscribe that was answered is honoured, also in the middle of a send."""
    claims = queue.claim()
    queue.change(subscribers.unsubscribe, claims[0].subscriber_id, None, now=NOW)
    queue.change(suppressions.add, claims[1].address, reason=Reason.COMPLAINT, evidence="", now=NOW)
    assert queue.attempt(claims) == rights(claims[2:])
    assert queue.states() == [State.SKIPPED, State.SKIPPED, State.ATTEMPTING]
    assert queue.kinds() == ["skipped", "skipped"]


def test_leaving_another_newsletter_changes_nothing_here(queue):
    queue.change(newsletters.ensure, ["weekly"], now=NOW)
    queue.change(subscribers.add, [reader(1)], newsletter="weekly", consent="{}", now=NOW)
    queue.change(subscribers.unsubscribe, queue.subscriber(1).id, "weekly", now=NOW)
    assert len(queue.take()) == 3


def test_an_erased_reader_is_skipped_and_forgotten(queue):
    claims = queue.claim()
    queue.settle(failed(claims[1]))
    for number in (1, 2):
        queue.change(subscribers.erase, f"reader{number}@example.net", now=NOW)
    queue.attempt(claims)
    assert [(row.address, row.state, row.code) for row in queue.rows()] == [
        ("", State.SKIPPED, ""),
        ("", State.FAILED, "550"),
        ("reader3@example.net", State.ATTEMPTING, ""),
    ]
    assert queue.tally().adds_up


def test_unsubscribing_while_others_attempt(database, database_url):
    """Whoever had the answer before an attempt began is never among those who go."""
    queue = Queue(database, readers=60)
    answered, late = set(), []
    mine = Database(database_url)

    def leave():
        for number in range(1, 61, 2):
            reader_id = queue.subscriber(number).id
            with mine.begin() as db:
                subscribers.unsubscribe(db, reader_id, None, now=NOW)
            answered.add(reader_id)

    thread = threading.Thread(target=leave)
    thread.start()
    while claims := queue.claim(limit=5):
        before = set(answered)
        late += [one for _, one, _ in queue.attempt(claims) if one in before]
    thread.join()
    mine.close()
    assert late == []
    assert queue.tally().count(State.SKIPPED, State.ATTEMPTING) == 60


@pytest.mark.parametrize("change", [{"fence": 0}, {"fence": 2}, {"subscriber_id": 99}])
def test_an_old_claim_may_not_go(queue, change):
    claims = queue.claim(limit=1)
    assert queue.attempt([replace(claims[0], **change)]) == set()
    assert queue.states()[0] == State.CLAIMED


def test_a_claim_of_somebody_else_or_run_out_may_not_go(queue):
    claims = queue.claim()
    assert queue.attempt(claims, owner="two") == set()
    assert queue.attempt(claims, now=NOW + LEASE) == set()
    assert set(queue.states()) == {State.CLAIMED}


def test_a_claim_taken_over_may_not_go(queue):
    """The worker slept through its lease; another one has the delivery by now."""
    old = queue.claim()
    late = NOW + LEASE
    queue.recover(now=late)
    new = queue.claim(owner="one", now=late)
    assert queue.attempt(old, now=late) == set()
    assert queue.attempt(new, now=late) == rights(new)


def test_a_worker_that_claims_again_what_it_had_lost_sends_it_once(queue):
    """Both claims come to the same commit: one of its connections had waited through the lease."""
    old = queue.claim()
    late = NOW + LEASE
    queue.recover(now=late)
    new = queue.claim(now=late)
    assert pairs(old) == pairs(new)
    assert queue.attempt([*old, *new], now=late) == rights(new)


def test_cancelling_skips_what_has_not_left(queue):
    going = queue.take(limit=1)
    claims = queue.claim(limit=1)
    queue.change(editions.cancel, queue.id, now=NOW)
    assert queue.attempt(claims) == set()
    queue.settle(sent(going[0]))
    assert queue.states() == [State.SENT, State.SKIPPED, State.SKIPPED]


def test_a_claim_made_while_an_editor_cancels_may_not_go(queue):
    """On PostgreSQL a claim can begin before the cancelling commits, and end after it."""
    claims = queue.claim()
    with queue.database.begin() as db:
        db.execute(editions_table.update().values(state=EditionState.CANCELLED))
    assert queue.attempt(claims) == set()
    assert set(queue.states()) == {State.SKIPPED}


def test_an_edition_is_done_when_the_tally_adds_up(queue):
    claims = queue.take()
    queue.settle(*[sent(one) for one in claims[:2]])
    assert not queue.change(editions.close_if_done, queue.id, now=NOW)
    queue.settle(failed(claims[2]))
    assert queue.change(editions.close_if_done, queue.id, now=NOW)
    assert queue.edition().state == EditionState.DONE
    assert not queue.change(editions.close_if_done, queue.id, now=NOW)


def test_an_edition_with_a_lost_delivery_is_never_done(queue):
    queue.settle(*[sent(one) for one in queue.take()])
    with queue.database.begin() as db:
        db.execute(deliveries_table.delete().where(deliveries_table.c.subscriber_id == 1))
    assert not queue.tally().adds_up
    assert not queue.change(editions.close_if_done, queue.id, now=NOW)


def test_the_tally_says_what_waits_and_until_when(queue):
    claims = queue.take()
    queue.settle(sent(claims[0]), deferred(claims[1], due_at=NOW + timedelta(minutes=3)))
    tally = queue.tally()
    assert (tally.audience, tally.waiting, tally.count(State.SENT)) == (3, 2, 1)
    assert tally.next_due == NOW + timedelta(minutes=3)
    assert tally.adds_up


def test_owners_are_those_who_have_something(queue):
    with queue.database.read() as db:
        assert deliveries.owners(db) == []
    queue.claim(limit=1, owner="two")
    queue.settle(sent(queue.take(limit=1, owner="one")[0]))
    with queue.database.read() as db:
        assert deliveries.owners(db) == ["two"]


def test_deliveries_can_be_listed_by_state(queue):
    queue.settle(sent(queue.take(limit=1)[0]))
    with queue.database.read() as db:
        assert [row.address for row in deliveries.listing(db, queue.id, state=State.SENT)] == ["reader1@example.net"]


def test_unfinished_editions(queue):
    with queue.database.read() as db:
        assert [one.id for one in editions.unfinished(db)] == [queue.id]
    queue.settle(*[sent(one) for one in queue.take()])
    queue.change(editions.close_if_done, queue.id, now=NOW)
    with queue.database.read() as db:
        assert editions.unfinished(db) == []


def test_the_next_due_moment_is_that_of_what_may_go(queue):
    def next_due():
        return queue.change(deliveries.next_due)

    assert next_due() == NOW
    claims = queue.take()
    assert next_due() is None
    queue.settle(*[deferred(one, due_at=NOW + timedelta(minutes=one.subscriber_id)) for one in claims])
    assert next_due() == NOW + timedelta(minutes=1)
    queue.change(editions.set_hold, queue.id, hold=True)
    assert next_due() is None


def test_what_was_frozen_for_a_later_hour_can_be_brought_forward(queue):
    with queue.database.begin() as db:
        later = editions.save_draft(db, edition(day=date(2026, 11, 24)), [], due_at=None)
        audiences.freeze(
            db, later.id, circle(day=later.day), variant="default", now=NOW, due_at=NOW + timedelta(hours=1)
        )
        assert deliveries.bring_forward(db, later.id, now=NOW) == 3
        assert deliveries.tally(db, later.id).next_due == NOW


@pytest.mark.parametrize("of_one_edition", [False, True])
@pytest.mark.parametrize(("aside", "index"), [("", "ix_deliveries_due_at"), ("slow.example", "ix_deliveries_aside")])
def test_a_claim_looks_at_what_it_takes_only(sqlite_database, of_one_edition, aside, index):
    """However many wait: the plan walks the index in order, and sorts nothing."""
    queue = Queue(sqlite_database)
    seen = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *args: seen.append(args[2:4]))
    only = queue.id if of_one_edition else None
    with sqlite_database.begin() as db:
        deliveries.claim(db, now=NOW, limit=1, owner="one", lease=timedelta(minutes=1), edition_id=only, aside=aside)
    statement, parameters = next(one for one in seen if "candidate" in one[0])
    with sqlite_database.begin() as db:
        plan = " ".join(row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_a_no_that_comes_after_the_end_of_an_edition_opens_it_again(database):
    queue = Queue(database, readers=1, policy="hold")
    (taken,) = queue.take()
    queue.recover(now=NOW + LEASE + timedelta(seconds=1))
    assert queue.states() == [State.HELD]
    assert queue.change(editions.close_if_done, queue.id, now=NOW)
    queue.settle(deferred(taken))
    assert queue.states() == [State.QUEUED]
    assert queue.edition().state is EditionState.SENDING
    assert len(queue.take(now=NOW + timedelta(hours=1))) == 1
