"""Figures of editions and months, on both databases."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from build import NOW, circle, edition, reader
from digest.model import DeliveryState, Rendered
from digest.store import audiences, clicks, editions, newsletters, subscribers
from digest.store.schema import deliveries as table
from digest.store.schema import subscriptions
from digest.store.statistics import of_editions, of_months

DAY = timedelta(days=1)


def went_out(db, days):
    """The edition of a day after the first, sent to everyone who is confirmed."""
    at = NOW + days * DAY
    status = editions.save_draft(db, edition(day=at.date()), [], due_at=None)
    rendered = Rendered(variant="default", subject="", preheader="", html="", text="", web="")
    editions.approve(db, status.id, now=at, expires_at=at + DAY, in_doubt="resend", rendered=[(rendered, b"")])
    audiences.freeze(db, status.id, circle(day=at.date()), variant="default", now=at, due_at=at)
    db.execute(update(table).where(table.c.edition_id == status.id).values(state=DeliveryState.SENT, updated_at=at))
    return status


def leave(db, number, at):
    subscribers.unsubscribe(db, subscribers.by_address(db, f"reader{number}@example.net").id, None, now=at)


def test_who_left_counts_with_the_last_edition_they_got(database):
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(n) for n in range(1, 6)], newsletter="daily", consent="Yes", now=NOW - DAY)
        leave(db, 1, NOW - timedelta(hours=1))  # got none
        first = went_out(db, 0)
        leave(db, 2, NOW + timedelta(hours=1))
        second = went_out(db, 1)
        leave(db, 3, NOW + DAY + timedelta(hours=1))
        leave(db, 4, NOW + DAY + timedelta(hours=2))
        clicks.add(db, first.id, {"s0001": 1, "s0002": 1})
        clicks.add(db, first.id, {"s0001": 1, "s0002": -1})
    with database.read() as db:
        both = of_editions(db)
        assert [(one.edition, one.audience, one.left, one.clicks) for one in both] == [
            (second.key, 3, 2, 0),
            (first.key, 4, 1, 2),
        ]
        assert of_editions(db, edition_id=first.id) == both[1:]
        assert of_editions(db, newsletter="daily", limit=1) == both[:1]
        assert of_editions(db, newsletter="weekly") == []
        assert clicks.of_edition(db, first.id) == {"s0001": 2}


def test_months_begin_and_end_in_utc(database):
    starts = [datetime(2026, month, 1, tzinfo=UTC) for month in (10, 11, 12)]
    moment = timedelta(seconds=1)
    moments = {1: (starts[0], None), 2: (starts[1] - moment, starts[1]), 3: (starts[1], starts[2] - moment)}
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        subscribers.add(db, [reader(n) for n in range(1, 4)], newsletter="daily", consent="Yes", now=NOW)
        subscribers.add(db, [reader(4)], newsletter="daily", consent=None, now=NOW)  # has not confirmed
        for number, (joined, left) in moments.items():
            who = subscribers.by_address(db, f"reader{number}@example.net").id
            if left:
                subscribers.unsubscribe(db, who, None, now=left)
            mine = subscriptions.c.subscriber_id == who
            db.execute(update(subscriptions).where(mine).values(confirmed_at=joined))
    with database.read() as db:
        october, november = of_months(db, "daily", starts)
    assert (october.joined, october.left, october.readers) == (2, 0, 2)
    assert (november.joined, november.left, november.readers) == (1, 2, 1)
