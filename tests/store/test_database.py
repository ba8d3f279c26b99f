"""What the promises rest on: durable commits, one writer at a time, moments in UTC, copies that are whole."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Integer, column, text, update
from sqlalchemy import table as lightweight
from sqlalchemy.exc import DBAPIError, StatementError

from build import NOW, article
from digest.errors import ConfigError, NotFound, Refused
from digest.pipeline import storing
from digest.store import articles, deliveries, newsletters
from digest.store.backup import backup, restore
from digest.store.database import Database, parse_url, sqlite_module
from digest.store.schema import insert_new, slots
from digest.store.schema import newsletters as newsletters_table
from queues import Queue

WRITER = """
import sys
from sqlalchemy import text
from digest.store.database import Database
database = Database(sys.argv[1])
for _ in range(60):
    with database.begin() as db:
        value = db.execute(text("SELECT value FROM counter")).scalar_one()
        db.execute(text("UPDATE counter SET value = :it"), {"it": value + 1})
"""


def test_sqlite_writes_are_durable(sqlite_database):
    with sqlite_database.begin() as db:
        settings = {
            name: db.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}
        version = db.exec_driver_sql("SELECT sqlite_version()").scalar_one()
    assert version == sqlite_module().sqlite_version


def test_a_long_write_has_more_at_hand_and_keeps_its_promises(sqlite_database):
    def settings() -> dict[str, int]:
        with sqlite_database.begin() as db:
            names = ("cache_size", "wal_autocheckpoint", "synchronous")
            return {name: db.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    usual = settings()
    with sqlite_database.in_bulk():
        bulk = settings()
    assert (-bulk["cache_size"], bulk["wal_autocheckpoint"]) > (-usual["cache_size"], usual["wal_autocheckpoint"])
    assert bulk["synchronous"] == usual["synchronous"] == 2
    assert settings() == usual


def test_every_sqlite_write_begins_immediately(sqlite_database, tmp_path):
    other = Database(f"sqlite:///{sqlite_database.path}")
    with sqlite_database.begin(), other.read() as db:
        assert db.execute(text("SELECT count(*) FROM editions")).scalar_one() == 0, "readers do not wait"
        connection = sqlite_module().connect(sqlite_database.path, timeout=0)
        with pytest.raises(sqlite_module().OperationalError, match="locked"):
            connection.execute("BEGIN IMMEDIATE")
        connection.close()
    other.close()


def test_processes_that_write_at_once_wait_their_turn(sqlite_database):
    """Each reads and then writes: the pattern that fails with "database is locked" unless writes begin IMMEDIATE."""
    with sqlite_database.begin() as db:
        db.execute(text("CREATE TABLE counter (value INTEGER)"))
        db.execute(text("INSERT INTO counter VALUES (0)"))
    command = [sys.executable, "-c", WRITER, f"sqlite:///{sqlite_database.path}"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == ["", "", ""]
    with sqlite_database.read() as db:
        assert db.execute(text("SELECT value FROM counter")).scalar_one() == 180


def test_processes_that_open_a_new_database_at_once(tmp_path):
    """Turning a new file into WAL mode does not wait for others by itself."""
    script = "import sys; from digest.store.database import Database; from digest.store import migrate;"
    script += "migrate.upgrade(Database(sys.argv[1]))"
    command = [sys.executable, "-c", script, f"sqlite:///{tmp_path / 'new.db'}"]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate()[1] for process in running] == ["", "", ""]


def test_a_reader_cannot_write(database):
    with pytest.raises(DBAPIError, match="read"), database.read() as db:
        newsletters.ensure(db, ["daily"], now=NOW)


def test_a_read_is_one_view(database):
    with database.read() as db:
        before = articles.count(db)
        with database.begin() as other:
            storing.put(other, [article()], now=NOW)
        assert articles.count(db) == before == 0


def test_what_fails_leaves_nothing(database):
    def fail():
        with database.begin() as db:
            storing.put(db, [article()], now=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.read() as db:
        assert articles.count(db) == 0


def test_rows_must_refer_to_something(database):
    row = {"newsletter": "none", "day": NOW.date(), "due_at": NOW, "taken_at": NOW}
    with pytest.raises(DBAPIError), database.begin() as db:
        insert_new(db, slots, [row])


def test_new_rows_are_counted_and_told_apart(database):
    rows = [{"name": f"n{number}", "created_at": NOW} for number in range(2500)]
    with database.begin() as db:
        assert len(insert_new(db, newsletters_table, rows[:1500])) == 1500
        assert {row.name for row in insert_new(db, newsletters_table, rows)} == {row["name"] for row in rows[1500:]}
        assert insert_new(db, newsletters_table, []) == []


def test_moments_come_back_aware_and_in_utc(database):
    local = datetime(2026, 11, 23, 8, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=local)
        assert newsletters.created(db, "daily") == local
        assert newsletters.created(db, "daily").tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="without a time zone"), database.begin() as db:
        newsletters.ensure(db, ["daily"], now=datetime(2026, 11, 23))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://localhost/digest", "sqlite://", "sqlite:///:memory:"])
def test_addresses_that_are_no_database_for_us(url):
    with pytest.raises(ConfigError, match=r"database\.url"):
        parse_url(url)


def test_a_backup_is_whole_and_its_editions_wait(database, tools, tmp_path):
    """What the backup holds as unsent may have been sent since: nothing goes out before a person says so."""
    queue = Queue(database)
    copy = tmp_path / "copy.db"
    backup(database, copy, now=NOW)
    queue.take()
    restore(database, copy, now=NOW)
    assert queue.tally().waiting == 3
    assert queue.claim() == []
    assert "restored from a backup" in queue.edition().paused_reason
    queue.change(deliveries.retry, queue.id, now=NOW)
    assert len(queue.claim()) == 3


def test_backups_that_would_do_harm_are_refused(sqlite_database, tmp_path):
    there = tmp_path / "there"
    there.write_bytes(b"SQLite format 3\0" + b"nonsense" * 200)
    with pytest.raises(Refused, match="there already"):
        backup(sqlite_database, there, now=NOW)
    with pytest.raises(Refused, match="damaged"):
        restore(sqlite_database, there, now=NOW)
    with pytest.raises(NotFound):
        restore(sqlite_database, tmp_path / "none", now=NOW)


def test_a_delivery_has_an_owner_exactly_while_it_is_claimed(database):
    """Held by the tables, so that no statement can leave a delivery that nobody would take back."""
    Queue(database)
    table = lightweight("deliveries", column("owner"), column("state"), column("fence", Integer))
    for values in ({"state": "claimed"}, {"owner": "one"}, {"state": "nonsense"}):
        with pytest.raises(DBAPIError), database.begin() as db:
            db.execute(update(table).values(**values))
