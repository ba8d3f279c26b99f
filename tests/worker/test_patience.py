"""What the database does not take is tried again; the operator hears of it once."""

import asyncio
import logging
import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from digest.errors import DatabaseAway
from digest.store.trouble import matter
from digest.worker import patience
from digest.worker.patience import Patience


def error(name="SQLITE_FULL"):
    cause = sqlite3.OperationalError("reader@example.net: database or disk is full")
    cause.sqlite_errorname = name
    return OperationalError("INSERT", {}, cause)


class Failing:
    """Fails so many times, and then works."""

    def __init__(self, *errors: DBAPIError) -> None:
        self.errors = list(errors)

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.WARNING, logger=patience.__name__)
    return lambda: [record.getMessage().partition(" after ")[0] for record in caplog.records]


FULL = "the database takes nothing: its disk is full (SQLITE_FULL); sending waits for it"


def test_it_is_told_once_that_it_is_away_and_once_that_it_is_back(told):
    async def main():
        return await Patience(asyncio.Event())(Failing(error(), error(), error()))

    assert asyncio.run(main()) == "done"
    assert told() == [FULL, "the database is back"]


def test_what_can_still_be_read_says_nothing_of_what_cannot_be_written(told):
    async def main():
        patient = Patience(asyncio.Event())
        writing = asyncio.create_task(patient(Failing(error(), error())))
        while not writing.done():
            await patient(Failing())
            await asyncio.sleep(0.05)

    asyncio.run(main())
    assert told() == [FULL, "the database is back"]


def test_another_matter_is_told_of(told):
    async def main():
        await Patience(asyncio.Event())(Failing(error(), error("SQLITE_IOERR_WRITE")))

    asyncio.run(main())
    assert [line.partition(";")[0].partition(": ")[2] for line in told()][:2] == [
        "its disk is full (SQLITE_FULL)",
        "its disk does not work (SQLITE_IOERR_WRITE)",
    ]


def test_who_has_to_end_gives_up(told):
    async def main():
        stop = asyncio.Event()
        stop.set()
        await Patience(stop)(Failing(*[error()] * 100))

    with pytest.raises(DatabaseAway, match="its disk is full") as caught:
        asyncio.run(main())
    assert "example.net" not in str(caught.value)
    assert told() == [FULL]


def test_what_is_not_known_by_its_code_is_named_by_its_kind():
    assert matter(OperationalError("", {}, sqlite3.OperationalError("x@y.z"))) == "it cannot be used (OperationalError)"
