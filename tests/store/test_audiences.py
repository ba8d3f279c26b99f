"""Who is frozen, and who is counted before."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from build import NOW, circle, edition, reader
from digest.model import Cadence, Clock, Reason, Wish
from digest.model import DeliveryState as State
from digest.store import audiences, deliveries, editions, newsletters, subscribers, suppressions
from digest.store.schema import subscriptions
from queues import Queue, sent


def test_only_confirmed_present_and_wanted_readers_are_frozen(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily", "weekly"], now=NOW)
        subscribers.add(db, [reader(n) for n in range(1, 6)], newsletter="daily", consent="{}", now=NOW)
        subscribers.add(db, [reader(6)], newsletter="daily", consent=None, now=NOW)
        subscribers.add(db, [reader(7)], newsletter="weekly", consent="{}", now=NOW)
        ids = [subscribers.by_address(db, f"reader{n}@example.net").id for n in range(1, 6)]
        subscribers.unsubscribe(db, ids[1], "daily", now=NOW)
        subscribers.pause(db, ids[2], "daily", NOW + timedelta(days=1))
        subscribers.pause(db, ids[3], "daily", NOW)
        suppressions.add(db, "Reader5@EXAMPLE.net", reason=Reason.BOUNCE, evidence="", now=NOW)
    queue = Queue(database, readers=0)
    assert [row.address for row in queue.rows()] == ["reader1@example.net", "reader4@example.net"]


def test_a_break_is_over_for_an_edition_that_is_due_after_it(database):
    """By when each reader's own copy is due, and not by when the audience is frozen; and so it is counted before."""
    hour = timedelta(hours=1)
    waves = {Clock(zone="America/Los_Angeles"): NOW + 8 * hour}
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        zones = ["", "", "America/Los_Angeles", "America/Los_Angeles"]
        people = [reader(n, timezone=zone) for n, zone in enumerate(zones, 1)]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
        for number, until in enumerate((2, 3, 8, 9), 1):
            subscribers.pause(db, number, "daily", NOW + until * hour)
        one, due = editions.save_draft(db, edition(), [], due_at=None), {"due_at": NOW + 2 * hour, "waves": waves}
        assert audiences.wishes(db, circle(), **due) == {Wish(language="", sections=()): 2}
        assert sorted(audiences.by_clock(db, circle(), **due).values()) == [1, 1]
        assert audiences.freeze(db, one.id, circle(), variant="default", now=NOW, **due) == 2
        assert [row.address for row in deliveries.listing(db, one.id)] == [reader(n).address for n in (1, 3)]


def test_freezing_again_adds_nobody_and_changes_nothing(queue):
    queue.settle(sent(queue.take(limit=1)[0]))
    assert queue.change(audiences.freeze, queue.id, circle(), variant="default", now=NOW) == 0
    assert queue.states().count(State.SENT) == 1
    assert queue.tally().audience == 3


@pytest.mark.parametrize("frequencies", [{"daily"}, {"weekly"}, {"daily", "weekdays"}])
def test_an_edition_is_for_those_who_get_mail_as_often(database, frequencies):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [reader(n, frequency=name) for n, name in enumerate(("daily", "weekdays", "weekly"))]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
        one = editions.save_draft(db, edition(), [], due_at=None)
        own = circle(frequencies=frozenset(frequencies))
        assert audiences.prospective(db, own, due_at=NOW) == len(frequencies)
        assert audiences.freeze(db, one.id, own, variant="default", now=NOW) == len(frequencies)
        assert audiences.freeze(db, one.id, own, variant="default", now=NOW) == 0


def test_who_changes_the_frequency_between_two_freezes_gets_one_edition_of_the_day(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(1), reader(2)], newsletter="daily", consent="{}", now=NOW)
        daily = editions.save_draft(db, edition(), [], due_at=None)
        weekly = editions.save_draft(db, edition(cadence=Cadence.WEEKLY), [], due_at=None)
        assert audiences.freeze(db, daily.id, circle(), variant="default", now=NOW) == 2
        db.execute(update(subscriptions).where(subscriptions.c.subscriber_id == 2).values(frequency="weekly"))
        own = circle(cadence=Cadence.WEEKLY, frequencies=frozenset({"weekly"}))
        assert audiences.wishes(db, own, due_at=NOW) == {}
        assert audiences.freeze(db, weekly.id, own, variant="default", now=NOW) == 0
        later = circle(cadence=Cadence.WEEKLY, frequencies=frozenset({"weekly"}), day=date(2026, 11, 30))
        assert audiences.prospective(db, later, due_at=NOW) == 1


def test_readers_may_have_more_wishes_than_a_statement_has_parameters(database):
    """PostgreSQL takes 65,535, a wish would be eight; in how many ways sections can be chosen doubles with each."""
    names = [f"Section {number}" for number in range(15)]
    chosen = [tuple(name for place, name in enumerate(names) if number >> place & 1) for number in range(8_300)]
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        people = [reader(n, sections=sections) for n, sections in enumerate(chosen)]
        subscribers.add(db, people, newsletter="daily", consent="{}", now=NOW)
        _look_from_outside(database)
        one = editions.save_draft(db, edition(), [], due_at=None)
        wishes = audiences.wishes(db, circle(), due_at=NOW)
        named = {wish: f"{len(wish.sections)}" for wish in wishes if wish.sections}
        assert len(named) == len(chosen) - 1
        assert audiences.freeze(db, one.id, circle(), variant=named, now=NOW) == len(named)
        assert deliveries.by_variant(db, one.id) == dict(sorted(Counter(named.values()).items()))


def _look_from_outside(database):
    """Statistics as autovacuum takes them, who sees nobody yet of those whom a transaction has just added."""
    if not database.is_sqlite:
        with database.begin() as other:
            other.execute(text("ANALYZE subscriptions, subscribers"))
