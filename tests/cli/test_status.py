"""`digest status`: what runs, how fast, what waits and why; once, or kept up to date."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from processes import Installation, stop


@pytest.fixture
def today():
    return f"daily/{datetime.now(UTC):%Y-%m-%d}"


@pytest.fixture
def half_sent(digest, news, readers, mailbox, today):
    """One of two readers has it; the other's server says “later”."""
    mailbox.refuse["bela@example.net"] = "451 4.3.0 bela@example.net comes back later"
    assert digest("import", str(news)).code == 0
    assert digest("subscribers", "import", str(readers), "--consent", "asked").code == 0
    digest("build")
    assert digest("send").code == 75
    return today


def test_it_says_how_fast_it_goes_and_what_waits_for_what(digest, half_sent):
    said = digest("status").out
    assert f"{half_sent}: sending: 1 queued, 1 sent" in said
    assert "0.0 a second over the last minute; done about" in said
    assert "1 wait for another try, as the mail server said 451: from" in said
    assert "No `digest run` is at work" in said
    assert "bela" not in said
    (one,) = digest("status", "--json").json["editions"]
    assert one["rate"] == pytest.approx(1 / 60)
    assert one["waits"]["due"] == one["waits"]["later"] == 0
    assert [(retry["code"], retry["count"]) for retry in one["waits"]["retry"]] == [("451", 1)]
    assert datetime.fromisoformat(one["done_at"]) > datetime.now(UTC)


def test_what_waits_for_a_person_is_told_with_what_to_do(digest, half_sent):
    digest("hold", half_sent)
    assert f"waits for a person: `digest approve {half_sent}` lets it go on" in digest("status").out


def test_quiet_hours_are_told_with_their_end(digest, half_sent, monkeypatch):
    now = datetime.now(UTC)
    end = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__QUIET_HOURS", f"{now - timedelta(hours=1):%H:%M}-{end:%H:%M}")
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__SEND_AT", f"{now + timedelta(hours=6):%H:%M}")
    assert f"  quiet hours: no copy leaves before {end:%a %H:%M} UTC" in digest("status").out.splitlines()
    (one,) = digest("status", "--json").json["editions"]
    assert datetime.fromisoformat(one["quiet_until"]) == end
    rehearsed = digest("send", half_sent, "--dry-run")
    assert f"quiet hours: no copy leaves before {end:%a %H:%M} UTC" in rehearsed.out.splitlines()
    assert datetime.fromisoformat(digest("send", half_sent, "--dry-run", "--json").json["quiet_until"]) == end
    digest("deliveries", "retry", half_sent)
    said = digest("send")
    assert (said.code, f"{half_sent}: quiet hours: no copy leaves before {end:%a %H:%M} UTC" in said.out) == (75, True)
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__DELIVER", "local")
    assert "by the clock of its reader (quiet_hours)" in digest("status").out


def test_watching_is_for_people(digest):
    assert digest("status", "--watch", "--json").code == 2


@contextmanager
def watched(folder, digest):
    """The terminal on which it is drawn over and over; in the end, Ctrl-C."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-W", "ignore", "-m", "digest", "status", "--watch", "--every", "0.2"]
    watching = subprocess.Popen(command, cwd=folder, env=digest.environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    yield ours
    watching.send_signal(signal.SIGINT)
    rest = _read(ours, until=lambda _: False)
    assert (watching.wait(10), "Traceback" in rest) == (0, False)
    os.close(ours)


def _looks(text):
    return len(set(re.findall(r"\d\d:\d\d:\d\d UTC", text)))


def test_watching_goes_on_until_ctrl_c_and_ends_well(tmp_path):
    with watched(tmp_path, Installation(tmp_path)) as terminal:
        said = _read(terminal, until=lambda text: _looks(text) >= 2)
        assert "No edition is being sent." in said
    assert "Traceback" not in said


def test_watching_goes_on_when_the_database_comes_back(tmp_path, postgresql):
    url = postgresql.replace("/postgres?", "/watched?")
    with psycopg.connect(postgresql.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute("CREATE DATABASE watched")
        digest = Installation(tmp_path, DIGEST_DATABASE__URL=url)
        with watched(tmp_path, digest) as terminal:
            _read(terminal, until=lambda text: "No edition is being sent." in text)
            admin.execute("ALTER DATABASE watched ALLOW_CONNECTIONS false")
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'watched'")
            said = _read(terminal, until=lambda text: "the database is away" in text and "No edition" in text)
            assert _looks(said.partition("the database is away")[2]), "what was seen last is gone"
            admin.execute("ALTER DATABASE watched ALLOW_CONNECTIONS true")
            said = _read(terminal, until=lambda text: _looks(text.rpartition("is away")[2]) >= 3)
            assert _looks(said.rpartition("is away")[2]) >= 3
        admin.execute("DROP DATABASE watched WITH (FORCE)")


def _read(terminal, *, until, seconds=30.0):
    """What appears on a terminal, until it is enough or the program has left it."""
    end, text = time.monotonic() + seconds, ""
    while not until(text) and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                text += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                break
    return text


def test_a_daemon_is_seen_while_it_runs(tmp_path, mailbox):
    smtp = {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none"}
    digest = Installation(
        tmp_path, DIGEST_WEB__PORT="0", **{f"DIGEST_SMTP__{key}": value for key, value in smtp.items()}
    )
    daemon = digest.start("run")
    end = time.monotonic() + 30
    while not (running := digest.json("status")["running"]):
        assert time.monotonic() < end, "it says nothing of itself"
    (one,) = running
    assert one["roles"] == ["clock", "worker", "web"]
    assert datetime.now(UTC) - datetime.fromisoformat(one["started_at"]) < timedelta(minutes=1)
    daemon.kill()
    daemon.communicate()
    assert "No `digest run` is at work" in digest("status")
    second = digest.start("serve")
    while not (running := digest.json("status")["running"]):
        assert time.monotonic() < end + 30, "it says nothing of itself"
    assert [process["roles"] for process in running] == [["web"]]
    assert stop(second, within=10) == 0
    assert digest.json("status")["running"] == []
