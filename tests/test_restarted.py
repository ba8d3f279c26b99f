"""PostgreSQL is restarted while an edition is sent by hand, or as that begins."""

import json
import time
from datetime import UTC, datetime

import psycopg
import pytest

from digest.store import deliveries, owners
from digest.store.database import Database
from digest.worker.upkeep import tidy
from processes import Installation, wait_for

READERS = 40
SLOWLY = 0.2  #: seconds for each message: so that all of them take long enough to look


@pytest.fixture
def admin(postgresql):
    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("CREATE DATABASE restarted")
        yield admin
        admin.execute("DROP DATABASE restarted WITH (FORCE)")


@pytest.fixture
def digest(tmp_path, mailbox, postgresql, admin):
    url = postgresql.replace("/postgres?", "/restarted?")
    smtp = {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none", "CONNECTIONS": "4"}
    settings = {f"DIGEST_SMTP__{key}": value for key, value in smtp.items()}
    digest = Installation(tmp_path, **settings, DIGEST_DATABASE__URL=url)
    now = datetime.now(UTC)
    news = {"url": "https://news.example.org/1", "title": "Storm in the northern port towns", "source": "Ledger"}
    (tmp_path / "news.jsonl").write_text(json.dumps(news | {"published": now.isoformat()}))
    (tmp_path / "readers.csv").write_text("\n".join(["email", *(f"reader{n}@example.net" for n in range(READERS))]))
    digest("import", "news.jsonl")
    digest("subscribers", "import", "readers.csv", "--consent", "asked")
    digest("build")
    return digest


def cut_off(admin):
    """What a restart does to connections; with them go the locks by which processes are known to live."""
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'restarted'")


def test_who_sends_is_soon_known_to_live_again_and_nothing_is_taken_from_it(digest, mailbox, admin):
    mailbox.hooks["dot"] = lambda _: time.sleep(SLOWLY)
    sending = digest.start("send")
    wait_for(lambda: len(mailbox.messages) > 2)
    database = Database(digest.environment["DIGEST_DATABASE__URL"])
    with database.read() as db:
        (owner,) = deliveries.owners(db)
    cut_off(admin)
    wait_for(lambda: not owners.dead(database, [owner]), seconds=20)
    assert sending.poll() is None, "it was over too soon: nothing was shown"
    tidy(database, now=datetime.now(UTC))
    told = sending.communicate(timeout=60)[0]
    with database.read() as db:
        doubts = [row.in_doubt for row in deliveries.listing(db, 1)]
    database.close()
    assert sending.returncode == 0, told
    assert (len(mailbox.messages), sum(doubts)) == (READERS, 0)


def test_sending_waits_for_a_server_that_is_just_being_started(digest, mailbox, admin):
    admin.execute("ALTER DATABASE restarted ALLOW_CONNECTIONS false")
    sending = digest.start("send")
    assert "waiting for it" in sending.stdout.readline()
    admin.execute("ALTER DATABASE restarted ALLOW_CONNECTIONS true")
    told = sending.communicate(timeout=60)[0]
    assert (sending.returncode, len(mailbox.messages)) == (0, READERS), told
