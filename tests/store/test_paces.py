"""Who stands aside is out of everybody's way, and is found again; paces are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from build import NOW
from digest.model import DeliveryState, Pace
from digest.store import deliveries, editions, paces
from digest.store.schema import deliveries as table
from queues import Queue

SLOW, OTHER = "slow.example", "other.example"


@pytest.fixture
def queue(database):
    """Readers 1 to 4 are at one domain, 5 and 6 at another."""
    return at_domains(Queue(database, readers=6))


def at_domains(queue):
    with queue.database.begin() as db:
        for number in range(1, 7):
            address = f"reader{number}@{SLOW.title() if number < 5 else OTHER}"
            db.execute(update(table).where(table.c.subscriber_id == number).values(address=address))
    return queue


def numbers(claims):
    return [one.subscriber_id for one in claims]


def aside(queue, domain, **over):
    values = {"now": NOW, "limit": 100, "owner": "one", "lease": timedelta(minutes=5)} | over
    return queue.change(deliveries.claim, aside=domain, **values)


def test_who_is_moved_aside_is_found_by_domain_only(queue):
    queue.change(paces.move_aside, [SLOW], limit=3, now=NOW)
    assert queue.change(paces.first_due) == {SLOW: NOW}
    assert numbers(queue.claim()) == [4, 5, 6], "the fourth was too far behind to be seen"
    assert aside(queue, OTHER) == []
    assert numbers(aside(queue, SLOW, limit=2)) == [1, 2]
    assert [(one.domain, one.number, one.since) for one in queue.change(paces.waiting)] == [(SLOW, 1, NOW)]


def test_who_is_set_aside_was_not_tried(queue):
    claims = queue.claim()
    queue.change(paces.set_aside, [(one, SLOW if one.subscriber_id < 5 else OTHER) for one in claims], now=NOW)
    assert queue.states() == [DeliveryState.QUEUED] * 6
    assert {row.attempts for row in queue.rows()} == {0}
    assert queue.kinds() == []
    assert queue.attempt(claims) == set(), "the claim is over"
    assert queue.claim() == []
    assert queue.change(paces.first_due) == {OTHER: NOW, SLOW: NOW}
    assert queue.change(paces.first_due, edition_id=queue.id + 1) == {}
    assert numbers(aside(queue, OTHER)) == [5, 6]


def test_an_old_claim_sets_nothing_aside(queue):
    old = queue.claim()
    queue.recover(now=NOW + timedelta(hours=1))
    new = queue.claim(owner="two", now=NOW + timedelta(hours=1))
    queue.change(paces.set_aside, [(one, SLOW) for one in old], now=NOW)
    assert set(queue.states()) == {DeliveryState.CLAIMED}
    assert len(new) == 6


def test_a_hold_stops_who_stands_aside(queue):
    queue.change(paces.move_aside, [SLOW], limit=100, now=NOW)
    queue.change(editions.set_hold, queue.id, hold=True)
    assert queue.change(paces.first_due) == {}
    assert aside(queue, SLOW) == []


def test_paces_come_back_as_they_were_kept(database):
    kept = Pace(
        domain=SLOW,
        turns=0.25,
        at=NOW,
        rate=2.5,
        ceiling=10.0,
        refusals=2,
        shut_until=NOW + timedelta(minutes=1),
        since=NOW - timedelta(minutes=1),
        reason="421 4.7.0 later",
    )
    with database.begin() as db:
        assert paces.lock(db).domain == paces.lock(db).domain == ""
        paces.save(db, [Pace(domain=SLOW, at=NOW), Pace(domain=OTHER, at=NOW)])
        paces.save(db, [kept])
    with database.begin() as db:
        assert paces.load(db, [SLOW, "new.example"]) == {SLOW: kept}
        assert paces.slowed(db) == {SLOW: kept}, "whoever is not slowed down, and has nobody waiting, is no news"
        paces.reopen(db)
        assert paces.load(db, [SLOW])[SLOW].shut_until is None


def test_looking_who_waits_aside_walks_past_nobody(sqlite_database):
    """However many stand aside: by the index, a step for each domain."""
    queue, seen = at_domains(Queue(sqlite_database, readers=6)), []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *args: seen.append(args[2:4]))
    queue.change(paces.first_due)
    aside(queue, SLOW)
    asked = [one for one in seen if "aside" in one[0]]
    with sqlite_database.begin() as db:
        plan = [row.detail for one in asked for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {one[0]}", one[1])]
    assert len([line for line in plan if "ix_deliveries_aside" in line]) == 4
    assert not [line for line in plan if "TEMP B-TREE" in line or "SCAN deliveries" in line]
