"""What the operator is told: when, once, with what to do, and when it is over."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from pydantic import SecretStr

from build import NOW, edition
from digest.alerts import EditionSeen, Seen, SlotSeen, decide
from digest.config import Alerts, Smtp
from digest.model import DeliveryState, EditionState, EditionStatus, Health, Memory, Rendered, Source, Tally
from digest.schedule.watch import watch
from digest.store import alerts, backup, editions, newsletters
from digest.store.alerts import Standing
from digest.worker.telling import words

KEY = "daily/2026-11-23"
HOUR = timedelta(hours=1)


def seen_edition(*, due=0, states=None, **over):
    values = {
        "id": 1,
        "newsletter": "daily",
        "day": date(2026, 11, 23),
        "state": EditionState.SENDING,
        "hold": False,
        "due_at": NOW - HOUR,
        "content": edition(),
    }
    states = states or {DeliveryState.QUEUED: 100}
    tally = Tally(audience=sum(states.values()), states=states)
    return EditionSeen(edition=EditionStatus(**values | over), tally=tally, due=due)


def source(*, newest, oldest=NOW - timedelta(days=30), stored=300, **memory):
    return Health(
        source=Source(name="Wire"),
        memory=Memory(source="Wire", url="https://wire.example/", **memory),
        stored=stored,
        oldest=oldest,
        newest=newest,
    )


def slot(outcome, after):
    return Seen(slots=(SlotSeen(key=KEY, due_at=NOW - after, outcome=outcome),))


SENT, FAILED, QUEUED = DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.QUEUED
OLD = NOW - timedelta(days=8)
CASES = [
    (Seen(), None),
    (slot("missed", HOUR), f"missed/{KEY}"),
    (slot("taken", HOUR), f"late/{KEY}"),
    (slot("waiting", HOUR), f"late/{KEY}"),
    (slot("taken", HOUR / 3), None),  # not late yet
    (slot("approved", HOUR), None),
    (Seen(reviews=((KEY, NOW + HOUR / 2),)), f"review/{KEY}"),
    (Seen(reviews=((KEY, NOW + 2 * HOUR),)), None),
    (Seen(going=(seen_edition(due=100),)), f"unsent/{KEY}"),
    (Seen(going=(seen_edition(due=100, due_at=NOW - HOUR / 3),)), None),
    (Seen(going=(seen_edition(),)), None),  # the hour of its readers has not come
    (Seen(going=(seen_edition(due=99, states={SENT: 1, QUEUED: 99}),)), None),
    (Seen(going=(seen_edition(due=9, paused_reason="the mail server refuses us"),)), f"paused/{KEY}"),
    (Seen(newest=(seen_edition(states={SENT: 95, FAILED: 5}),)), f"bounces/{KEY}"),
    (Seen(newest=(seen_edition(states={SENT: 96, FAILED: 4}),)), None),
    (Seen(newest=(seen_edition(states={SENT: 20, FAILED: 20}),)), None),  # too few to say
    (Seen(sources=(source(newest=NOW, failing_since=OLD, told_at=OLD),)), "failing/Wire"),
    (Seen(sources=(source(newest=NOW - timedelta(hours=25)),)), "silent/Wire"),
    (Seen(sources=(source(newest=NOW - timedelta(hours=23)),)), None),
    (Seen(sources=(source(newest=NOW - timedelta(days=5), stored=30),)), None),  # one a day: five are not much
    (Seen(sources=(source(newest=NOW - timedelta(days=15), stored=30),)), "silent/Wire"),
    (Seen(sources=(source(newest=OLD, stored=3),)), None),  # too few to say
    (Seen(disk_free=400 * 1024 * 1024), "disk/database"),
    (Seen(disk_free=600 * 1024 * 1024), None),
    (Seen(backups_since=OLD), "backup/database"),
    (Seen(backups_since=OLD, backup_at=OLD), "backup/database"),
    (Seen(backups_since=OLD, backup_at=NOW), None),
    (Seen(backup_at=OLD), None),  # they are made by others
]


@pytest.mark.parametrize(("seen", "key"), CASES)
def test_each_has_its_moment_and_says_what_to_do(seen, key):
    found = decide(seen, Alerts(), now=NOW)
    assert [one.key for one in found] == ([key] if key else [])
    for one in found:
        assert one.what
        assert one.advice


def test_what_is_told_has_no_address():
    one = Standing(key="late/x", what="refused: 550 ada@example.net is unknown", advice="look", since=NOW)
    assert "ada@" not in "".join(words(one))
    over = replace(one, over_at=NOW)
    assert words(over)[0].startswith("Over: ")


# --- once ------------------------------------------------------------------------------------------------------------


def heard(database, now, *keys):
    """What one look tells, if that is what it finds: (key, whether it is over)."""
    with database.begin() as db:
        alerts.update_all(db, dict.fromkeys(keys, ("it is so", "do that")), now=now)
        due = alerts.claim(db, now=now)
        for one in due:
            alerts.told(db, one, now=now)
    return [(one.key, one.over_at is not None) for one in due]


def test_each_is_told_once_and_its_end_once_it_has_settled(database):
    minute = timedelta(minutes=1)
    assert heard(database, NOW, "a/1") == [("a/1", False)]
    assert heard(database, NOW + minute, "a/1", "b/1") == [("b/1", False)]
    assert heard(database, NOW + 2 * minute, "a/1") == []  # b is over, but that may not last
    assert heard(database, NOW + 3 * minute, "a/1", "b/1") == []  # and did not
    assert heard(database, NOW + 4 * minute, "a/1") == []
    assert heard(database, NOW + 15 * minute, "a/1") == [("b/1", True)]
    assert heard(database, NOW + 16 * minute, "a/1") == []
    assert heard(database, NOW + 17 * minute, "a/1", "b/1") == [("b/1", False)]  # anew


def test_what_nobody_was_told_of_ends_without_a_word_and_one_process_tells(database):
    with database.begin() as db:
        alerts.update_all(db, {"a/1": ("it is so", "do that")}, now=NOW)
        assert [one.key for one in alerts.claim(db, now=NOW)] == ["a/1"]
        assert alerts.claim(db, now=NOW) == []  # somebody else is about to
        assert [one.key for one in alerts.claim(db, now=NOW + timedelta(minutes=11))] == ["a/1"]  # and died
        assert [one.key for one in alerts.standing(db)] == ["a/1"]
        alerts.update_all(db, {}, now=NOW + timedelta(minutes=12))
        assert alerts.standing(db) == []
        assert alerts.claim(db, now=NOW + HOUR) == []


# --- by mail and webhook ---------------------------------------------------------------------------------------------


@pytest.fixture
def hook():
    """A chat program on loopback: (its address, what was posted)."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/secret", posted
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def paused(database, settings, mailbox, hook):
    """An edition that is paused, and an operator who is told by mail and webhook."""
    with database.begin() as db:
        newsletters.ensure(db, ["daily"], now=NOW)
        status = editions.save_draft(db, edition(), [], due_at=NOW)
        rendered = Rendered(variant="default", subject="Monday", preheader="", html="", text="", web="")
        editions.approve(db, status.id, now=NOW, expires_at=None, in_doubt="resend", rendered=[(rendered, b"")])
        editions.pause(db, status.id, "the mail server refuses us before any reader is named")
    smtp = Smtp(host="127.0.0.1", port=mailbox.port, security="none")
    ways = Alerts(to="operator@example.org", webhook=SecretStr(hook[0]), disk_mb=0)
    return settings.model_copy(update={"smtp": smtp, "alerts": ways}), status


def look(database, settings, now):
    return [one.key for one in asyncio.run(watch(settings, database, now=now))]


def test_the_operator_is_told_by_mail_and_webhook(database, paused, mailbox, hook):
    settings, status = paused
    assert look(database, settings, NOW) == [f"paused/{KEY}"]
    assert look(database, settings, NOW + timedelta(minutes=2)) == []
    (mail,) = mailbox.messages
    assert mail.recipient == "operator@example.org"
    assert (
        mail.parsed["Subject"] == f"sending of {KEY} has paused: the mail server refuses us before any reader is named"
    )
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert f"What to do: `digest doctor` says what is wrong; then `digest deliveries retry {KEY}`" in (
        mail.parsed.get_content()
    )
    (posted,) = hook[1]
    assert (posted["alert"], posted["state"]) == (f"paused/{KEY}", "begun")
    with database.begin() as db:
        editions.resume(db, status.id)
    assert look(database, settings, NOW + timedelta(minutes=4)) == []
    assert look(database, settings, NOW + timedelta(minutes=15)) == [f"paused/{KEY}"]
    assert mailbox.messages[-1].parsed["Subject"].startswith("Over: sending of")
    assert hook[1][-1]["state"] == "over"
    assert len(mailbox.messages) == len(hook[1]) == 2


def test_where_nothing_gets_through_it_is_tried_again(database, paused, mailbox, caplog):
    settings, _ = paused
    dead = settings.alerts.model_copy(update={"webhook": SecretStr("http://127.0.0.1:9/hooks/secret")})
    settings = settings.model_copy(update={"alerts": dead})
    mailbox.refuse["rcpt"] = "550 5.1.1 operator@example.org is unknown"
    assert look(database, settings, NOW) == []
    assert "hooks/secret" not in caplog.text
    assert "operator@" not in caplog.text
    mailbox.refuse.clear()
    assert look(database, settings, NOW + timedelta(minutes=11)) == [f"paused/{KEY}"]


def test_a_copy_of_another_database_tells_nothing(tmp_path, sqlite_database, settings):
    copy = tmp_path / "copy.db"
    backup.backup(sqlite_database, copy, now=NOW)
    backup.restore(sqlite_database, copy, now=NOW)
    settings = settings.model_copy(update={"alerts": Alerts(disk_mb=1e9)})
    assert look(sqlite_database, settings, NOW) == []
    with sqlite_database.begin() as db:
        backup.release(db, now=NOW)
    assert look(sqlite_database, settings, NOW) == ["disk/database"]


def test_a_backup_is_remembered(tmp_path, sqlite_database):

    backup.backup(sqlite_database, tmp_path / "one.db", now=NOW)
    with sqlite_database.read() as db:
        assert backup.last(db) == NOW
