"""Five daemons started at the same moment on one database: one edition, and each reader gets it once.

`TOGETHER=200 pytest tests/test_together.py` does it two hundred times on each database.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from build import article, reader
from digest.pipeline import storing
from digest.store import editions, newsletters, slots, subscribers
from digest.store.database import Database
from postbox import Mailbox

TIMES = int(os.environ.get("TOGETHER", "1"))
DAEMONS, READERS = 5, 6


@pytest.mark.timeout(60 + 30 * TIMES)
def test_five_daemons_at_once_make_one_edition_and_mail_each_reader_once(
    database: Database, database_url: str, mailbox: Mailbox
) -> None:
    names, now = [f"n{number}" for number in range(TIMES)], datetime.now(UTC)
    with database.begin() as db:
        newsletters.ensure(db, names, now=now - timedelta(hours=1))
        storing.put(db, [article(n, published=now - timedelta(hours=n)) for n in range(1, 5)], now=now)
        for number, name in enumerate(names):
            people = [reader(n, address=f"reader{n}@n{number}.example") for n in range(READERS)]
            subscribers.add(db, people, newsletter=name, consent="asked", now=now - timedelta(hours=1))
    told = {"url": database_url, "port": mailbox.port, "names": names, "count": DAEMONS}
    tests = Path(__file__).parent
    path = os.pathsep.join([str(tests), *sys.path])
    done = subprocess.run(
        [sys.executable, "-W", "ignore", tests / "daemons.py"],
        env={**os.environ, "PYTHONPATH": path},
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rounds = [json.loads(line) for line in done.stdout.splitlines()]
    assert all(one["within"] < 250 for one in rounds), "50 ms, where the machine has nothing else to do"
    assert [one["codes"] for one in rounds] == [[0] * DAEMONS] * TIMES
    assert Counter(mailbox.addresses) == {
        f"reader{n}@n{number}.example": 1 for number in range(TIMES) for n in range(READERS)
    }
    with database.read() as db:
        made = Counter(one.newsletter for one in editions.listing(db, limit=2 * TIMES))
        taken = Counter(what for _, what, _ in slots.remarks(db, since=now.date() - timedelta(days=2)))
    assert made == dict.fromkeys(names, 1)
    assert taken["approved"] == TIMES
