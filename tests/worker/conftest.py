"""An approved edition with readers, and a mail server to send it to."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from abort_at import settings_for
from build import article, reader
from digest.config import Newsletter, Settings, Smtp
from digest.model import EditionStatus, Tally
from digest.pipeline import building, publishing, storing
from digest.store import deliveries, newsletters, owners, schema, subscribers
from digest.store.database import Database
from digest.worker.drain import Drain, Drained
from digest.worker.shift import Shift
from digest.worker.upkeep import tidy
from postbox import Mailbox


@pytest.fixture
def window(request: pytest.FixtureRequest, database: Database) -> int:
    """How many deliveries each connection may have under way.

    Each of the two ways to record deliveries on one of the two databases, but where a test asks for both on each.
    """
    return getattr(request, "param", 1 if database.is_sqlite else 4)


@pytest.fixture
def sending(settings: Settings, mailbox: Mailbox, window: int) -> Settings:
    """Settings that send to the mailbox over two connections."""
    smtp = Smtp(host="127.0.0.1", port=mailbox.port, security="none", connections=2, window=window)
    return settings.model_copy(update={"smtp": smtp})


@pytest.fixture
def approved(database: Database, sending: Settings) -> Callable[..., EditionStatus]:
    """Makes an approved edition for so many readers."""

    def make(readers: int = 5, **over: object) -> EditionStatus:
        now = datetime.now(UTC)
        letter = Newsletter.model_validate(over)
        settings = sending.model_copy(update={"newsletters": {"daily": letter}})
        with database.begin() as db:
            newsletters.ensure(db, ["daily"], now=now)
            storing.put(db, [article(n, published=now - timedelta(hours=n)) for n in range(1, 5)], now=now)
            people = [reader(n) for n in range(1, readers + 1)]
            subscribers.add(db, people, newsletter="daily", consent="asked", now=now)
        key = building.build(settings, database, "daily", at=now).key
        return publishing.approve(settings, database, key, now=now).edition

    return make


@pytest.fixture
def spread(approved: Callable[..., EditionStatus], database: Database) -> Callable[..., EditionStatus]:
    """Makes an approved edition whose readers are at these domains in turn."""

    def make(readers: int, *domains: str) -> EditionStatus:
        status = approved(readers)
        frozen, people = schema.deliveries, schema.subscribers
        with database.begin() as db:
            for number in range(1, readers + 1):
                address = f"reader{number}@{domains[number % len(domains)]}"
                db.execute(update(frozen).where(frozen.c.subscriber_id == number).values(address=address))
                db.execute(update(people).where(people.c.id == number).values(address=address))
        return status

    return make


@pytest.fixture
def drafted(mailbox: Mailbox) -> Callable[..., str]:
    """Fills a database with articles and readers, and makes today's draft; its key."""

    def make(database: Database, *, readers: int) -> str:
        now = datetime.now(UTC)
        with database.begin() as db:
            newsletters.ensure(db, ["daily"], now=now)
            storing.put(db, [article(n, published=now - timedelta(hours=n)) for n in range(1, 5)], now=now)
            people = [reader(n) for n in range(1, readers + 1)]
            subscribers.add(db, people, newsletter="daily", consent="asked", now=now)
        return building.build(settings_for("sqlite:///", mailbox.port, 1), database, "daily", at=now).key

    return make


@pytest.fixture
def drain(database: Database, sending: Settings) -> Callable[..., Drained]:
    """Sends all that is due, as one process would."""

    def run(*, owner: str = "test", stop: asyncio.Event | None = None, **over: object) -> Drained:
        settings = sending.model_copy(update=over)

        async def main() -> Drained:
            return await Drain(settings, database, Shift(owner=owner, stop=stop or asyncio.Event())).run()

        with owners.Presence(database, owner):
            drained = asyncio.run(main())
        tidy(database, now=datetime.now(UTC))
        return drained

    return run


@pytest.fixture
def tally(database: Database) -> Callable[[EditionStatus], Tally]:
    def count(status: EditionStatus) -> Tally:
        with database.read() as db:
            return deliveries.tally(db, status.id)

    return count
