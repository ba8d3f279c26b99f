"""What is remembered of a source, and its health."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from build import NOW, article
from digest.model import Health, Known, Memory, Source
from digest.pipeline import storing
from digest.store import articles, migrate, sources
from digest.store.database import Database

MINUTE = timedelta(minutes=1)
LEDGER = Source(name="Ledger", url="https://ledger.example/feed")
FULL = Memory(
    source="Ledger",
    url=LEDGER.url,
    etag='"1"',
    last_modified="Mon, 23 Nov 2026 07:00:00 GMT",
    moved_to="https://ledger.example/new",
    next_at=NOW,
    last_success_at=NOW - timedelta(hours=1),
    last_failure_at=NOW - timedelta(hours=2),
    failing_since=NOW - timedelta(hours=3),
    failures=2,
    last_error="HTTP 500",
    told_at=NOW - timedelta(hours=4),
    items=7,
)


def test_all_that_is_to_be_remembered_is_remembered(database):
    assert all(getattr(FULL, field.name) for field in fields(Memory))
    other = Source(name="Wire")
    with database.begin() as db:
        sources.seen(db, [LEDGER, other], now=NOW)
        sources.remember(db, [FULL])
        sources.seen(db, [replace(LEDGER, weight=2)], now=NOW)  # which leaves it alone
        assert sources.memories(db, ["Ledger", "Wire", "Nobody"]) == {
            "Ledger": FULL,
            "Wire": Memory(source="Wire"),
            "Nobody": Memory(source="Nobody"),
        }
        sources.remember(db, [replace(FULL, told_at=None, failures=0)])
        assert sources.memories(db, ["Ledger"])["Ledger"] == replace(FULL, told_at=None, failures=0)


def test_what_was_claimed_is_given_back_as_it_was_unless_somebody_has_it_by_now(database):
    until, other = NOW + timedelta(minutes=10), Source(name="Wire")
    with database.begin() as db:
        sources.seen(db, [LEDGER, other], now=NOW)
        sources.remember(db, [replace(FULL, next_at=until), Memory(source="Wire", next_at=until + MINUTE)])
        sources.give_back(db, {"Ledger": NOW, "Wire": None}, claimed=until)
        found = sources.memories(db, ["Ledger", "Wire"])
    assert found["Ledger"] == FULL
    assert found["Wire"].next_at == until + MINUTE


def test_health_counts_the_articles_of_a_week(database):
    ages = [timedelta(days=days) for days in (0, 1, 6, 8, 40)]
    mine = [article(n, source="Ledger", published=NOW - age) for n, age in enumerate(ages)]
    with database.begin() as db:
        sources.seen(db, [LEDGER, Source(name="Wire")], now=NOW)
        sources.remember(db, [FULL])
        storing.put(db, [*mine, article(99, source="Other")], now=NOW)
    with database.read() as db:
        ledger, wire = sources.health(db, now=NOW)
    assert wire == Health(source=Source(name="Wire"), memory=Memory(source="Wire"))
    assert ledger == Health(
        source=LEDGER, memory=FULL, stored=5, per_day=pytest.approx(3 / 7), oldest=NOW - ages[-1], newest=NOW
    )


def test_known_are_the_recent_ones_of_the_source_and_the_addresses_asked_for(database):
    old = article(1, source="Ledger", published=NOW - timedelta(days=50))
    recent = article(2, source="Ledger")
    others = [article(3, source="Wire"), article(4, source="Wire")]
    with database.begin() as db:
        storing.put(db, [old, recent, *others], now=NOW)
        found = articles.known(db, source="Ledger", since=NOW - timedelta(days=30), urls=[others[0].url])
    assert sorted(found, key=lambda one: one.url) == [
        Known(url=one.url, title=one.title, published=one.published) for one in (recent, others[0])
    ]


def test_a_database_of_the_first_release_keeps_its_sources(unmigrated_url):
    database = Database(unmigrated_url)
    migrate.upgrade(database, "0001")
    with database.begin() as db:
        db.execute(
            text("INSERT INTO sources (name, url, first_seen, last_seen) VALUES ('Ledger', :url, :at, :at)"),
            {"url": LEDGER.url, "at": "2026-11-01 00:00:00+00:00"},
        )
    migrate.upgrade(database)
    with database.read() as db:
        assert sources.all_sources(db) == [LEDGER]
        assert sources.memories(db, ["Ledger"]) == {"Ledger": Memory(source="Ledger")}
    migrate.downgrade(database, "0001")
    with database.read() as db:
        assert db.execute(text("SELECT name FROM sources")).scalars().all() == ["Ledger"]
    database.close()
