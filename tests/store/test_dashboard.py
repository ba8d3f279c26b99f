"""What the dashboard asks of the database: counts on both kinds, and never a walk through all deliveries."""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, insert, text

import boardroom
from build import NOW, circle, edition, reader
from digest import config
from digest.model import DeliveryState, Kind, Severity, Source
from digest.store import (
    audiences,
    editions,
    events,
    figures,
    newsletters,
    schema,
    sources,
    statistics,
    subscribers,
)
from digest.web.dashboard.look import look

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NAMES = ("Harbour Wire", "Velland Post", "Coast Radio")
FEEDS = {name: f"https://{name[0].lower()}.example.org/feed" for name in NAMES}


@pytest.fixture
def approved(database):
    """With four readers."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(n) for n in range(1, 5)], newsletter="daily", consent="asked", now=NOW - DAY)
        status = editions.save_draft(db, edition(), [], due_at=NOW)
        editions.approve(
            db, status.id, now=NOW, expires_at=None, in_doubt="resend", rendered=[(boardroom.RENDERED, b"")]
        )
        audiences.freeze(db, status.id, circle(), variant="default", now=NOW, due_at=NOW)
    return status.id


def test_an_edition_is_counted_by_state_and_minute(database, approved):
    with database.begin() as db:
        for number, (state, at) in enumerate([("sent", 59), ("sent", 0), ("failed", 60)], start=1):
            moment = NOW + timedelta(seconds=at)
            table = schema.deliveries
            mine = table.c.subscriber_id == number
            db.execute(table.update().where(mine).values(state=state, updated_at=moment))
    with database.read() as db:
        assert sorted(figures.course(db, approved)) == [
            (DeliveryState.FAILED, NOW + MINUTE, 1),
            (DeliveryState.QUEUED, NOW, 1),
            (DeliveryState.SENT, NOW, 2),
        ]


def test_what_came_back_is_counted_once_a_copy_by_its_worst_and_names_nobody(database, approved):
    with database.begin() as db:
        ids = sorted(row[0] for row in db.execute(text("SELECT subscriber_id FROM deliveries")))
        for number, (kind, severity) in enumerate(
            [(Kind.BOUNCE, Severity.SOFT), (Kind.BOUNCE, Severity.HARD), (Kind.BOUNCE, Severity.DELAY)]
        ):
            events.add(db, boardroom.event(approved, ids[0], kind, severity, NOW, message=f"first {number}"))
        events.add(db, boardroom.event(approved, ids[1], Kind.COMPLAINT, Severity.NONE, NOW))
        events.add(db, boardroom.event(approved, ids[2], Kind.REFUSAL, Severity.POLICY, NOW - DAY))
        events.add(db, boardroom.event(approved, ids[3], Kind.VACATION, Severity.NONE, NOW))
        db.execute(text("UPDATE deliveries SET address = '' WHERE subscriber_id = :who"), {"who": ids[1]})
    with database.read() as db:
        since = NOW - DAY / 2
        assert sorted(events.by_domain(db, since=since)) == [("", "complaint", 1), ("example.net", "hard", 1)]
        assert ("example.net", "policy", 1) in events.by_domain(db, since=NOW - 2 * DAY)
        assert sum(count for *_, count in events.by_domain(db, since=NOW - 2 * DAY, most=1)) == 1


def test_readers_come_and_go_by_day_as_they_do_by_month(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        boardroom.readers(db, "daily", now=NOW, at_first=40, days=5)
    with database.read() as db:
        days = statistics.of_days(db, "daily", since=NOW - 40 * DAY)
        (month,) = statistics.of_months(db, "daily", [NOW - 40 * DAY, NOW + DAY])
        assert (sum(days.joined.values()), sum(days.left.values())) == (month.joined, month.left)
        assert days.readers == month.readers
        assert days.left[date(2026, 11, 19)] == 5
        assert statistics.of_days(db, "weekly", since=NOW - DAY).readers == 0


def test_articles_of_a_source_by_day_and_its_newest(database):
    with database.begin() as db:
        sources.seen(db, [Source(name=name) for name in NAMES], now=NOW)
        for when in (NOW, NOW - DAY, NOW - DAY - MINUTE, NOW + DAY):  # the last is dated ahead
            db.execute(insert(schema.articles), list(boardroom._articles(NAMES[0], 0, when, 1)))
    with database.read() as db:
        assert sources.newest(db, NAMES, now=NOW) == {NAMES[0]: NOW}
        found = sources.by_day(db, NAMES, since=NOW - 3 * DAY, now=NOW)
    assert found == {NAMES[0]: {date(2026, 11, 23): 1, date(2026, 11, 22): 2}}


@contextmanager
def heard(database):
    """The statements that are run meanwhile, with what they were given."""
    found = []

    def listen(_conn, _cursor, statement, values, _context, _many):
        found.append((statement, values))

    event.listen(database._read, "before_cursor_execute", listen)
    yield found
    event.remove(database._read, "before_cursor_execute", listen)


def test_no_look_walks_through_all_deliveries_or_all_readers(database):
    """By what the planners say, also where a small table tempts them."""
    settings = config.Settings(sources=[{"name": name, "url": url} for name, url in FEEDS.items()])
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        editions.save_draft(db, edition(), [], due_at=NOW)
    boardroom.morning(database, "daily/2026-11-23", newsletter="daily", feeds=FEEDS, at=NOW, now=NOW + 2 * MINUTE)
    with heard(database) as statements:
        look(settings, database, "daily", now=NOW + 2 * MINUTE)
    plans = [planned(database, *one) for one in statements]
    walks = ("SCAN deliveries", "SCAN subscriptions", "SCAN events", "SCAN articles", "SCAN outcomes")
    walks += tuple(f"Seq Scan on {walk.split()[1]}" for walk in walks)
    bad = [
        line
        for plan in plans
        for line in plan
        if line.strip(" ->").startswith(walks) and "ix_deliveries_aside" not in line
    ]
    assert bad == []
    assert sum("deliveries" in line for plan in plans for line in plan) >= 4


def planned(database, statement, values):
    if not statement.lstrip().startswith(("SELECT", "WITH")):
        return []
    how = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.read() as db:
        if not database.is_sqlite:
            db.execute(text("SET LOCAL enable_seqscan = off"))
        rows = db.exec_driver_sql(how + statement, values).all()
    return [str(row[-1]) for row in rows]
