"""`digest stats`, from what was sent and what came back to the figures of an edition and of a newsletter."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bounces import complaint, report
from digest import config
from digest.cli.statistics import month_starts
from digest.store.database import Database
from digest.web.app import create_app
from postbox import Mailbox


@pytest.fixture
def sent(digest, news, mailbox: Mailbox, tmp_path):
    """An edition that five readers have; its key, and the copies by name."""
    readers = tmp_path / "five.csv"
    names = ("ada", "bela", "cleo", "dora", "emil")
    readers.write_text("email\n" + "".join(f"{name}@example.net\n" for name in names))
    assert digest("import", str(news)).code == 0
    assert digest("subscribers", "import", str(readers), "--consent", "Yes").code == 0
    edition = digest("build", "--json").json["edition"]
    assert digest("send", edition, "--json").json["sent"] == 5
    return edition, {one.recipient.partition("@")[0]: one for one in mailbox.messages}


def came_back(digest, tmp_path, number, message):
    path = tmp_path / f"came-{number}.eml"
    path.write_bytes(message)
    assert digest("feedback", str(path)).code == 0


def test_an_edition_its_bounces_complaints_and_who_left(digest, sent, tmp_path):
    edition, copies = sent
    ada, bela = copies["ada"], copies["bela"]
    came_back(digest, tmp_path, 1, report(ada.recipient, to=ada.sender))
    came_back(digest, tmp_path, 2, report(ada.recipient, to=ada.sender, status="4.2.2", said="mailbox full"))
    token = str(bela.parsed["CFBL-Feedback-ID"]).partition(":")[2]
    came_back(digest, tmp_path, 3, complaint("redacted", token=token))
    assert digest("unsubscribe", "cleo@example.net").code == 0
    said = digest("stats", edition, "--json").json
    (one,) = said["editions"]
    assert one == {
        "edition": edition,
        "audience": 5,
        "states": {"sent": 5},
        "bounces": {"hard": 1},
        "complaints": 1,
        "left": 2,
        "clicks": 0,
        "thinned": 0,
    }
    assert [row["clicks"] for row in said["stories"]] == [0] * len(said["stories"])
    assert digest("stats", "daily", "--json").json["editions"] == [one]


def test_readers_by_month(digest, sent):
    assert digest("unsubscribe", "cleo@example.net").code == 0
    said = digest("stats", "--months", "2", "--json").json
    before, now = said["readers"]["daily"]
    assert (before["joined"], before["left"], before["readers"]) == (0, 0, 0)
    assert (now["joined"], now["left"], now["readers"]) == (5, 1, 4)
    assert now["start"] == datetime.now(UTC).strftime("%Y-%m-01")


def test_from_a_link_in_the_mail_to_the_number_of_its_story(digest, news, readers, mailbox: Mailbox, monkeypatch):
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__COUNT_CLICKS", "true")
    assert digest("import", str(news)).code == 0
    assert digest("subscribers", "import", str(readers), "--consent", "Yes").code == 0
    edition = digest("build", "--json").json["edition"]
    assert digest("lint", edition).code == 0
    assert digest("send", edition, "--json").json["sent"] == 2
    ours = [re.findall(r"https://news\.example\.org(/r/\S+)", _text(one)) for one in mailbox.messages]
    assert ours[0] == ours[1]  # the same for all readers
    settings = config.load(Path("config.toml"))
    database = Database(settings.database.url.get_secret_value())
    pages = TestClient(create_app(settings, database), follow_redirects=False)
    answer = pages.get(ours[0][0], headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    database.close()
    said = digest("stats", edition, "--json").json
    assert said["editions"][0]["clicks"] == 1
    assert said["stories"][0]["clicks"] == 1
    urls = {item["id"]: item["url"] for item in digest("editions", "show", edition, "--json").json["stories"]}
    assert answer.headers["location"] == urls[said["stories"][0]["id"]]
    assert "1  " in digest("stats", edition).out


def test_it_names_nobody_and_says_where_there_is_nothing(digest, sent):
    edition, _ = sent
    for words in (["stats"], ["stats", edition], ["stats", "daily", "--json"]):
        said = digest(*words)
        assert said.code == 0
        assert edition in said.out
        assert "example.net" not in said.out
    assert digest("stats", "weekly").code == 1
    assert "no newsletter 'weekly'" in digest("stats", "weekly").err
    assert digest("stats", "daily/1999-01-01").code == 1


def test_before_the_first_edition(digest):
    assert "no edition has been approved" in digest("stats").out
    assert "none so far" in digest("stats").out


def test_months_are_those_up_to_this_one():
    starts = month_starts(datetime(2026, 2, 14, tzinfo=UTC), 3)
    assert [f"{one:%Y-%m-%d}" for one in starts] == ["2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01"]


def _text(caught):
    part = caught.parsed.get_body(("plain",))
    assert part is not None
    return part.get_content()
