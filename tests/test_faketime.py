"""The daemon as a process while the clock of its machine jumps in the middle of sends, and over the end of 32 bits.

What one module does when its clock jumps is in `worker/test_jumps.py`, by argument.  Here nothing is told: `digest run`
asks the system what time it is, and so do all libraries in it.
"""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from build import article, reader
from digest.model import EditionState
from digest.pipeline import storing
from digest.schedule.clock import TICK
from digest.store import deliveries, editions, newsletters, slots, subscribers
from digest.store.database import Database
from faketime import FakeClock
from processes import Installation, stop

READERS = 6
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LAST = date(2038, 1, 19)  #: at 03:14:08 the seconds since 1970 need more than 31 bits
DAYS = [LAST - number * DAY for number in range(5, -1, -1)]
HOME = {"SEND_AT": "03:14:05", "TIMEZONE": "UTC", "EXPIRE_HOURS": "96"}
NEWS = (
    "Strike closes the ports of Velland",
    "Storm takes the roof of Ettinghall station",
    "Central bank holds its key rate",
    "Football club sells its stadium",
    "Court frees three fishermen",
    "Chipmaker builds a factory on the coast",
)


def due(day):
    return datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=3, minutes=14, seconds=5)


@pytest.fixture
def clock(tmp_path):
    one = FakeClock(tmp_path, due(DAYS[0]) - HOUR)
    if why := one.why_not():
        pytest.skip(why)
    return one


@pytest.fixture
def installed(tmp_path, mailbox, clock):
    """With news for each of the days, and readers."""
    smtp = {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none", "CONNECTIONS": "2"}
    digest = Installation(tmp_path, **{f"DIGEST_SMTP__{key}": value for key, value in smtp.items()})
    digest.environment |= {f"DIGEST_NEWSLETTERS__DAILY__{key}": value for key, value in HOME.items()}
    digest.environment |= {"DIGEST_WEB__PORT": "0"}
    database, begun = Database(f"sqlite:///{tmp_path / 'digest.db'}"), due(DAYS[0]) - 2 * HOUR
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=begun)
        people = [reader(number) for number in range(READERS)]
        subscribers.add(db, people, newsletter="daily", consent="asked", now=begun)
        for number, (day, title) in enumerate(zip(DAYS, NEWS, strict=True)):
            published = due(day) - 2 * HOUR
            storing.put(db, [article(number, title=title, summary=title, body=title, published=published)], now=begun)
    database.close()
    return digest


def wait_for(what, *, seconds=40):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@pytest.mark.timeout(200)
def test_no_second_edition_none_lost_and_each_reader_once(installed, mailbox, clock, tmp_path):
    """A jump in the middle of each send.  The third makes it the next day, and the fourth this day again."""
    jumps = dict(zip(DAYS, [HOUR, -HOUR, DAY, -DAY, -timedelta(minutes=10), None], strict=True))
    got = Counter()

    def took(envelope):
        day = next(one for one in DAYS if f"daily/{one}".encode() in envelope.original_content)
        got[day] += 1
        if got[day] == READERS // 2 and (by := jumps.pop(day)):
            clock.jump(by)

    mailbox.hooks["dot"] = took
    with (tmp_path / "log").open("w") as log:
        daemon = installed.start("run", stdout=log, env=installed.environment | clock.environment)
        try:
            for day in DAYS:
                if clock.now() < due(day):
                    clock.set(due(day) - timedelta(seconds=1))
                wait_for(lambda day=day: got[day] == READERS)
                if clock.now() < due(day) - HOUR:
                    time.sleep(TICK + 0.5)  # whoever sleeps until a time of that day begins to
        finally:
            code = stop(daemon, within=10)
    assert (code, jumps) == (0, {})
    assert got == dict.fromkeys(DAYS, READERS)
    assert len({(one.recipient, one.parsed["Message-ID"]) for one in mailbox.messages}) == READERS * len(DAYS)
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    with database.read() as db:
        made = editions.listing(db, newsletter="daily", limit=100)
        tallies = [deliveries.tally(db, one.id) for one in made]
        remarks = slots.remarks(db, since=DAYS[0])
    database.close()
    assert sorted(one.day for one in made) == DAYS
    assert {one.state for one in made} == {EditionState.DONE}
    assert [(one.adds_up, one.in_doubt, one.audience) for one in tallies] == [(True, 0, READERS)] * len(DAYS)
    assert {outcome for _, outcome, _ in remarks} <= {"approved", "nobody"}
    assert "Traceback" not in (tmp_path / "log").read_text()
