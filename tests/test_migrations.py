"""The migrations and the tables of `schema` are two descriptions of one thing."""

import os
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from digest.errors import Refused, SchemaMismatch
from digest.links import address_hash
from digest.store import migrate, revision, suppressions
from digest.store.database import Database
from digest.store.schema import metadata


@pytest.fixture
def database(unmigrated_url):
    one = Database(unmigrated_url)
    migrate.upgrade(one)
    yield one
    one.close()


def differences(database):
    """What ``alembic check`` would find."""
    with database.begin() as db:
        return compare_metadata(MigrationContext.configure(db), metadata)


def test_migrated_tables_are_those_of_the_schema(database):
    assert differences(database) == []


def test_up_down_and_up_again(database):
    migrate.downgrade(database, "base")
    with database.read() as db:
        assert set(inspect(db).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    assert differences(database) == []
    revision.check(database)


BEFORE = """
INSERT INTO newsletters VALUES ('daily', '2026-11-01 00:00:00');
INSERT INTO editions (newsletter, day, state, content) VALUES ('daily', '2026-11-22', 'done', '{}');
INSERT INTO editions (newsletter, day, state, content) VALUES ('daily', '2026-11-23', 'done', '{}');
INSERT INTO stories (edition_id, story, rank, score, headline, url, urls, sources, text, ledger)
    SELECT id, 's1', 1, 1, '', '', '[]', 1, '', '[]' FROM editions;
INSERT INTO slots (newsletter, day, due_at, taken_at)
    VALUES ('daily', '2026-11-23', '2026-11-23 07:00:00', '2026-11-23 07:00:00')
"""
AFTER = """
INSERT INTO editions (newsletter, day, cadence, content) VALUES ('daily', '2026-11-23', 'weekly', '{}');
INSERT INTO slots (newsletter, day, cadence, due_at, taken_at)
    SELECT newsletter, day, 'weekly', due_at, taken_at FROM slots
"""


def test_editions_outlive_the_change_that_lets_a_day_have_several(unmigrated_url):
    """With what refers to them: SQLite makes the table anew, and must not cascade."""
    database, counts = Database(unmigrated_url), {"editions": 2, "stories": 2, "slots": 1}
    migrate.upgrade(database, "0006")
    write(database, BEFORE)
    migrate.upgrade(database)
    assert counted(database, counts) == counts
    write(database, AFTER)
    migrate.downgrade(database, "0006")
    assert counted(database, counts) == counts
    database.close()


def test_suppressions_keep_their_addresses_under_the_new_keys(unmigrated_url):
    """Whose key folded more than capital letters: the old one was that of somebody else, too."""
    was = {"stra\u00dfe@example.net": "strasse@example.net", "Ada@example.net": "ada@example.net", "": "erased"}
    database = Database(unmigrated_url)
    migrate.upgrade(database, "0011")
    with database.begin() as db:
        for address, key in was.items():
            values = {"hash": address_hash(key), "address": address}
            db.execute(text("INSERT INTO suppressions VALUES (:hash, :address, 'manual', '', '2026-11-01')"), values)
    migrate.upgrade(database)
    assert suppressed(database, "STRA\u00dfE@example.net", "strasse@example.net", "ada@example.net") == [
        True,
        False,
        True,
    ]
    with database.read() as db:
        assert len(suppressions.listing(db)) == 3
    migrate.downgrade(database, "0011")
    assert sorted(hashes(database)) == sorted(map(address_hash, was.values()))
    database.close()


def suppressed(database, *addresses):
    with database.read() as db:
        return [suppressions.is_suppressed(db, one) for one in addresses]


def hashes(database):
    with database.read() as db:
        return list(db.execute(text("SELECT address_hash FROM suppressions")).scalars())


def write(database, statements):
    with database.begin() as db:
        for one in statements.split(";"):
            db.execute(text(one))


def counted(database, tables):
    with database.read() as db:
        return {table: db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables}


def test_partial_indexes_are_partial(database):
    """What is sent for good costs the next claim nothing."""
    with database.read() as db:
        indexes = {one["name"]: one for one in inspect(db).get_indexes("deliveries")}
    kind = "sqlite_where" if database.is_sqlite else "postgresql_where"
    assert "queued" in str(indexes["ix_deliveries_due_at"]["dialect_options"][kind])
    assert "owner" in str(indexes["ix_deliveries_owner"]["dialect_options"][kind])


def test_upgrading_twice_changes_nothing(database):
    migrate.upgrade(database)
    assert revision.current(database) == revision.HEAD


def test_upgrades_at_the_same_time(database, unmigrated_url):
    migrate.downgrade(database, "base")
    errors = []

    def upgrade():
        mine = Database(unmigrated_url)
        try:
            migrate.upgrade(mine)
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails the test
            errors.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not errors
    revision.check(database)


@pytest.mark.parametrize(
    ("stamp", "words"),
    [("", "empty: run `digest database upgrade`"), ("9999", "older than the database"), ("0000", "older than the")],
)
def test_a_database_of_another_age_is_refused_in_one_line(database, stamp, words):
    with database.begin() as db:
        db.execute(text("DELETE FROM alembic_version"))
        if stamp:
            db.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": stamp})
    with pytest.raises(SchemaMismatch, match=words) as caught:
        revision.check(database)
    assert "\n" not in str(caught.value)


def test_an_older_database_is_told_to_upgrade(sqlite_database):
    with pytest.raises(SchemaMismatch, match=r"older than this program .*run `digest database upgrade`"):
        revision.check(sqlite_database, known=(*revision.REVISIONS, "9999"))


def test_migrating_prints_nothing(sqlite_database, capfd):
    migrate.downgrade(sqlite_database, "base")
    migrate.upgrade(sqlite_database)
    assert capfd.readouterr() == ("", "")


def test_the_program_knows_all_its_revisions():
    assert list(revision.REVISIONS) == migrate.revisions()


@pytest.mark.parametrize("deed", [migrate.upgrade, revision.check])
def test_the_database_of_another_program_is_left_alone(unmigrated_url, deed):
    database = Database(unmigrated_url)
    write(database, "CREATE TABLE invoices (total INTEGER); CREATE TABLE editions (title INTEGER)")
    with pytest.raises(SchemaMismatch, match=r"another program \(editions, invoices\): give digest its own"):
        deed(database)
    with database.read() as db:
        assert sorted(inspect(db).get_table_names()) == ["editions", "invoices"]
    database.close()


def test_the_file_of_a_database_is_for_its_owner_and_looking_makes_none(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'digest.db'}")
    with pytest.raises(SchemaMismatch, match=r"there is no database .*digest\.db: `digest database upgrade` makes one"):
        revision.check(database)
    assert list(tmp_path.iterdir()) == []
    was = os.umask(0o022)
    migrate.upgrade(database)
    os.umask(was)
    assert {one.name: one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == dict.fromkeys(
        ("digest.db", "digest.db-shm", "digest.db-wal"), 0o600
    )
    database.close()


def test_a_database_that_cannot_be_made_is_named(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'digest.db'}")
    with pytest.raises(Refused, match=r"^database\.url: .*gone/digest\.db: No such file or directory$"):
        migrate.upgrade(database)
    database.close()
