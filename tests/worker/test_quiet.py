"""Nothing leaves in quiet hours, and all of it afterwards: with real workers, on both databases."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from digest.config import Newsletter
from digest.model import DeliveryState as State
from digest.store.schema import deliveries, editions, subscribers

TOKYO = "Asia/Tokyo"


def quiet(zone="UTC", **over):
    """A newsletter whose quiet hours are now in a time zone; and their end."""
    now = datetime.now(ZoneInfo(zone))
    begin, end = now - timedelta(hours=1), (now + timedelta(hours=1)).replace(second=0, microsecond=0)
    hours = {"quiet_hours": f"{begin:%H:%M}-{end:%H:%M}", "send_at": time((now.hour + 6) % 24)}
    return {"daily": Newsletter.model_validate({**hours, **over})}, end.astimezone(UTC)


def rows(database):
    with database.read() as db:
        table = deliveries.c
        return list(db.execute(select(table.state, table.due_at, table.fence, table.attempts)))


def test_what_is_left_over_waits_for_their_end_and_was_not_tried(approved, drain, mailbox, database, tally):
    status = approved(40)  # more than are claimed at once
    newsletters, end = quiet()
    assert drain(newsletters=newsletters).settled == {}
    assert mailbox.named == []
    assert {tuple(row) for row in rows(database)} == {(State.QUEUED, end, 0, 0)}, "as if nobody had claimed it"
    with database.begin() as db:
        db.execute(update(deliveries).values(due_at=datetime.now(UTC)))  # they are over
    assert drain(owner="morning").settled == {State.SENT: 40}
    assert tally(status).states == {State.SENT: 40}


def test_they_are_by_the_clock_of_each_reader_where_copies_go_out_by_that(approved, drain, mailbox, database):
    approved(30)
    with database.begin() as db:
        db.execute(update(subscribers).where(subscribers.c.id % 3 == 0).values(timezone=TOKYO))
        db.execute(update(subscribers).where(subscribers.c.id % 3 == 1).values(timezone="Mars/Olympus"))
    newsletters, end = quiet(TOKYO, deliver="local")
    assert drain(newsletters=newsletters).settled == {State.SENT: 20}, "who gave no zone that there is lives at home"
    assert {f"reader{number}@example.net" for number in range(3, 31, 3)} & set(mailbox.addresses) == set()
    assert {(row.due_at, row.fence) for row in rows(database) if row.state == State.QUEUED} == {(end, 0)}


def test_what_grows_too_old_meanwhile_expires(approved, drain, mailbox, database, tally):
    status = approved(3)
    with database.begin() as db:
        db.execute(update(editions).values(expires_at=datetime.now(UTC)))
    newsletters, _ = quiet()
    drain(newsletters=newsletters)
    assert tally(status).states == {State.EXPIRED: 3}
    assert mailbox.named == []
