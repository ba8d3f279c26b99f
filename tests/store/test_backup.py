"""A copy of a live database, and what a restored one does not do."""

import contextlib
import os
import re
import resource
import sqlite3
from datetime import timedelta

import pytest

from build import NOW, edition, story
from digest.errors import Refused
from digest.store import backup, editions, newsletters, postgres
from digest.store.database import Database
from digest.store.owners import Presence
from processes import Installation


def draft(database: Database) -> None:
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW - timedelta(days=9))
        editions.save_draft(db, edition(), [story()], due_at=None)


def test_a_backup_is_whole_and_comes_back(database, tools, tmp_path):
    draft(database)
    copy = tmp_path / "copy.db"
    backup.backup(database, copy, now=NOW)
    with database.begin() as db:
        status = editions.get(db, "daily/2026-11-23")
        editions.cancel(db, status.id, now=NOW)
    backup.restore(database, copy, now=NOW)
    with database.read() as db:
        assert editions.get(db, "daily/2026-11-23").state == "draft"


def test_a_restored_database_is_paused_and_takes_no_slot_of_the_past(database, tools, tmp_path):
    draft(database)
    backup.backup(database, tmp_path / "copy.db", now=NOW)
    backup.restore(database, tmp_path / "copy.db", now=NOW)
    with database.read() as db:
        assert "restored" in editions.get(db, "daily/2026-11-23").paused_reason
        assert newsletters.created(db, "daily") == NOW
        assert backup.unreleased(db)
        assert backup.last(db) is None, "that of the copy, of which no backup has been made"
    backup.backup(database, tmp_path / "second", now=NOW)
    with database.read() as db:
        assert backup.last(db) == NOW


def test_a_backup_overwrites_nothing(database, tools, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(Refused, match="there already"):
        backup.backup(database, tmp_path / "copy.db", now=NOW)
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_damaged_backup_is_refused_and_the_database_stays(database, tools, tmp_path):
    draft(database)
    broken = tmp_path / "broken.db"
    broken.write_bytes((b"SQLite format 3\0" if database.is_sqlite else b"PGDMP") + b"\xff" * 5000)
    with pytest.raises(Refused, match=r"damaged|pg_restore: "):
        backup.restore(database, broken, now=NOW)
    with database.read() as db:
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


def test_a_dump_that_breaks_off_changes_nothing(postgresql_url, tools, tmp_path):
    database = Database(postgresql_url)
    with database.begin() as db:
        newsletters.ensure(db, [f"letter{n}" for n in range(2000)], now=NOW)
    backup.backup(database, tmp_path / "whole", now=NOW)
    whole = (tmp_path / "whole").read_bytes()
    (tmp_path / "half").write_bytes(whole[:-2000])
    with pytest.raises(Refused, match="pg_restore"):
        backup.restore(database, tmp_path / "half", now=NOW)
    with database.read() as db:
        assert newsletters.created(db, "letter1999") == NOW
        assert not backup.unreleased(db)
    database.close()


def test_a_missing_tool_is_named(monkeypatch, tmp_path):
    database = Database("postgresql://localhost/digest")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="pg_dump is not on PATH"):
        backup.backup(database, tmp_path / "copy", now=NOW)
    assert list(tmp_path.iterdir()) == []
    database.close()


def test_what_a_tool_says_is_told_in_a_line_and_the_password_is_not(tools, tmp_path):
    database = Database("postgresql://ada:correct-horse@127.0.0.1:1/digest?connect_timeout=5")
    with pytest.raises(Refused, match=r"^pg_dump: .*refused") as caught:
        backup.backup(database, tmp_path / "copy", now=NOW)
    assert "correct-horse" not in str(caught.value)
    assert "\n" not in str(caught.value)
    database.close()


def test_the_password_is_not_on_the_command_line(monkeypatch, tmp_path):
    """Others on the machine see the one, and not the environment."""
    tool = tmp_path / "pg_dump"
    tool.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\necho "$PGPASSWORD" > {tmp_path}/known\nexit 1\n')
    tool.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    database = Database("postgresql://ada:correct-horse@127.0.0.1:1/digest")
    with pytest.raises(Refused):
        backup.backup(database, tmp_path / "copy", now=NOW)
    assert "user=ada" in (tmp_path / "said").read_text()
    assert "correct-horse" not in (tmp_path / "said").read_text()
    assert (tmp_path / "known").read_text() == "correct-horse\n"
    database.close()


def test_a_database_that_is_still_in_use_is_not_replaced(postgresql_url, tools, tmp_path):
    """What has happened by then is undone, and psql's own words are told."""
    database = Database(postgresql_url)
    draft(database)
    backup.backup(database, tmp_path / "copy", now=NOW)
    with database.begin() as db:
        newsletters.ensure(db, ["evening"], now=NOW)
        with pytest.raises(Refused, match=r"psql: .*lock timeout"):
            postgres.restore(database.url, tmp_path / "copy", ["newsletters"], "", patience=1)
    with database.read() as db:
        assert newsletters.created(db, "evening") == NOW
        assert not backup.unreleased(db)
    database.close()


def test_a_backup_that_cannot_be_written_says_where_and_why_and_leaves_nothing(sqlite_database, tmp_path):
    with pytest.raises(Refused, match=r"gone/copy\.part: No such file or directory$"):
        backup.backup(sqlite_database, tmp_path / "gone" / "copy", now=NOW)


def test_a_backup_that_has_no_room_ends_with_one_line_and_leaves_nothing(tmp_path):
    digest = Installation(tmp_path)
    small = 100 << 10  # enough for what SQLite keeps beside the database, and not for a copy
    process = digest.start(
        "database", "backup", "copy", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (small, small))
    )
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.fullmatch(r"digest: copy\.part: .+\n", said)
    assert not list(tmp_path.glob("copy*"))


def test_the_database_of_another_program_is_no_backup(sqlite_database, tmp_path):
    draft(sqlite_database)
    with contextlib.closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE editions (title)")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Refused, match=r"other\.db is no backup of digest"):
        backup.restore(sqlite_database, tmp_path / "other.db", now=NOW)
    assert sorted(tmp_path.iterdir()) == before
    with sqlite_database.read() as db:
        assert editions.get(db, "daily/2026-11-23") is not None


def test_nothing_is_restored_under_a_process_that_lives(database, tools, tmp_path):
    """It would go on sending what it has in mind, and nothing would say that this is a copy."""
    draft(database)
    backup.backup(database, tmp_path / "copy.db", now=NOW)
    with (
        Presence(database, "a daemon"),
        pytest.raises(Refused, match="1 process of digest at work on this database: stop all of them first"),
    ):
        backup.restore(database, tmp_path / "copy.db", now=NOW)
    with database.read() as db:
        assert not backup.unreleased(db)
    backup.restore(database, tmp_path / "copy.db", now=NOW)


def test_a_restored_file_is_for_its_owner_where_the_old_one_is_lost(sqlite_database, tmp_path):
    backup.backup(sqlite_database, tmp_path / "copy", now=NOW)
    lost = Database(f"sqlite:///{tmp_path / 'new.db'}")
    was = os.umask(0o022)
    backup.restore(lost, tmp_path / "copy", now=NOW)
    os.umask(was)
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
    lost.close()
