"""The daemon as a process: stopped in the middle of a send again and again, it loses and doubles nothing."""

import json
import mailbox as maildirs
import os
import random
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from bounces import report
from digest.store import owners, processes
from digest.store.database import Database
from feeds import Answer, Feeds, rss, slow
from postbox import Mailbox
from processes import Installation, stop, wait_for

STOPS = int(os.environ.get("STOPS", "2"))  #: more of them for a longer look: STOPS=25
READERS = 80 * STOPS


@pytest.fixture
def installed(tmp_path, mailbox) -> Installation:
    """With news and readers, sending to `mailbox`."""
    smtp = {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "SECURITY": "none", "CONNECTIONS": "4"}
    settings = {f"DIGEST_SMTP__{key}": value for key, value in smtp.items()}
    digest = Installation(tmp_path, **settings, DIGEST_WEB__PORT="0")
    now = datetime.now(UTC)
    rows = [
        {
            "url": f"https://news.example.org/{n}",
            "title": f"{what} in the northern port towns",
            "published": (now - timedelta(hours=n)).isoformat(),
            "source": "Ledger",
        }
        for n, what in enumerate(("Strike", "Storm", "Wedding"), 1)
    ]
    (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, rows)))
    digest("import", "news.jsonl")
    (tmp_path / "readers.csv").write_text("\n".join(["email", *(f"reader{n}@example.net" for n in range(READERS))]))
    digest("subscribers", "import", "readers.csv", "--consent", "asked")
    return digest


@pytest.mark.timeout(60 + 15 * STOPS)
def test_stopped_in_the_middle_of_a_send_it_loses_and_doubles_nothing(installed: Installation, mailbox: Mailbox):
    edition = installed.json("build", "daily")["edition"]
    installed("approve", edition)
    installed("deliveries", "retry", edition)  # now, and not at its hour
    dice = random.Random(7)
    mailbox.hooks["rcpt"] = lambda _envelope: time.sleep(0.004)  # slow enough to be in the middle
    for number in range(STOPS):
        daemon = installed.start("run")
        so_far = len(mailbox.messages)
        goal = so_far + dice.uniform(0, (READERS - so_far) / (STOPS - number + 1))
        wait_for(lambda goal=goal: len(mailbox.messages) > goal)
        assert stop(daemon, within=10) == 0
        rows = installed.json("deliveries", "list", edition)["deliveries"]
        sent = sum(row["state"] == "sent" for row in rows)
        assert sent == len(mailbox.messages)
        assert {row["state"] for row in rows} <= {"sent", "queued"}
    assert installed.json("send", edition)["sent"] == READERS
    assert len(set(mailbox.addresses)) == len(mailbox.addresses) == READERS
    assert all(row["in_doubt"] == 0 for row in installed.json("deliveries", "list", edition)["deliveries"])


def test_the_slot_comes_and_the_daemon_sends_by_itself(installed: Installation, mailbox: Mailbox):
    """One minute ahead at most: the smallest step of `send_at`."""
    now = datetime.now(UTC)
    due = (now + timedelta(seconds=3)).replace(microsecond=0)
    installed.environment["DIGEST_NEWSLETTERS__DAILY__SEND_AT"] = f"{due:%H:%M:%S}"
    installed("build")  # makes the newsletter known before its hour
    daemon = installed.start("run")
    wait_for(lambda: len(mailbox.messages) == READERS, seconds=60)
    assert datetime.now(UTC) >= due
    assert stop(daemon, within=10) == 0
    assert len(set(mailbox.addresses)) == READERS


def test_the_daemon_polls_and_stops_at_once_in_the_middle_of_it(installed: Installation):
    with Feeds() as feeds:
        at = datetime.now(UTC) - timedelta(hours=1)
        feeds.answers |= {
            "/feed": Answer(200, rss([("https://ledger.example/1", "A feed's article", at)])),
            "/slow": Answer(200, b"", seconds=20),
        }
        paths = {"Ledger": feeds.url("/feed"), "Slow": feeds.url("/slow", "127.0.0.2")}
        tables = [{"name": name, "url": url} for name, url in paths.items()]
        installed.environment |= {"DIGEST_SOURCES": json.dumps(tables), "DIGEST_FETCH__ALLOW": '["127.0.0.0/8:*"]'}
        daemon = installed.start("run")

        def arrived() -> bool:
            rows = installed.json("sources", "list")["sources"]
            return any((one["name"], one["stored"]) == ("Ledger", 4) for one in rows)

        wait_for(arrived)
        assert stop(daemon, within=2) == 0


def test_the_daemon_reads_what_comes_back_from_a_maildir_and_by_lmtp(installed: Installation, mailbox: Mailbox):
    installed("send", installed.json("build", "daily")["edition"])
    first, second, *_ = mailbox.messages
    box = maildirs.Maildir(installed.folder / "came")
    box.add(report(first.recipient, to=first.sender))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    installed.environment |= {"DIGEST_FEEDBACK__MAILDIR": "came", "DIGEST_FEEDBACK__LMTP_PORT": str(port)}
    daemon = installed.start("run")
    wait_for(lambda: not len(box))
    with smtplib.LMTP("127.0.0.1", port) as client:
        assert client.sendmail("", [second.sender], report(second.recipient)) == {}
    assert stop(daemon, within=10) == 0
    told = {one["address"] for one in installed.json("suppressions", "list")["suppressions"]}
    assert told == {first.recipient, second.recipient}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("command", "code"), [("run", 0), ("fetch", 1)])
def test_stopped_while_a_feed_takes_long_to_parse_it_ends_at_once_with_all_it_started(installed, command, code):
    with Feeds() as feeds:
        feeds.answers["/slow"] = Answer(200, slow())
        tables = [{"name": "Slow", "url": feeds.url("/slow")}]
        installed.environment |= {"DIGEST_SOURCES": json.dumps(tables), "DIGEST_FETCH__ALLOW": '["127.0.0.0/8:*"]'}
        running = installed.start(command)
        children = Path("/proc", str(running.pid), "task", str(running.pid), "children")
        wait_for(lambda: bool(children.read_text().split()))
        (worker,) = children.read_text().split()
        assert stop(running, within=2) == code
        assert not Path("/proc", worker).exists()


def test_told_to_stop_while_it_is_still_starting_it_ends_well():
    """As far as the moment at which the command has been recognised, and before anything runs."""
    words = "import time; from digest.cli import main; main.get_command(None, 'run'); print('go', flush=True)"
    starting = subprocess.Popen(
        [sys.executable, "-c", f"{words}; time.sleep(60)"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert starting.stdout is not None
    assert starting.stdout.readline() == "go\n"
    assert stop(starting, within=10) == 0


@pytest.fixture
def before_the_server(installed: Installation, postgresql_url: str, tmp_path: Path) -> Callable[[], None]:
    """`installed` with a PostgreSQL that nobody finds yet; what lets it be found."""
    there = make_url(postgresql_url)
    folder = tmp_path / "run"
    folder.mkdir()
    installed.environment["DIGEST_DATABASE__URL"] = there.set(
        query={**there.query, "host": str(folder)}
    ).render_as_string(hide_password=False)
    (name,) = (one.name for one in Path(str(there.query["host"])).glob(".s.PGSQL.*[0-9]"))
    return lambda: (folder / name).symlink_to(Path(str(there.query["host"])) / name)


def test_a_server_that_starts_later_is_waited_for(installed: Installation, before_the_server, postgresql_url: str):
    """As when both come back after the machine did: whoever starts us again and again gives up after some times."""
    daemon = installed.start("work")
    assert daemon.stdout is not None
    assert daemon.stdout.readline().endswith(
        "the database: it cannot be reached, or does not let us in (OperationalError); waiting for it\n"
    )
    before_the_server()
    database = Database(postgresql_url)
    wait_for(lambda: owners.living(database) == 1)
    database.close()
    assert stop(daemon, within=10) == 0


@pytest.mark.usefixtures("before_the_server")
def test_told_to_stop_while_it_waits_for_the_database_it_ends_well(installed: Installation):
    daemon = installed.start("work")
    assert daemon.stdout is not None
    assert "waiting for it" in daemon.stdout.readline()
    assert stop(daemon, within=5) == 0


def test_a_terminal_that_goes_ends_it_cleanly_and_nohup_outlives_that(installed: Installation):
    wanted, outlives = (installed.start("work", preexec_fn=it) for it in (None, ignore_hangup))
    wait_for(lambda: len([*installed.folder.glob("digest.db.owners/*")]) == 2)
    for one in (wanted, outlives):
        one.send_signal(signal.SIGHUP)
    wanted.communicate(timeout=20)
    assert wanted.returncode == 0
    assert outlives.poll() is None
    assert stop(outlives, within=10) == 0
    assert not [*installed.folder.glob("digest.db.owners/*")]


def ignore_hangup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@pytest.mark.parametrize("command", ["work", "serve"])
def test_a_schema_that_moves_under_it_ends_it_with_one_line(installed: Installation, command: str):
    """As when the first of several machines is brought up to date."""
    daemon = installed.start(command)
    database = Database(f"sqlite:///{installed.folder / 'digest.db'}")
    wait_for(lambda: any(installed.folder.glob("digest.db.owners/*")))  # it has looked once, at its start
    with database.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    try:
        said, _ = daemon.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        daemon.kill()
        said, _ = daemon.communicate()
    assert daemon.returncode == 1
    assert said.strip().splitlines()[-1].startswith("digest: this program is older than the database")
    assert "Traceback" not in said


def test_a_database_that_is_taken_away_under_it_ends_it_with_one_line(installed: Installation):
    """What it wrote into the file that nobody sees any more would be lost."""
    daemon = installed.start("serve")
    database = Database(f"sqlite:///{installed.folder / 'digest.db'}")

    def has_signed() -> bool:
        with database.read() as db:
            return bool(processes.running(db, now=datetime.now(UTC)))

    wait_for(has_signed)
    database.close()
    (installed.folder / "digest.db").rename(installed.folder / "moved.db")
    said, _ = daemon.communicate(timeout=60)
    assert daemon.returncode == 1
    assert said.startswith(f"digest: there is no database {installed.folder / 'digest.db'}: ")
    assert len(said.splitlines()) == 1


def test_it_says_in_one_line_why_it_does_not_start(installed: Installation):
    path = installed.folder / "config.toml"
    path.write_text(path.read_text().replace("secrets = [", "secretz = ["))
    assert "Traceback" not in installed("run", code=78)


def test_of_two_daemons_one_leads_and_the_other_takes_over_when_it_is_killed(installed: Installation):
    """`digest status` says which, and when there is none."""
    assert installed.json("status")["leader"] is None

    def leader() -> str:
        found = installed.json("status")["leader"]
        return found["owner"] if found else ""

    first, second = daemons = [installed.start("run") for _ in range(2)]
    try:
        wait_for(lambda: bool(leader()))
        led = next(one for one in daemons if f"-{one.pid}-" in leader())
        led.kill()
        other = second if led is first else first
        wait_for(lambda: f"-{other.pid}-" in leader())
        assert f"-{other.pid}-" in installed("status")
        assert stop(other, within=10) == 0
        assert "No `digest run` is at work" in installed("status")
    finally:
        for one in daemons:
            one.kill()
            one.communicate()
