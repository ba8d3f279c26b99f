"""A copy of a live database, and what a restored one does not do."""

from datetime import timedelta

import pytest

from build import NOW, edition, story
from digest.errors import Refused
from digest.store import backup, editions, newsletters
from digest.store.database import Database


def draft(database: Database) -> None:
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW - timedelta(days=9))
        editions.save_draft(db, edition(), [story()], due_at=None)


def test_a_backup_is_whole_and_comes_back(sqlite_database, tmp_path):
    draft(sqlite_database)
    copy = tmp_path / "copy.db"
    backup.backup(sqlite_database, copy, now=NOW)
    with sqlite_database.begin() as db:
        status = editions.get(db, "daily/2026-11-23")
        editions.cancel(db, status.id, now=NOW)
    backup.restore(sqlite_database, copy, now=NOW)
    with sqlite_database.read() as db:
        assert editions.get(db, "daily/2026-11-23").state == "draft"


def test_a_restored_database_is_paused_and_takes_no_slot_of_the_past(sqlite_database, tmp_path):
    draft(sqlite_database)
    backup.backup(sqlite_database, tmp_path / "copy.db", now=NOW)
    backup.restore(sqlite_database, tmp_path / "copy.db", now=NOW)
    with sqlite_database.read() as db:
        assert "restored" in editions.get(db, "daily/2026-11-23").paused_reason
        assert newsletters.created(db, "daily") == NOW


def test_a_backup_overwrites_nothing(sqlite_database, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Refused, match="there already"):
        backup.backup(sqlite_database, tmp_path / "copy.db", now=NOW)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_damaged_backup_is_refused_and_the_database_stays(sqlite_database, tmp_path):
    draft(sqlite_database)
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(Refused, match="damaged"):
        backup.restore(sqlite_database, broken, now=NOW)
    with sqlite_database.read() as db:
        assert editions.get(db, "daily/2026-11-23") is not None


def test_a_copy_sends_nothing_until_it_is_released_however_it_comes_to_be_used(sqlite_database, tmp_path):
    """Also when somebody just puts the file into the place of the database."""
    draft(sqlite_database)
    backup.backup(sqlite_database, tmp_path / "copy.db", now=NOW)
    with sqlite_database.read() as db:
        assert not backup.unreleased(db)
    copy = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    with copy.begin() as db:
        assert backup.unreleased(db)
        assert backup.release(db, now=NOW)
        assert not backup.unreleased(db)
        assert not backup.release(db, now=NOW)
    copy.close()
    backup.restore(sqlite_database, tmp_path / "copy.db", now=NOW + timedelta(days=1))
    with sqlite_database.read() as db:
        assert backup.unreleased(db), "released was the copy, not what was made of it"
