"""What `status` says of several relays."""

from datetime import timedelta

import pytest

from build import NOW
from digest.cli.paces import relay_line
from digest.config import RelayTable, Smtp
from digest.model import Pace, of_relay
from digest.outbox import pacing
from digest.store import paces
from digest.store.schema import deliveries
from digest.worker.slowed import relay_rows
from queues import Queue

SMTP = Smtp(relays=(RelayTable(name="east", weight=3), RelayTable(name="west", rate="5/s"), RelayTable(name="north")))


@pytest.fixture
def told(sqlite_database):
    """The lines at a moment."""

    def tell(now):
        with sqlite_database.read() as db:
            return [relay_line(one) for one in relay_rows(db, SMTP, now=now)]

    return tell


def test_each_is_told_with_its_trouble_and_with_what_waits_for_it(sqlite_database, told):
    queue = Queue(sqlite_database, readers=3)
    with sqlite_database.begin() as db:
        west = pacing.closed(Pace(domain=of_relay("west"), at=NOW), reason="550 5.7.1 no", now=NOW, dice=0)
        paces.save(db, [west])
        db.execute(deliveries.update().where(deliveries.c.subscriber_id < 3).values(relay="north", in_doubt=1))
    assert queue.tally().in_doubt == 2
    assert told(NOW) == [
        "Relay east: weight 3",
        "Relay west: weight 1, 5/s, gets no mail before 07:00:30 UTC: 550 5.7.1 no",
        "Relay north: weight 1, 2 deliveries in doubt wait for it",
    ]
    later = told(NOW + timedelta(minutes=1))[1]
    assert (
        later == "Relay west: weight 1, 5/s, is tried again after trouble since 2026-11-23 07:00:00 UTC: 550 5.7.1 no"
    )


def test_one_alone_has_no_line(sqlite_database):
    with sqlite_database.read() as db:
        assert relay_rows(db, Smtp(), now=NOW) == []
